//! What is served, as clients find it out (RFC 7644, 4).

use serde_json::{Value, json};
use shared::scim::Schemas;

use crate::{
    address::Id, answer::Answer, body, bulk, caller::Caller, list::MOST, query::Query, refusal::Refusal,
};

pub(crate) async fn service_provider_config(caller: Caller) -> Answer {
    let url = &caller.app.url;
    Answer::of(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": {
            "supported": true,
            "maxOperations": bulk::MOST_OPERATIONS,
            "maxPayloadSize": body::LARGEST,
        },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": MOST,
            "maxPageSize": MOST,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of the client, in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{url}/ServiceProviderConfig"),
        },
    }))
}

pub(crate) async fn resource_types(caller: Caller, query: Query) -> Result<Answer, Refusal> {
    all(caller.resource_types(), &query)
}

pub(crate) async fn resource_type(caller: Caller, Id(id): Id) -> Result<Answer, Refusal> {
    one(caller.resource_types(), &id)
}

pub(crate) async fn schemas(caller: Caller, query: Query) -> Result<Answer, Refusal> {
    all(caller.schema_documents(), &query)
}

pub(crate) async fn schema(caller: Caller, Id(id): Id) -> Result<Answer, Refusal> {
    one(caller.schema_documents(), &id)
}

/// All of them whatever page was asked for, but for a filter (RFC 7644, 4).
fn all(documents: Vec<Value>, query: &Query) -> Result<Answer, Refusal> {
    if query.filter.is_some() {
        return Err(Refusal::filtered_discovery());
    }
    Ok(Answer::of(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": documents.len(),
        "itemsPerPage": documents.len(),
        "startIndex": 1,
        "Resources": documents,
    })))
}

fn one(documents: Vec<Value>, id: &str) -> Result<Answer, Refusal> {
    let is = |document: &Value| document["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id));
    documents.into_iter().find(is).map(Answer::of).ok_or_else(Refusal::no_resource)
}

impl Caller {
    fn kinds(&self) -> [&Schemas; 2] {
        [&self.settings.users, &self.settings.groups]
    }

    fn resource_types(&self) -> Vec<Value> {
        self.kinds().map(|schemas| schemas.resource_type(&self.app.url)).into()
    }

    fn schema_documents(&self) -> Vec<Value> {
        self.kinds().iter().flat_map(|schemas| schemas.schema_documents(&self.app.url)).collect()
    }
}
