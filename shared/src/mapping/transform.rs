//! Transforms: named, idempotent ways to change a value.

use std::fmt;

use serde_json::Value;

use super::{
    Transform,
    value::{is_empty, text},
};
use crate::places::{self, Country, UnknownCountry, UnknownState};

/// Whether constants and defaults are put in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Filling {
    Fill,
    Leave,
}

/// Applies `transforms` in order. `Err` tells the broken rule.
pub(super) fn apply(
    transforms: &[Transform],
    value: Option<Value>,
    country: Option<Country>,
    filling: Filling,
) -> Result<Option<Value>, &'static str> {
    let mut value = value.filter(|value| !is_empty(value));
    for transform in transforms {
        value = match (transform, value) {
            (Transform::Constant(constant), _) if filling == Filling::Fill => Some(constant.clone().into()),
            (Transform::Default(default), None) if filling == Filling::Fill => Some(default.clone().into()),
            (_, None) => None,
            (transform, Some(value)) => Some(transform.value(value, country)?),
        }
        .filter(|value| !is_empty(value));
    }
    Ok(value)
}

/// What both sides compare: what `to_store` makes of what `to_directory` makes of a value. It reads
/// as itself, so a value that was written to either side reads there as it was meant.
pub(super) fn compared(
    to_directory: &[Transform],
    to_store: &[Transform],
    value: Option<Value>,
    country: Option<Country>,
    filling: Filling,
) -> Result<Option<Value>, &'static str> {
    let in_directory = apply(to_directory, value, country, filling)?;
    apply(to_store, in_directory, country, filling)
}

/// What a rule does to values on their way, in words.
pub(super) fn write_steps(
    f: &mut fmt::Formatter<'_>,
    to_store: &[Transform],
    to_directory: &[Transform],
) -> fmt::Result {
    for (way, transforms) in [("to the store", to_store), ("to the directory", to_directory)] {
        if !transforms.is_empty() {
            let words: Vec<String> = transforms.iter().map(ToString::to_string).collect();
            write!(f, "; {way}: {}", words.join(", "))?;
        }
    }
    Ok(())
}

/// The names of the transforms that need no value, as people type them.
const NAMED: [(&str, Transform); 8] = [
    ("trim", Transform::Trim),
    ("lower", Transform::Lower),
    ("upper", Transform::Upper),
    ("country-alpha2", Transform::CountryAlpha2),
    ("country-alpha3", Transform::CountryAlpha3),
    ("country-name", Transform::CountryName),
    ("state-code", Transform::StateCode),
    ("state-name", Transform::StateName),
];

/// The text tells no transforms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no transform (trim, lower, upper, country-alpha2, country-alpha3, country-name, state-code, state-name, constant=…, default=…)"
)]
pub struct NotATransform(String);

/// The transforms that a line tells, in order: `trim, lower, default="a, b"`.
///
/// # Errors
/// A part of it is no transform.
pub fn read_transforms(line: &str) -> Result<Vec<Transform>, NotATransform> {
    let parts = parts_of(line).into_iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).map(|part| read_one(&part)).collect()
}

