//! Checking what a body says, item by item and field by field.

use serde_json::{Map, Value};

use super::{
    errors::{Broken, Refusal},
    record::FormField,
};

/// The items of a body, with what was found wrong in them.
pub(super) struct Check {
    title: &'static str,
    garbled: Broken,
    broken: Broken,
}

/// One item under check.
pub(super) struct Item<'c, 'v> {
    check: &'c mut Check,
    object: &'v Map<String, Value>,
    prefix: String,
}

/// How long a text may be, in characters.
#[derive(Clone, Copy)]
pub(super) struct Length(pub(super) usize, pub(super) usize);

/// The body as an array of at most `most` items; the live store takes nothing else, not even for one.
pub(super) fn items(body: &[u8], most: usize) -> Result<Vec<Value>, Refusal> {
    let items: Vec<Value> = serde_json::from_slice(body).map_err(|_| Refusal::garbled(Broken::new()))?;
    if items.len() > most { Err(Refusal::too_many_items(most)) } else { Ok(items) }
}

/// The body as one object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::garbled(Broken::new()))
}

impl Check {
    /// Nothing is wrong yet; `title` is what the refusal will be called.
    pub(super) fn new(title: &'static str) -> Check {
        Check { title, garbled: Broken::new(), broken: Broken::new() }
    }

    /// The item at `index`; what is not an object is an empty one, and wrong.
    pub(super) fn item<'c, 'v>(&'c mut self, index: usize, value: &'v Value) -> Item<'c, 'v> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        let object = value.as_object();
        if object.is_none() {
            self.garbled.insert(index.to_string(), "error.expected.jsobject".to_owned());
        }
        Item { check: self, object: object.unwrap_or(&EMPTY), prefix: format!("{index}.") }
    }

    /// A value of `field` breaks a rule.
    pub(super) fn breaks(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.broken.insert(field.into(), rule.into());
    }

    /// The refusal, if anything was wrong. What cannot be read comes before what is not allowed.
    pub(super) fn done(self) -> Result<(), Refusal> {
        if !self.garbled.is_empty() {
            return Err(Refusal::garbled(self.garbled));
        }
        if !self.broken.is_empty() {
            return Err(Refusal::invalid(self.title, self.broken));
        }
        Ok(())
    }
}

impl<'v> Item<'_, 'v> {
    /// The value of `name`; null is absent.
    pub(super) fn value(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether `name` is there, null or not.
    pub(super) fn names(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The value of `name` breaks a rule.
    pub(super) fn breaks(&mut self, name: &str, rule: impl Into<String>) {
        let field = format!("{}{name}", self.prefix);
        self.check.breaks(field, rule);
    }

    fn mistyped(&mut self, name: &str, expected: &str) {
        self.check.garbled.insert(name.to_owned(), format!("error.expected.{expected}"));
    }

    /// `name` must be there.
    pub(super) fn require(&mut self, name: &str) {
        if self.value(name).is_none() {
            self.check.garbled.insert(name.to_owned(), "error.path.missing".to_owned());
        }
    }

    /// The text of `name`.
    pub(super) fn text(&mut self, name: &str, Length(min, max): Length) -> Option<&'v str> {
        let value = self.value(name)?;
        let Some(text) = value.as_str() else {
            self.mistyped(name, "jsstring");
            return None;
        };
        let length = text.chars().count();
        if length < min || length > max {
            self.breaks(name, format!("{name} must have between {min} and {max} characters"));
        }
        Some(text)
    }

    /// The whole number of `name`.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        let value = self.value(name)?;
        let number = value.as_i64().and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            self.mistyped(name, "jsnumber");
        }
        number
    }

    /// `name` as yes or no.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        if !value.is_boolean() {
            self.mistyped(name, "jsboolean");
        }
        value.as_bool()
    }

    /// The list of `name`.
    pub(super) fn list(&mut self, name: &str) -> Option<&'v [Value]> {
        let value = self.value(name)?;
        if !value.is_array() {
            self.mistyped(name, "jsarray");
        }
        value.as_array().map(Vec::as_slice)
    }

    /// The object of `name`, as an item of its own.
    pub(super) fn inner<'w>(&mut self, name: &str, value: &'w Value) -> Item<'_, 'w> {
        let prefix = format!("{}{name}.", self.prefix);
        let Item { check, .. } = self;
        let mut inner = check.item(0, value);
        inner.prefix = prefix;
        inner
    }

    /// The form fields: a name each, and a text, a number or a list of texts.
    pub(super) fn form_fields(&mut self) -> Vec<FormField> {
        let list = self.list("form_fields").unwrap_or_default();
        list.iter()
            .enumerate()
            .filter_map(|(at, value)| self.inner(&format!("form_fields.{at}"), value).form_field())
            .collect()
    }

    /// One form field.
    pub(super) fn form_field(&mut self) -> Option<FormField> {
        self.require("name");
        self.require("value");
        let name = self.text("name", Length(1, 255))?.to_owned();
        let value = self.value("value")?;
        let texts = |list: &Vec<Value>| list.iter().all(Value::is_string);
        if !(value.is_string() || value.is_number() || value.as_array().is_some_and(texts)) {
            self.mistyped("value", "jsstring");
        }
        Some(FormField { name, value: value.clone() })
    }
}
