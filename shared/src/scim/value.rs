//! Values as clients send them, brought into the kinds that the schema wants: `"True"` for true,
//! `"7"` for 7, a text for a complex value of which it is the `value`.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Number, Value, json};

use super::schema::{Attribute, Kind};

/// A value that an attribute cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{attribute} cannot have the value ({rule})")]
pub struct ValueError {
    /// The attribute, as a path.
    pub attribute: String,
    /// The broken rule.
    pub rule: Cow<'static, str>,
}

impl ValueError {
    pub(crate) fn new(attribute: impl Into<String>, rule: impl Into<Cow<'static, str>>) -> ValueError {
        ValueError { attribute: attribute.into(), rule: rule.into() }
    }
}

impl Attribute {
    /// All values of the attribute in canonical form; `None`: no value. What clients may only read
    /// is left out.
    pub(crate) fn take(&self, value: &Value) -> Result<Option<Value>, ValueError> {
        if !self.multi_valued {
            return self.take_one(value);
        }
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let taken: Result<Vec<Option<Value>>, _> = values.iter().map(|value| self.take_one(value)).collect();
        let taken: Vec<Value> = taken?.into_iter().flatten().collect();
        Ok((!taken.is_empty()).then_some(Value::Array(taken)))
    }

    /// One value in canonical form.
    pub(crate) fn take_one(&self, value: &Value) -> Result<Option<Value>, ValueError> {
        let taken = match (self.kind, value) {
            (_, Value::Null) => return Ok(None),
            // Some send a list of one where one value is meant.
            (_, Value::Array(values)) if values.len() <= 1 && !self.multi_valued => {
                return values.first().map_or(Ok(None), |value| self.take_one_of_list(value));
            }
            (Kind::Complex, Value::Object(parts)) => return self.take_parts(parts),
            (Kind::Complex, value) => return self.take_short(value),
            (Kind::Text | Kind::Binary | Kind::Reference, value) => text(value),
            (Kind::Boolean, value) => boolean(value),
            (Kind::Integer, value) => integer(value),
            (Kind::Decimal, value) => decimal(value),
            (Kind::DateTime, value) => date_time(value),
        };
        taken.map(Some).ok_or_else(|| self.refused())
    }

    fn take_one_of_list(&self, value: &Value) -> Result<Option<Value>, ValueError> {
        match value {
            Value::Array(_) => Err(self.refused()),
            value => self.take_one(value),
        }
    }

    fn take_parts(&self, parts: &Map<String, Value>) -> Result<Option<Value>, ValueError> {
        let mut taken = Map::new();
        for (name, value) in parts {
            let Some(part) = self.part(name).filter(|part| !part.is_read_only()) else { continue };
            if let Some(value) = part.take(value).map_err(|error| error.within(self))? {
                taken.insert(part.name.to_string(), value);
            }
        }
        Ok((!taken.is_empty()).then_some(Value::Object(taken)))
    }

    /// A complex value of which only the `value` is given, and that not as such. Empty text is none.
    fn take_short(&self, value: &Value) -> Result<Option<Value>, ValueError> {
        let part = self.part("value").ok_or_else(|| self.refused())?;
        let taken = part.take(value).map_err(|error| error.within(self))?;
        Ok(taken.filter(|value| value != "").map(|value| json!({ "value": value })))
    }

    fn refused(&self) -> ValueError {
        ValueError::new(self.name.as_ref(), self.kind.rule())
    }
}

impl ValueError {
    fn within(self, attribute: &Attribute) -> ValueError {
        ValueError { attribute: format!("{}.{}", attribute.name, self.attribute), ..self }
    }
}

impl Kind {
    fn rule(self) -> &'static str {
        match self {
            Kind::Text | Kind::Binary | Kind::Reference => "text",
            Kind::Boolean => "true or false",
            Kind::Integer => "a whole number",
            Kind::Decimal => "a number",
            Kind::DateTime => "a date and time with its offset, such as 2026-01-31T12:00:00Z",
            Kind::Complex => "an object with its sub-attributes",
        }
    }
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(_) | Value::Bool(_) => Some(Value::String(value.to_string())),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(value.clone()),
        Value::Number(number) => whole(number.as_f64()?),
        Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

/// A whole number that was written with a point.
fn whole(number: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then(|| Value::from(number as i64))
}

fn decimal(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse().ok().and_then(Number::from_f64).map(Value::Number),
        _ => None,
    }
}

fn date_time(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    text.parse::<Timestamp>().ok().map(|_| Value::from(text))
}
