//! Whether a resource meets a filter. Of several values any may meet a comparison; a complex value
//! without a part stands for its `value`. Text without case is compared as user names are unique.

use std::{borrow::Cow, cmp::Ordering};

use jiff::Timestamp;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::{Expression, Operator};
use crate::scim::{
    name::AttributePath,
    schema::{Attribute, Kind, Schemas, Target},
};

pub(super) fn resource_matches(expression: &Expression, resource: &Value, schemas: &Schemas) -> bool {
    let path = |path: &AttributePath| match schemas.find(path) {
        Some(Target::Attribute(place)) => Some((place.extension, place.attribute, place.part)),
        _ => None,
    };
    let meets = |name: &AttributePath, meets: &mut dyn FnMut(&Value, &Attribute) -> bool| {
        let (extension, attribute, part) = path(name)?;
        let holder = extension.map_or(Some(resource), |urn| resource.get(urn))?;
        let value = holder.get(attribute.name.as_ref())?;
        Some(values(value).any(|value| part_meets(value, attribute, part, meets)))
    };
    walk(expression, &mut |term| match term {
        Expression::Present(path) => meets(path, &mut |value, _| is_present(value)).unwrap_or(false),
        Expression::Values(path, inside) => {
            meets(path, &mut |value, attribute| value_matches(inside, value, attribute)).unwrap_or(false)
        }
        Expression::Compare(path, operator, to) => {
            let compared = meets(path, &mut |value, attribute| compares(value, attribute, *operator, to));
            compared.unwrap_or_else(|| absent_meets(*operator, to))
        }
        _ => false,
    })
}

/// Whether one value of `attribute` meets what stands in its brackets.
pub(crate) fn value_matches(expression: &Expression, value: &Value, attribute: &Attribute) -> bool {
    let part = |name: &AttributePath| match attribute.part(&name.name) {
        Some(part) => value.get(part.name.as_ref()).map(|value| (value, part)),
        // The value of an attribute without parts is called so.
        None => (attribute.parts.is_empty() && name.name.eq_ignore_ascii_case("value"))
            .then_some((value, attribute)),
    };
    walk(expression, &mut |term| match term {
        Expression::Present(path) => part(path).is_some_and(|(value, _)| is_present(value)),
        Expression::Compare(path, operator, to) => match part(path) {
            Some((value, part)) => compares(value, part, *operator, to),
            None => absent_meets(*operator, to),
        },
        _ => false,
    })
}

/// And, or and not; the rest is told by `term`.
fn walk(expression: &Expression, term: &mut dyn FnMut(&Expression) -> bool) -> bool {
    match expression {
        Expression::And(all) => all.iter().all(|one| walk(one, term)),
        Expression::Or(all) => all.iter().any(|one| walk(one, term)),
        Expression::Not(one) => !walk(one, term),
        one => term(one),
    }
}

fn values(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn part_meets(
    value: &Value,
    attribute: &Attribute,
    part: Option<&Attribute>,
    meets: &mut dyn FnMut(&Value, &Attribute) -> bool,
) -> bool {
    match part {
        Some(part) => value.get(part.name.as_ref()).is_some_and(|value| meets(value, part)),
        None => meets(value, attribute),
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(parts) => !parts.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// What is not there is null, and different from all else.
fn absent_meets(operator: Operator, to: &Value) -> bool {
    match operator {
        Operator::Equal => to.is_null(),
        Operator::NotEqual => !to.is_null(),
        _ => false,
    }
}

fn compares(value: &Value, attribute: &Attribute, operator: Operator, to: &Value) -> bool {
    if value.is_object() {
        return match (attribute.part("value"), value.get("value")) {
            (Some(part), Some(value)) => compares(value, part, operator, to),
            _ => absent_meets(operator, to),
        };
    }
    let order = || compare_values(value, to, attribute);
    let text = |meets: fn(&str, &str) -> bool| match (as_text(value), as_text(to)) {
        (Some(value), Some(to)) if attribute.case_exact => meets(&value, &to),
        (Some(value), Some(to)) => meets(&folded(&value), &folded(&to)),
        _ => false,
    };
    match operator {
        Operator::Equal => order() == Some(Ordering::Equal),
        Operator::NotEqual => order() != Some(Ordering::Equal),
        Operator::Contains => text(|value, to| value.contains(to)),
        Operator::StartsWith => text(|value, to| value.starts_with(to)),
        Operator::EndsWith => text(|value, to| value.ends_with(to)),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => order().is_some_and(Ordering::is_le),
    }
}

/// How two values of `attribute` stand to each other; `None`: they cannot be compared.
pub(crate) fn compare_values(one: &Value, other: &Value, attribute: &Attribute) -> Option<Ordering> {
    match attribute.kind {
        Kind::Boolean => Some(as_bool(one)?.cmp(&as_bool(other)?)),
        Kind::Integer | Kind::Decimal => match (as_whole(one), as_whole(other)) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => as_number(one)?.partial_cmp(&as_number(other)?),
        },
        Kind::DateTime => Some(as_instant(one)?.cmp(&as_instant(other)?)),
        Kind::Complex => None,
        Kind::Text | Kind::Binary | Kind::Reference => {
            let (one, other) = (as_text(one)?, as_text(other)?);
            match attribute.case_exact {
                true => Some(one.cmp(&other)),
                false => Some(folded(one.trim()).cmp(&folded(other.trim()))),
            }
        }
    }
}

/// Whether two texts are one to `attribute`.
pub(crate) fn same_text(one: &Value, other: &Value, attribute: &Attribute) -> bool {
    compare_values(one, other, attribute) == Some(Ordering::Equal)
}

/// As [`crate::secret::fold`] does, but with the space around the text.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true if text.bytes().any(|byte| byte.is_ascii_uppercase()) => text.to_ascii_lowercase().into(),
        true => text.into(),
        false => text.nfkc().flat_map(char::to_lowercase).nfkc().collect::<String>().into(),
    }
}

fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(value) => Some(value.to_string().into()),
        _ => None,
    }
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whole numbers are compared as such: as floating point, large ones next to each other are the same.
fn as_whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn as_instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.trim().parse().ok()
}
