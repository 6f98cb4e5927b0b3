//! The routes of the API: which requests go to which function. They are resources of their own,
//! because a function whose routes stand in the API itself cannot be told the API's address.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Error, Route,
    resources::{shape, unknown},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Integration {
    integration_type: String,
    integration_uri: Value,
    payload_format_version: String,
    #[serde(rename = "ApiId")]
    _api: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RouteProperties {
    route_key: String,
    target: Value,
    #[serde(rename = "ApiId")]
    _api: Value,
}

/// What the template has said so far; names are those of resources.
#[derive(Default)]
pub(super) struct Routes {
    /// Which function an integration calls.
    functions: BTreeMap<String, String>,
    /// Which integration takes a route.
    routes: Vec<(String, Route)>,
}

impl Routes {
    pub(super) fn integration(&mut self, name: &str, properties: &Value) -> Result<(), Error> {
        let integration: Integration = shape(name, properties)?;
        let kind = (integration.integration_type.as_str(), integration.payload_format_version.as_str());
        let function = integration.integration_uri.pointer("/Fn::GetAtt/0").and_then(Value::as_str);
        match function {
            Some(function) if kind == ("AWS_PROXY", "2.0") => {
                self.functions.insert(name.to_owned(), function.to_owned());
                Ok(())
            }
            _ => Err(unknown(name, "an integration that does not call a function, or not in version 2.0")),
        }
    }

    pub(super) fn route(&mut self, name: &str, properties: &Value) -> Result<(), Error> {
        let RouteProperties { route_key, target, .. } = shape(name, properties)?;
        let (method, path) =
            route_key.split_once(' ').ok_or_else(|| unknown(name, format!("the route {route_key}")))?;
        let target = target["Fn::Sub"].as_str().and_then(|target| target.strip_prefix("integrations/${"));
        let integration = target.and_then(|target| target.strip_suffix('}'));
        let integration =
            integration.ok_or_else(|| unknown(name, "a target that is no !Sub integrations/${…}"))?;
        let route = Route { method: method.to_owned(), path: path.to_owned() };
        self.routes.push((integration.to_owned(), route));
        Ok(())
    }

    /// The routes to a function.
    pub(super) fn to(&self, function: &str) -> Vec<Route> {
        let called = |integration| self.functions.get(integration).is_some_and(|called| called == function);
        let routes = self.routes.iter().filter(|(integration, _)| called(integration));
        routes.map(|(_, route)| route.clone()).collect()
    }

    /// Every route leads to an integration.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.routes.iter().find(|(integration, _)| !self.functions.contains_key(integration)) {
            Some((integration, route)) => Err(unknown(
                integration,
                format!("a route ({}) to an integration that is not there", route.path),
            )),
            None => Ok(()),
        }
    }
}
