//! What filters mean, by example.

use serde_json::{Value, json};

use super::*;
use crate::scim::schema::{ENTERPRISE, FIELDS, GROUP, USER};

fn ada() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "id": "2819c223",
        "externalId": "A-1",
        "userName": "Ada@X.example",
        "name": { "familyName": "Lovelace", "givenName": "Ada" },
        "title": "Countess",
        "active": true,
        "emails": [
            { "value": "ada@x.example", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home", "primary": false },
        ],
        "addresses": [{ "locality": "London", "type": "home" }],
        "meta": { "resourceType": "User", "lastModified": "2026-01-31T12:00:00.5Z" },
        ENTERPRISE: { "department": "Engines", "employeeNumber": "0042", "manager": { "value": "7" } },
        FIELDS: { "points": 9007199254740993_i64, "channels": [1, 3], "since": "2020-02-29T00:00:00Z" },
    })
}

fn schemas() -> Schemas {
    let field = |name: &str, kind, multi_valued| crate::profile::ProfileField {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        multi_valued,
        required: false,
        read_only: false,
    };
    use crate::profile::FieldKind::{DateTime, Integer};
    Schemas::user(&[
        field("points", Integer, false),
        field("channels", Integer, true),
        field("since", DateTime, false),
    ])
}

fn meets(filter: &str) -> bool {
    let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()), "{filter}");
    filter.matches(&ada(), &schemas())
}

fn all_meet(filters: &[&str]) {
    let not: Vec<_> = filters.iter().filter(|filter| !meets(filter)).collect();
    assert_eq!(not.len(), 0, "not met: {not:?}");
}

fn none_meets(filters: &[&str]) {
    let met: Vec<_> = filters.iter().filter(|filter| meets(filter)).collect();
    assert!(met.is_empty(), "met: {met:?}");
}