/// The line that tells these transforms.
pub fn write_transforms(transforms: &[Transform]) -> String {
    let one = |transform: &Transform| match transform {
        Transform::Constant(value) => format!("constant={}", quoted(value)),
        Transform::Default(value) => format!("default={}", quoted(value)),
        named => NAMED
            .iter()
            .find(|(_, known)| known == named)
            .map_or_else(String::new, |(name, _)| (*name).to_owned()),
    };
    transforms.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn quoted(value: &str) -> String {
    match value.contains([',', '"']) || value.trim() != value {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

/// The parts between commas that stand in no quotes.
fn parts_of(line: &str) -> Vec<String> {
    let (mut parts, mut inside) = (vec![String::new()], false);
    for letter in line.chars() {
        inside ^= letter == '"';
        match (letter, inside, parts.last_mut()) {
            (',', false, _) => parts.push(String::new()),
            (letter, _, Some(part)) => part.push(letter),
            (_, _, None) => {}
        }
    }
    parts
}

fn read_one(part: &str) -> Result<Transform, NotATransform> {
    if let Some((_, named)) = NAMED.iter().find(|(name, _)| *name == part) {
        return Ok(named.clone());
    }
    let value = |value: &str| {
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        bare.map_or_else(|| value.to_owned(), |bare| bare.replace("\"\"", "\""))
    };
    match part.split_once('=') {
        Some(("constant", given)) if !given.is_empty() => Ok(Transform::Constant(value(given))),
        Some(("default", given)) if !given.is_empty() => Ok(Transform::Default(value(given))),
        _ => Err(NotATransform(part.chars().take(60).collect())),
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transform::Trim => "trim",
            Transform::Lower => "lower case",
            Transform::Upper => "upper case",
            Transform::CountryAlpha2 => "country as two letters",
            Transform::CountryAlpha3 => "country as three letters",
            Transform::CountryName => "country by name",
            Transform::StateCode => "state by code",
            Transform::StateName => "state by name",
            Transform::Constant(value) => return write!(f, "always “{value}”"),
            Transform::Default(value) => return write!(f, "default “{value}”"),
        })
    }
}

impl Transform {
    /// A number that is not changed stays a number; lists are left as they are.
    fn value(&self, value: Value, country: Option<Country>) -> Result<Value, &'static str> {
        match text(&value) {
            Some(before) => {
                let after = self.text(before.clone(), country)?;
                Ok(if after == before { value } else { after.into() })
            }
            None => Ok(value),
        }
    }

    fn text(&self, text: String, country: Option<Country>) -> Result<String, &'static str> {
        let known = |text: &str| {
            places::country(text).map_err(|UnknownCountry| "a country's ISO 3166-1 code or name")
        };
        match self {
            Transform::Trim => Ok(text.trim().to_owned()),
            Transform::Lower => Ok(text.to_lowercase()),
            Transform::Upper => Ok(text.to_uppercase()),
            Transform::CountryAlpha2 => known(&text).map(|country| country.alpha2().to_owned()),
            Transform::CountryAlpha3 => known(&text).map(|country| country.alpha3().to_owned()),
            Transform::CountryName => known(&text).map(|country| country.name().to_owned()),
            Transform::StateCode => state(text, country, |state| state.code),
            Transform::StateName => state(text, country, |state| state.name),
            Transform::Constant(_) | Transform::Default(_) => Ok(text),
        }
    }
}

/// Outside the countries with a closed list of states, an unknown one is free text.
fn state(
    text: String,
    country: Option<Country>,
    part: fn(places::State) -> &'static str,
) -> Result<String, &'static str> {
    match country.map(|country| (country, country.state(&text))) {
        Some((_, Ok(state))) => Ok(part(state).to_owned()),
        Some((country, Err(UnknownState))) if country.has_states() => {
            Err("the ISO 3166-2 code or name of a state of its country")
        }
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_of_transforms_reads_back_as_it_was_written() {
        let mut all: Vec<Transform> = NAMED.into_iter().map(|(_, transform)| transform).collect();
        for value in ["a, b", " x ", "say \"hi\"", "=1", "ö"] {
            all.push(Transform::Constant(value.to_owned()));
            all.push(Transform::Default(value.to_owned()));
        }
        let line = write_transforms(&all);
        assert_eq!(read_transforms(&line), Ok(all), "{line}");
        assert_eq!(read_transforms(" ,trim,"), Ok(vec![Transform::Trim]));
        for wrong in ["trimm", "constant=", "constant", "lower upper"] {
            assert!(read_transforms(wrong).unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }

    fn transform() -> impl Strategy<Value = Transform> {
        prop_oneof![
            Just(Transform::Trim),
            Just(Transform::Lower),
            Just(Transform::Upper),
            Just(Transform::CountryAlpha2),
            Just(Transform::CountryAlpha3),
            Just(Transform::CountryName),
            Just(Transform::StateCode),
            Just(Transform::StateName),
            "[a-z ]{0,3}".prop_map(Transform::Constant),
            "[a-z ]{0,3}".prop_map(Transform::Default),
        ]
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,8}",
            "[ a-cA-C]{0,5}",
            "(US|usa|Germany|Deutschland|CA|Texas|tx|US-TX|Québec|BY|Bayern)"
        ]
    }

    proptest! {
        #[test]
        fn each_transform_is_idempotent(transform in transform(), text in text(), at in "(US|CA|DE|GB)") {
            let country = places::country(&at).ok();
            for filling in [Filling::Fill, Filling::Leave] {
                let apply = |value| apply(std::slice::from_ref(&transform), value, country, filling);
                if let Ok(once) = apply(Some(text.clone().into())) {
                    prop_assert_eq!(apply(once.clone()), Ok(once));
                }
            }
        }
    }

    #[test]
    fn a_default_fills_what_a_trim_has_emptied() {
        let transforms = [Transform::Trim, Transform::Default("none".to_owned())];
        assert_eq!(apply(&transforms, Some("  ".into()), None, Filling::Fill), Ok(Some("none".into())));
        assert_eq!(apply(&transforms, Some("  ".into()), None, Filling::Leave), Ok(None));
    }

    #[test]
    fn numbers_and_lists_that_do_not_change_keep_their_type() {
        for value in [serde_json::json!(5), serde_json::json!(["A"])] {
            assert_eq!(apply(&[Transform::Lower], Some(value.clone()), None, Filling::Fill), Ok(Some(value)));
        }
    }
}
