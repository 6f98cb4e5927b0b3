//! The values of customer fields: what is empty, what is canonical, what is alike.

use serde_json::Value;

use super::CustomerField;
use crate::secret::fold;

/// The canonical form of a value of `field`; `None` is empty, `Err` names the broken rule.
pub(super) fn canonical(field: &CustomerField, value: Value) -> Result<Option<Value>, &'static str> {
    if is_empty(&value) {
        return Ok(None);
    }
    match field {
        CustomerField::Id | CustomerField::CustomerGroupId => number(&value),
        CustomerField::AcceptsMarketing => truth(&value),
        CustomerField::ChannelIds => numbers(&value),
        CustomerField::FormField(_) => match value {
            Value::Object(_) => Err("text, a number or a list"),
            Value::Bool(truth) => Ok(Some(truth.to_string().into())),
            value => Ok(Some(value)),
        },
        _ => text(&value).map(|text| Some(text.into())).ok_or("text"),
    }
}

/// Whether two values of `field` are one: e-mail addresses are by [`fold`], form fields by their
/// text (a number and its digits are one), all others by their canonical form.
pub fn alike(field: &CustomerField, one: Option<&Value>, other: Option<&Value>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one == other };
    match field {
        CustomerField::Email => respelled(Some(one), Some(other)),
        CustomerField::FormField(_) => one == other || (text(one).is_some() && text(one) == text(other)),
        _ => one == other,
    }
}

/// Whether two values differ in case, white space or normalisation at most.
pub(crate) fn respelled(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one.and_then(Value::as_str), other.and_then(Value::as_str)) {
        (Some(one), Some(other)) => fold(one) == fold(other),
        _ => false,
    }
}

/// A single value as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn number(value: &Value) -> Result<Option<Value>, &'static str> {
    match whole(value) {
        Some(0) => Ok(None),
        Some(number) => Ok(Some(number.into())),
        None => Err("a whole number up to 2147483647"),
    }
}

fn truth(value: &Value) -> Result<Option<Value>, &'static str> {
    match text(value).map(|text| text.trim().to_lowercase()).as_deref() {
        Some("true") => Ok(Some(true.into())),
        Some("false") => Ok(None),
        _ => Err("true or false"),
    }
}

fn numbers(value: &Value) -> Result<Option<Value>, &'static str> {
    const RULE: &str = "a list of whole numbers";
    let items = value.as_array().ok_or(RULE)?;
    let mut numbers = items.iter().map(whole).collect::<Option<Vec<u32>>>().ok_or(RULE)?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Some(numbers.into()))
}

fn whole(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u32::try_from(number).ok().filter(|number| i32::try_from(*number).is_ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn empty_values_are_none() {
        for (field, value) in [
            (CustomerField::Company, json!("")),
            (CustomerField::Company, json!(null)),
            (CustomerField::CustomerGroupId, json!(0)),
            (CustomerField::CustomerGroupId, json!("0")),
            (CustomerField::AcceptsMarketing, json!("False")),
            (CustomerField::ChannelIds, json!([])),
        ] {
            assert_eq!(canonical(&field, value), Ok(None), "{field}");
        }
    }

    #[test]
    fn values_are_of_the_kind_of_their_field() {
        for (field, value, expected) in [
            (CustomerField::CustomerGroupId, json!("5"), json!(5)),
            (CustomerField::AcceptsMarketing, json!("True"), json!(true)),
            (CustomerField::ChannelIds, json!([2, "1", 2]), json!([1, 2])),
            (CustomerField::Company, json!(5), json!("5")),
            (CustomerField::FormField("Age".to_owned()), json!(5), json!(5)),
            (CustomerField::FormField("Age".to_owned()), json!("5"), json!("5")),
        ] {
            assert_eq!(canonical(&field, value), Ok(Some(expected)), "{field}");
        }
        assert!(canonical(&CustomerField::Company, json!(["a"])).is_err());
        assert!(canonical(&CustomerField::CustomerGroupId, json!(-1)).is_err());
        assert!(canonical(&CustomerField::Id, json!(2_147_483_648_u64)).is_err());
    }

    #[test]
    fn spellings_of_an_address_are_one_and_so_are_a_number_and_its_digits() {
        let age = CustomerField::FormField("Age".to_owned());
        assert!(alike(&CustomerField::Email, Some(&json!("A@x.example")), Some(&json!("a@X.example"))));
        assert!(alike(&age, Some(&json!(5)), Some(&json!("5"))));
        assert!(!alike(&CustomerField::Company, Some(&json!("a")), Some(&json!("A"))));
        assert!(!alike(&CustomerField::Email, Some(&json!("a@x.example")), None));
    }
}
