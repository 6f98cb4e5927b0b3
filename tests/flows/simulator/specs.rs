//! The published schemas, with their known defects mended.

use std::collections::BTreeSet;

use jsonschema::Validator;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::published;

/// A published description of the API.
pub(super) struct Spec {
    document: Value,
}

impl Spec {
    /// Reads `name`, or says why not and returns `None`.
    pub(super) fn read(name: &str) -> Option<Spec> {
        let text = published(name)?;
        let yaml = Yaml::load_from_str(&text).unwrap();
        let mut spec = Spec { document: plain(&yaml[0]) };
        spec.mend();
        Some(spec)
    }

    /// What the files say and the live store does not do, each with its reason.
    fn mend(&mut self) {
        // Null is what a customer without channels of its own has.
        self.patch("/components/schemas/customerChannelIds", json!({ "type": ["array", "null"] }));
        // A format of numbers on an array means nothing.
        self.patch("/components/schemas/CustomerStoredCreditAmounts/format", json!("int32"));
        // A channel inherits what is null.
        let nullable = |kind: &str| json!({ "type": [kind, "null"] });
        for schema in ["CustomerSettingsObject", "CustomerChannelSettingsObject"] {
            let settings = format!("/components/schemas/{schema}/properties");
            for (name, kind) in [
                ("privacy_settings/properties/ask_shopper_for_tracking_consent", "boolean"),
                ("privacy_settings/properties/policy_url", "string"),
                ("customer_group_settings/properties/guest_customer_group_id", "integer"),
                ("customer_group_settings/properties/default_customer_group_id", "integer"),
            ] {
                self.patch(&format!("{settings}/{name}"), nullable(kind));
            }
            // A setting that the live store has and the files forgot.
            self.add(
                &format!("{settings}/privacy_settings/properties"),
                "ask_shopper_for_tracking_consent_on_checkout",
                nullable("boolean"),
            );
        }
        // A store may have no hook at all.
        let hooks = "/components/responses/webhooks_Resp/content/application~1json/schema/properties/data";
        self.patch(&format!("{hooks}/minItems"), json!(0));
        // A domain is no URL, whatever the format says.
        let admin =
            "/paths/~1hooks~1admin/get/responses/200/content/application~1json/schema/properties/data";
        let destination = "properties/blocked_domains/items/properties/destination/format";
        self.patch(&format!("{admin}/{destination}"), json!("hostname"));
        // An empty list of rules fits every variant, where exactly one may fit.
        self.patch(
            "/components/schemas/customerGroup_Full/properties/discount_rules",
            json!({ "type": "array" }),
        );
    }

    fn patch(&mut self, at: &str, value: Value) {
        if let Some(found) = self.document.pointer_mut(at) {
            *found = value;
        }
    }

    fn add(&mut self, at: &str, name: &str, value: Value) {
        if let Some(object) = self.document.pointer_mut(at).and_then(Value::as_object_mut) {
            object.insert(name.to_owned(), value);
        }
    }

    /// The schema at a JSON pointer, with the document around it for its references.
    pub(super) fn schema(&self, pointer: &str) -> Validator {
        let mut document = self.document.clone();
        let reference = pointer.replace('{', "%7B").replace('}', "%7D");
        document["$ref"] = json!(format!("#{reference}"));
        nullable(&mut document);
        let mut names = BTreeSet::new();
        shared(&document, &mut names);
        seal(&mut document, &names);
        jsonschema::options().should_validate_formats(true).build(&document).unwrap()
    }

    /// The schema of what `method` at `path` answers with `status`.
    pub(super) fn answer(&self, method: &str, path: &str, status: u16) -> Validator {
        let path = path.replace('/', "~1");
        let response = format!("/paths/{path}/{method}/responses/{status}");
        let found = self.document.pointer(&response).unwrap_or_else(|| panic!("{response} is not described"));
        let at = match found["$ref"].as_str() {
            Some(reference) => reference.trim_start_matches('#').to_owned(),
            None => response,
        };
        self.schema(&format!("{at}/content/application~1json/schema"))
    }
}

/// Whether a schema is broken by `body`, as it must be by nonsense.
pub(super) fn refuses(validator: &Validator, body: &Value) -> bool {
    !validator.is_valid(body)
}

/// Fails with what is wrong, if anything is.
pub(super) fn assert_valid(validator: &Validator, body: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\nin {body:#}");
}

/// OpenAPI 3.0 says `nullable` where JSON Schema has a type `null`.
fn nullable(schema: &mut Value) {
    if let Some(list) = schema.as_array_mut() {
        list.iter_mut().for_each(nullable);
    }
    let Some(object) = schema.as_object_mut() else { return };
    object.values_mut().for_each(nullable);
    if object.get("nullable") == Some(&json!(true))
        && let Some(kind) = object.get("type").filter(|kind| kind.is_string()).cloned()
    {
        object.insert("type".to_owned(), json!([kind, "null"]));
    }
}

const COMPOSED: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// The files let every object have further fields, which would let any misspelling pass: an object is
/// held to the fields it names. `shared` schemas stay open, as others are composed of them.
fn seal(schema: &mut Value, shared: &BTreeSet<String>) {
    if let Some(list) = schema.as_array_mut() {
        list.iter_mut().for_each(|part| seal(part, shared));
    }
    let Some(object) = schema.as_object_mut() else { return };
    for (name, part) in object.iter_mut() {
        if !COMPOSED.contains(&name.as_str()) && !shared.contains(name) {
            seal(part, shared);
        }
    }
    let named = object.get("properties").and_then(Value::as_object).is_some_and(|named| !named.is_empty());
    if object.contains_key("allOf") {
        object.entry("unevaluatedProperties").or_insert(json!(false));
    } else if named && object.get("type") == Some(&json!("object")) {
        object.entry("additionalProperties").or_insert(json!(false));
    }
}

/// The names of the schemas of which others are composed.
fn shared(schema: &Value, names: &mut BTreeSet<String>) {
    let parts = COMPOSED.iter().filter_map(|part| schema.get(part)?.as_array()).flatten();
    let references = parts.filter_map(|part| part.get("$ref")?.as_str());
    names.extend(references.filter_map(|reference| reference.rsplit('/').next()).map(str::to_owned));
    match schema {
        Value::Array(list) => list.iter().for_each(|part| shared(part, names)),
        Value::Object(object) => object.values().for_each(|part| shared(part, names)),
        _ => {}
    }
}

fn plain(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(flag)) => json!(flag),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(list) => list.iter().map(plain).collect(),
        Yaml::Mapping(map) => {
            let name = |key: &Yaml<'_>| match plain(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Value::Object(map.iter().map(|(key, value)| (name(key), plain(value))).collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}
