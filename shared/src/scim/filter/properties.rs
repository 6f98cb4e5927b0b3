//! What holds for every filter.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "(userName|title|emails|emails\\.value|name\\.familyName|active|meta\\.lastModified|members|id)",
        "[A-Za-z][A-Za-z0-9_-]{0,8}(\\.\\$?[A-Za-z][A-Za-z0-9]{0,4})?",
        "urn:[a-z]{1,4}:2\\.0:User:[a-z]{1,5}(\\.[a-z]{1,5})?",
    ]
    // The word before a parenthesis is the negation.
    .prop_filter("a name", |name| !name.eq_ignore_ascii_case("not"))
}

fn path() -> impl Strategy<Value = AttributePath> {
    name().prop_map(|name| name.parse().expect("a name"))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,8}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Quarters: serde_json, by which scim_v2 reads numbers, gets others almost right.
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn term() -> impl Strategy<Value = Expression> {
    let operator = proptest::sample::select(Operator::ALL.map(|(_, operator)| operator).to_vec());
    prop_oneof![
        1 => path().prop_map(Expression::Present),
        4 => (path(), operator, value())
            .prop_map(|(path, operator, value)| Expression::Compare(path, operator, value)),
    ]
}

/// Expressions as they are read: of the same kind none stands within the other.
fn joined(inside: impl Strategy<Value = Expression> + Clone) -> impl Strategy<Value = Expression> {
    let several = || proptest::collection::vec(inside.clone(), 2..4);
    let flat = |all: Vec<Expression>, of_kind: fn(Expression) -> Result<Vec<Expression>, Expression>| {
        all.into_iter().flat_map(|one| of_kind(one).unwrap_or_else(|one| vec![one])).collect::<Vec<_>>()
    };
    prop_oneof![
        several().prop_map(move |all| Expression::And(flat(all, |one| match one {
            Expression::And(all) => Ok(all),
            one => Err(one),
        }))),
        several().prop_map(move |all| Expression::Or(flat(all, |one| match one {
            Expression::Or(all) => Ok(all),
            one => Err(one),
        }))),
        inside.clone().prop_map(|one| Expression::Not(Box::new(one))),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let in_brackets = term().prop_recursive(3, 8, 3, joined);
    let leaf = prop_oneof![
        3 => term(),
        1 => (path(), in_brackets).prop_map(|(path, inside)| Expression::Values(path, Box::new(inside))),
    ];
    leaf.prop_recursive(4, 24, 4, joined).prop_map(Filter)
}

/// Text that is nearly a filter.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "(userName|emails|not|and|or|eq|co|pr|gt|True|null|-1|1\\.5|\"a\"|\"|\\\\|\\(|\\)|\\[|\\]|\\.|:| |urn:a:b:c)",
        "\\PC",
    ];
    proptest::collection::vec(word, 0..16).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn a_filter_prints_what_reads_back_to_it(filter in filter()) {
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![any::<String>(), nearly()]) {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }

    #[test]
    fn what_scim_v2_reads_we_read_alike(text in prop_oneof![filter().prop_map(|filter| filter.to_string()), nearly()]) {
        if let Ok(theirs) = text.parse::<scim_v2::filter::Filter>() {
            let ours = Filter::parse(&text);
            prop_assert_eq!(ours, Filter::parse(&theirs.to_string()), "{}", theirs);
        }
    }

    #[test]
    fn a_resource_that_a_lookup_does_not_find_does_not_meet_the_filter(
        filter in filter(),
        user_name in "[ab]",
        email in "[ab]",
    ) {
        let schemas = Schemas::user(&[]);
        let resource = serde_json::json!({ "id": "1", "userName": user_name, "emails": [{ "value": email }] });
        if let Some(lookups) = filter.lookup(&schemas) {
            let found = lookups.iter().any(|lookup| match lookup {
                Lookup::Id(id) => id == "1",
                Lookup::UserName(name) => folded(name.trim()) == user_name,
                Lookup::Email(value) => folded(value.trim()) == email,
                _ => false,
            });
            prop_assert!(found || !filter.matches(&resource, &schemas));
        }
    }
}
