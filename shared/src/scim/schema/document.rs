//! The documents of `/Schemas` and `/ResourceTypes` (RFC 7643, 6 and 7).

use serde_json::{Map, Value, json};

use super::{Attribute, Kind, Mutability, Returned, Schema, Schemas, Uniqueness};

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

impl Schemas {
    /// The documents of `/Schemas`, for a service at `url`.
    pub fn schema_documents(&self, url: &str) -> Vec<Value> {
        std::iter::once(&self.core).chain(&self.extensions).map(|schema| schema.document(url)).collect()
    }

    /// The document of this kind of resource in `/ResourceTypes`, for a service at `url`.
    pub fn resource_type(&self, url: &str) -> Value {
        let extension = |schema: &Schema| json!({ "schema": schema.id, "required": schema.attributes.iter().any(|attribute| attribute.required) });
        json!({
            "schemas": [RESOURCE_TYPE],
            "id": self.resource,
            "name": self.resource,
            "description": self.core.description,
            "endpoint": self.endpoint,
            "schema": self.core.id,
            "schemaExtensions": self.extensions.iter().map(extension).collect::<Vec<_>>(),
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{url}/ResourceTypes/{}", self.resource),
            },
        })
    }
}

impl Schema {
    fn document(&self, url: &str) -> Value {
        json!({
            "schemas": [SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(Attribute::document).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{url}/Schemas/{}", self.id) },
        })
    }
}

impl Attribute {
    fn document(&self) -> Value {
        let mut document = Map::new();
        let mut insert = |name: &str, value: Value| document.insert(name.to_owned(), value);
        insert("name", json!(self.name));
        insert("type", json!(self.kind.as_str()));
        insert("multiValued", json!(self.multi_valued));
        insert("description", json!(self.description));
        insert("required", json!(self.required));
        insert("mutability", json!(self.mutability.as_str()));
        insert("returned", json!(self.returned.as_str()));
        // Case and uniqueness mean nothing to the rest (RFC 7643, 2.2 and 2.3).
        if matches!(self.kind, Kind::Text | Kind::Reference | Kind::Binary) {
            insert("caseExact", json!(self.case_exact));
        }
        insert("uniqueness", json!(self.uniqueness.as_str()));
        if !self.canonical.is_empty() {
            insert("canonicalValues", json!(self.canonical));
        }
        if !self.references.is_empty() {
            insert("referenceTypes", json!(self.references));
        }
        if !self.parts.is_empty() {
            insert("subAttributes", self.parts.iter().map(Attribute::document).collect());
        }
        Value::Object(document)
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Text => "string",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::DateTime => "dateTime",
            Kind::Binary => "binary",
            Kind::Reference => "reference",
            Kind::Complex => "complex",
        }
    }
}

impl Mutability {
    fn as_str(self) -> &'static str {
        match self {
            Mutability::ReadWrite => "readWrite",
            Mutability::ReadOnly => "readOnly",
            Mutability::Immutable => "immutable",
        }
    }
}

impl Returned {
    fn as_str(self) -> &'static str {
        match self {
            Returned::Always => "always",
            Returned::Default => "default",
        }
    }
}

impl Uniqueness {
    fn as_str(self) -> &'static str {
        match self {
            Uniqueness::None => "none",
            Uniqueness::Server => "server",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every attribute that the documents tell of, by its path.
    fn told(schemas: &Schemas) -> Vec<String> {
        let mut told = Vec::new();
        for document in schemas.schema_documents("https://x.example") {
            for attribute in document["attributes"].as_array().unwrap() {
                let name =
                    format!("{}:{}", document["id"].as_str().unwrap(), attribute["name"].as_str().unwrap());
                for part in attribute.get("subAttributes").and_then(Value::as_array).into_iter().flatten() {
                    told.push(format!("{name}.{}", part["name"].as_str().unwrap()));
                }
                told.push(name);
            }
        }
        told
    }

    #[test]
    fn every_attribute_that_is_told_is_found() {
        for schemas in [Schemas::user(&[]), Schemas::group()] {
            for path in told(&schemas) {
                assert!(schemas.find(&path.parse().unwrap()).is_some(), "{path}");
            }
        }
    }

    #[test]
    fn an_attribute_tells_how_it_behaves() {
        let documents = Schemas::user(&[]).schema_documents("https://x.example");
        assert_eq!(
            documents[0]["meta"]["location"],
            format!("https://x.example/Schemas/{}", crate::scim::USER)
        );
        assert_eq!(
            documents[0]["attributes"][0],
            json!({
                "name": "userName",
                "type": "string",
                "multiValued": false,
                "description": "The name by which the person is known to clients, unique without case.",
                "required": true,
                "caseExact": false,
                "mutability": "readWrite",
                "returned": "default",
                "uniqueness": "server",
            })
        );
        let types = Schemas::user(&[]).resource_type("https://x.example");
        assert_eq!(types["schemaExtensions"].as_array().unwrap().len(), 3);
        assert_eq!(types["endpoint"], "/Users");
    }
}
