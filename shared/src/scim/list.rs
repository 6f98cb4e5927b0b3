//! The values of a multi-valued attribute: adding, replacing, selecting and removing some.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    draft::{Unset, Way, is_empty, merge, set_part},
    filter::{Expression, Operator, folded, same_text, value_matches},
    schema::{Attribute, Kind},
    value::ValueError,
};

/// The most values of an attribute, but for the members of a group.
const MOST_VALUES: usize = 1_000;

/// Sets values of a list. One that is there already is not there twice.
pub(super) fn set_list(
    attribute: &Attribute,
    held: &mut Value,
    value: &Value,
    way: Way,
) -> Result<(), Unset> {
    let values = take_list(attribute.take(value)?.unwrap_or_default());
    let known = match way {
        Way::Replace => Vec::new(),
        Way::Add => take_list(std::mem::take(held)),
    };
    let mut list = List::of(attribute, known);
    let written: Vec<usize> = values.into_iter().map(|value| list.add(value)).collect();
    settle_primary(&mut list.values, &written);
    bounded(attribute, list.values.len())?;
    *held = Value::Array(list.values);
    Ok(())
}

fn bounded(attribute: &Attribute, length: usize) -> Result<(), ValueError> {
    match length > MOST_VALUES && attribute.name != "members" {
        true => Err(ValueError::new(attribute.name.as_ref(), "at most 1,000 values")),
        false => Ok(()),
    }
}

/// Sets a part of each value that meets `filter`, or those values themselves. Where none does, one
/// is made as the filter tells it: identity providers write to `emails[type eq "work"].value` without
/// asking whether there is one.
pub(super) fn set_selected(
    attribute: &Attribute,
    part: Option<&Attribute>,
    filter: Option<&Expression>,
    held: &mut Value,
    value: &Value,
    way: Way,
) -> Result<(), Unset> {
    let mut list = take_list(std::mem::take(held));
    let meets = |value: &Value| filter.is_none_or(|filter| value_matches(filter, value, attribute));
    let mut selected: Vec<usize> = (0..list.len()).filter(|place| meets(&list[*place])).collect();
    // OneLogin adds a member by its filter alone.
    let by_filter_alone = way == Way::Add && value.is_null() && part.is_none();
    let made = selected.is_empty() && (by_filter_alone || !value.is_null());
    if made {
        let told = filter.map_or(Some(Map::new()), |filter| told(filter, attribute));
        selected.push(list.len());
        list.push(Value::Object(told.ok_or(Unset::NoTarget)?));
    }
    for place in selected.iter().filter(|_| !by_filter_alone) {
        match part {
            Some(part) => set_part(attribute, part, &mut list[*place], value)?,
            None => set_value(attribute, filter, &mut list[*place], value, way)?,
        }
    }
    // A value made for the filter that does not meet it would be made again with each repetition.
    if made && !is_empty(&list[selected[0]]) && !meets(&list[selected[0]]) {
        return Err(Unset::NoTarget);
    }
    settle_primary(&mut list, &selected);
    list.retain(|value| !is_empty(value));
    bounded(attribute, list.len())?;
    *held = Value::Array(list);
    Ok(())
}

/// Sets one value of a list whole; when it is replaced, what the filter tells of it stays.
fn set_value(
    attribute: &Attribute,
    filter: Option<&Expression>,
    held: &mut Value,
    value: &Value,
    way: Way,
) -> Result<(), Unset> {
    let one = match value {
        Value::Array(values) if values.len() == 1 => &values[0],
        Value::Array(_) => return Err(ValueError::new(attribute.name.as_ref(), "one value").into()),
        value => value,
    };
    if attribute.kind != Kind::Complex {
        *held = attribute.take_one(one)?.unwrap_or_default();
        return Ok(());
    }
    let short;
    let parts = match one {
        Value::Object(parts) => parts,
        Value::Null => {
            *held = Value::Null;
            return Ok(());
        }
        one => {
            short = Map::from_iter([("value".to_owned(), one.clone())]);
            &short
        }
    };
    if way == Way::Replace {
        *held = filter.and_then(|filter| told(filter, attribute)).map_or(Value::Null, Value::Object);
    }
    merge(attribute, held, parts)
}