#[test]
fn text_is_compared_without_case_but_where_the_schema_says_so() {
    all_meet(&[
        r#"userName eq "ADA@x.EXAMPLE""#,
        r#"USERNAME Eq " ada@x.example ""#,
        r#"username EQ "ＡＤＡ@x.example""#,
        r#"externalId eq "A-1""#,
        r#"title co "oUnt""#,
        r#"title sw "count" and title ew "ESS""#,
        r#"name.familyName gt "love" and name.familyName le "lovelace""#,
        &format!(r#"{USER}:userName eq "ada@x.example""#),
        &format!(r#"{}:DEPARTMENT eq "engines""#, ENTERPRISE.to_uppercase()),
    ]);
    none_meets(&[
        r#"externalId eq "a-1""#,
        r#"id eq "2819C223""#,
        r#"title sw "ess""#,
        r#"title eq "Countes""#,
    ]);
}

#[test]
fn of_several_values_any_may_meet_a_comparison() {
    all_meet(&[
        r#"emails.value eq "ada@home.example""#,
        r#"emails.type eq "work""#,
        r#"emails.value ne "ada@home.example""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#,
        &format!("{FIELDS}:channels eq 3"),
        &format!("{FIELDS}:channels[value gt 2]"),
    ]);
    none_meets(&[r#"emails.value eq "ada""#, &format!("{FIELDS}:channels eq 2")]);
}

#[test]
fn a_complex_attribute_stands_for_its_value() {
    all_meet(&[
        r#"emails eq "ADA@home.example""#,
        r#"emails co "home""#,
        &format!(r#"{ENTERPRISE}:manager eq "7""#),
        "emails pr and addresses pr and name pr",
    ]);
    none_meets(&[r#"name eq "Ada""#, r#"addresses eq "London""#]);
}

#[test]
fn one_value_meets_all_that_stands_in_brackets() {
    all_meet(&[
        r#"emails[type eq "work" and value co "@x"]"#,
        r#"emails[not (type eq "work")]"#,
        r#"emails[(type eq "x" or primary eq true) and value pr]"#,
        r#"addresses[locality eq "london"]"#,
    ]);
    none_meets(&[
        r#"emails[type eq "home" and value co "@x"]"#,
        r#"emails[display pr]"#,
        r#"photos[type eq "photo"]"#,
    ]);
}

#[test]
fn entra_id_compares_what_brackets_leave() {
    all_meet(&[
        r#"emails[type eq "work"].value eq "ada@x.example""#,
        r#"emails[type eq "work"] eq "ada@x.example""#,
        r#"emails[type eq "work"].primary pr and active eq True"#,
        r#"emails[type eq "x" or type eq "home"].value sw "ada@home""#,
    ]);
    none_meets(&[r#"emails[type eq "home"].value eq "ada@x.example""#, "active eq False"]);
}

#[test]
fn times_are_compared_as_instants_and_numbers_as_numbers() {
    all_meet(&[
        r#"meta.lastModified eq "2026-01-31T13:00:00.500+01:00""#,
        r#"meta.lastModified gt "2026-01-31T12:00:00Z""#,
        r#"meta.lastModified lt "2026-01-31T23:30:00+11:00""#,
        &format!("{FIELDS}:points gt 9007199254740992"),
        &format!("{FIELDS}:points lt 9.1e15"),
        &format!(r#"{FIELDS}:points ge "9007199254740993""#),
        &format!(r#"{FIELDS}:since lt "2020-02-29T00:00:01Z""#),
    ]);
    none_meets(&[
        r#"meta.lastModified gt "yesterday""#,
        r#"meta.lastModified eq "2026-01-31""#,
        &format!("{FIELDS}:points eq 9007199254740992"),
    ]);
}

#[test]
fn what_is_not_there_is_null_and_nothing_else() {
    all_meet(&[
        "nickName eq null",
        "not (nickName pr)",
        r#"nickName ne "x""#,
        "title ne null",
        "shoeSize eq null",
        "urn:example:2.0:User:x eq null",
    ]);
    none_meets(&["nickName pr", "shoeSize pr", r#"nickName co """#, "nickName lt 5", "title eq null"]);
}

#[test]
fn or_binds_less_than_and_and_not_the_most() {
    all_meet(&[
        "title pr or nickName pr and nickName pr",
        "not (nickName pr) and title pr",
        "not(nickName pr or photos pr)",
        "( ( title pr ) )",
        "  title   PR  ",
    ]);
    none_meets(&["(title pr or nickName pr) and nickName pr", "not (title pr) or nickName pr"]);
}

#[test]
fn other_text_is_refused() {
    for text in [
        "",
        " ",
        "userName",
        "userName eq",
        "eq \"a\"",
        "userName eq a",
        "userName xx \"a\"",
        "userName eq \"a",
        "userName eq \"a\" and",
        "and title pr",
        "title pr title pr",
        "(title pr",
        "title pr)",
        "not title pr",
        "emails[type eq \"a\"",
        "emails[]",
        "emails[a[b pr]]",
        "emails[type pr].",
        "emails[type pr].a.b eq 1",
        "a eq 1e999",
        "a eq 01",
        "a eq 'x'",
        "a eq {}",
        "a eq [1]",
        "a eq \"\\x\"",
        "a..b pr",
        ".a pr",
        "é pr",
        "\u{0}",
    ] {
        assert!(Filter::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_filter_that_asks_an_order_of_true_and_false_is_told_apart() {
    let check = |filter: &str| Filter::parse(filter).unwrap().check(&schemas());
    for unordered in ["active gt true", "emails[primary le false]", "x509Certificates.value lt \"a\""] {
        assert!(matches!(check(unordered), Err(FilterError::Unordered { .. })), "{unordered}");
    }
    for ordered in ["active eq true", "userName gt \"a\"", "shoeSize gt 4", "emails[value gt \"a\"]"] {
        assert_eq!(check(ordered), Ok(()), "{ordered}");
    }
}

#[test]
fn filters_beyond_the_bounds_are_refused_g32() {
    let ors = vec!["a pr"; 10_000].join(" or ");
    let within = vec!["a eq 1"; MOST_TERMS].join(" or ");
    let deep = |levels: usize| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
    assert!(Filter::parse(&within).is_ok());
    assert!(Filter::parse(&format!("{within} or b pr")).is_err());
    assert!(Filter::parse(&ors).is_err());
    assert!(Filter::parse(&deep(DEEPEST)).is_ok());
    assert!(Filter::parse(&deep(DEEPEST + 1)).is_err());
    for bomb in [
        deep(5_000),
        "(".repeat(9_999),
        "not(".repeat(2_000),
        "a[".repeat(4_000),
        format!("a eq \"{}\"", "x".repeat(1 << 20)),
    ] {
        assert!(Filter::parse(&bomb).is_err());
    }
}

#[test]
fn the_deepest_filter_needs_little_stack_g32() {
    let levels = DEEPEST - 2;
    let text = format!("{}emails[type eq \"work\"]{}", "not (".repeat(levels), ")".repeat(levels));
    let within = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        let filter = Filter::parse(&text).unwrap();
        let schemas = Schemas::user(&[]);
        filter.matches(&ada(), &schemas) && filter.to_string() == text && filter.lookup(&schemas).is_none()
    });
    assert!(within.unwrap().join().unwrap());
}

#[test]
fn an_equality_on_a_unique_attribute_is_looked_up() {
    let lookup = |filter: &str| Filter::parse(filter).unwrap().lookup(&schemas());
    let name = || Lookup::UserName("a".to_owned());
    let email = |value: &str| Lookup::Email(value.to_owned());
    assert_eq!(lookup(r#"userName eq "a""#), Some(vec![name()]));
    assert_eq!(lookup(&format!(r#"{USER}:USERNAME eq "a""#)), Some(vec![name()]));
    assert_eq!(lookup(r#"id eq "a""#), Some(vec![Lookup::Id("a".to_owned())]));
    assert_eq!(lookup(r#"externalId eq 7"#), Some(vec![Lookup::ExternalId("7".to_owned())]));
    assert_eq!(lookup(r#"emails eq "a" or emails.value eq "b""#), Some(vec![email("a"), email("b")]));
    assert_eq!(lookup(r#"emails[type eq "work" and value eq "a"]"#), Some(vec![email("a")]));
    assert_eq!(lookup(r#"emails[type eq "work"].value eq "a""#), Some(vec![email("a")]));
    assert_eq!(lookup(r#"title co "x" and (userName eq "a" or userName eq "a")"#), Some(vec![name()]));
    for other in [
        r#"userName eq "a" or title pr"#,
        r#"not (userName eq "a")"#,
        r#"userName ne "a""#,
        r#"userName sw "a""#,
        r#"emails.type eq "a""#,
        r#"emails[type eq "work"]"#,
        r#"displayName eq "a""#,
        "userName eq null",
    ] {
        assert_eq!(lookup(other), None, "{other}");
    }
}

#[test]
fn a_filter_on_groups_tells_which_members_it_asks_about() {
    let schemas = Schemas::group();
    let asked = |filter: &str| Filter::parse(filter).unwrap().members_asked(&schemas);
    let some = |values: &[&str]| Some(values.iter().map(|value| (*value).to_owned()).collect());
    assert_eq!(asked(r#"id eq "g" and members eq "u""#), some(&["u"]));
    assert_eq!(asked(r#"members[value eq "u"] or not (members.value eq "v")"#), some(&["u", "v"]));
    assert_eq!(asked(r#"displayName eq "x""#), some(&[]));
    for all in
        ["members pr", r#"members.type eq "User""#, r#"members[not (value eq "u")]"#, r#"members ne "u""#]
    {
        assert_eq!(asked(all), None, "{all}");
    }
    let lookup = |filter: &str| Filter::parse(filter).unwrap().lookup(&schemas);
    assert_eq!(lookup(r#"displayName eq "x""#), Some(vec![Lookup::DisplayName("x".to_owned())]));
    assert_eq!(lookup(r#"members.value eq "u""#), Some(vec![Lookup::Member("u".to_owned())]));
    assert_eq!(schemas.core.id, GROUP);
}

#[test]
fn a_number_is_read_as_it_is() {
    let filter = Filter::parse("a eq 4.700507891517468e299").unwrap();
    assert_eq!(filter.to_string(), "a eq 4.700507891517468e+299");
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
}

#[test]
fn a_filter_is_kept_as_its_text() {
    let filter: Filter = serde_json::from_value(json!("title PR And ( active eq TRUE )")).unwrap();
    assert_eq!(serde_json::to_value(&filter).unwrap(), json!("title pr and active eq true"));
    assert!(serde_json::from_value::<Filter>(json!("title")).is_err());
}