/// Takes away the values that `values` names; a value is named by its `value`, or as it is.
pub(super) fn remove_listed(attribute: &Attribute, held: &mut Value, values: &Value) -> Result<(), Unset> {
    let named = List::of(attribute, take_list(attribute.take(values)?.unwrap_or_default()));
    let mut list = take_list(std::mem::take(held));
    list.retain(|value| named.position(value).is_none());
    *held = Value::Array(list);
    Ok(())
}

/// Takes away the values that meet `filter`, or a part of them; tells how many those were.
pub(super) fn remove_selected(
    attribute: &Attribute,
    part: Option<&Attribute>,
    filter: Option<&Expression>,
    held: &mut Value,
) -> usize {
    let mut list = take_list(std::mem::take(held));
    let mut selected = 0;
    for value in &mut list {
        if filter.is_none_or(|filter| value_matches(filter, value, attribute)) {
            selected += 1;
            match (part, value.as_object_mut()) {
                (Some(part), Some(parts)) => drop(parts.remove(part.name.as_ref())),
                _ => *value = Value::Null,
            }
        }
    }
    list.retain(|value| !is_hollow(value));
    *held = Value::Array(list);
    selected
}

/// Whether nothing is left of a value but what it was for.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Object(parts) => parts.keys().all(|name| name == "type" || name == "primary"),
        value => is_empty(value),
    }
}

/// The parts of a value that a filter tells whole: equalities, all of which hold.
fn told(filter: &Expression, attribute: &Attribute) -> Option<Map<String, Value>> {
    match filter {
        Expression::Compare(path, Operator::Equal, value) => {
            let part = attribute.part(&path.name).filter(|part| !part.is_read_only())?;
            let value = part.take(value).ok()??;
            Some(Map::from_iter([(part.name.to_string(), value)]))
        }
        Expression::And(all) => {
            let each: Option<Vec<Map<String, Value>>> = all.iter().map(|one| told(one, attribute)).collect();
            Some(each?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// What was written as primary is so alone; of several the first.
fn settle_primary(list: &mut [Value], written: &[usize]) {
    let is_primary = |value: &Value| value.get("primary") == Some(&Value::Bool(true));
    let Some(primary) = written.iter().copied().find(|place| is_primary(&list[*place])) else { return };
    let others = list.iter_mut().enumerate().filter(|(place, value)| *place != primary && is_primary(value));
    others.for_each(|(_, value)| value["primary"] = json!(false));
}

fn take_list(held: Value) -> Vec<Value> {
    match held {
        Value::Array(values) => values,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Values that are found by what makes them the same: a group may have 100,000 members.
struct List<'a> {
    attribute: &'a Attribute,
    values: Vec<Value>,
    places: HashMap<String, Vec<usize>>,
}

impl<'a> List<'a> {
    fn of(attribute: &'a Attribute, values: Vec<Value>) -> List<'a> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, value) in values.iter().enumerate() {
            places.entry(key(attribute, value)).or_default().push(place);
        }
        List { attribute, values, places }
    }

    /// Where the value stands that is the same as `value`: it has the same `value`, and the same
    /// `type` if both tell one.
    fn position(&self, value: &Value) -> Option<usize> {
        let places = self.places.get(&key(self.attribute, value))?;
        let same_type = |place: &&usize| match (value.get("type"), self.values[**place].get("type")) {
            (Some(one), Some(other)) => {
                self.attribute.part("type").is_none_or(|part| same_text(one, other, part))
            }
            _ => true,
        };
        places.iter().find(same_type).copied()
    }

    /// Adds `value`, or what it tells of one that is there; tells where that stands.
    fn add(&mut self, value: Value) -> usize {
        match self.position(&value) {
            Some(place) => {
                if let (Value::Object(known), Value::Object(parts)) = (&mut self.values[place], value) {
                    known.extend(parts);
                }
                place
            }
            None => {
                self.places.entry(key(self.attribute, &value)).or_default().push(self.values.len());
                self.values.push(value);
                self.values.len() - 1
            }
        }
    }
}

fn key(attribute: &Attribute, value: &Value) -> String {
    match (attribute.part("value"), value.get("value").and_then(Value::as_str)) {
        (Some(part), Some(text)) if part.case_exact => text.to_owned(),
        (Some(_), Some(text)) => folded(text.trim()).into_owned(),
        _ => value.to_string(),
    }
}
