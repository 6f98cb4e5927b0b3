//! What `template.yaml` deploys, as far as the local stack must do the same: tables, routes,
//! stream triggers and schedules. Whatever it does not know is an error, so that the template and
//! the stack cannot drift.

mod resources;
mod rights;
mod routes;
mod yaml;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

/// What is deployed.
#[derive(Debug)]
pub struct Template {
    /// The tables.
    pub tables: Vec<Table>,
    /// The functions.
    pub functions: Vec<Function>,
    /// The environment of every function; a table's name is its logical name.
    pub environment: BTreeMap<String, String>,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its logical name, which is its name in the local stack.
    pub name: String,
    /// The properties that the CreateTable request takes, in that request's shape.
    pub definition: Value,
    /// The attribute that says when an item expires.
    pub expires: Option<String>,
    /// Whether its changes can be read as a stream.
    pub streams: bool,
}

/// A function and what wakes it.
#[derive(Debug)]
pub struct Function {
    /// Its logical name.
    pub resource: String,
    /// The name of its binary.
    pub name: String,
    /// The requests that it answers.
    pub routes: Vec<Route>,
    /// The streams that it reads.
    pub streams: Vec<StreamTrigger>,
    /// The schedules that call it.
    pub schedules: Vec<ScheduleTrigger>,
    /// The patterns of the events that it is called for.
    pub events: Vec<Value>,
    /// What it may do to the tables.
    pub rights: BTreeSet<Right>,
}

/// Something that a function may do to a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// What, as IAM names it, without `dynamodb:`.
    pub action: String,
    /// To which table, or index: `<table>/index/<name>`.
    pub table: String,
}

impl Right {
    /// The right to do `action` to `table`.
    pub fn new(action: &str, table: &str) -> Right {
        Right { action: action.to_owned(), table: table.to_owned() }
    }
}

/// Requests that a function answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method, or `ANY`.
    pub method: String,
    /// The path with its parameters: `/webhooks/{application}`, `/scim/v2/{path+}`.
    pub path: String,
}

/// A schedule that calls a function.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleTrigger {
    /// How often.
    pub every: Duration,
    /// What it is called with.
    pub input: Value,
}

/// A stream that a function reads, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamTrigger {
    /// The table whose stream it is.
    pub table: String,
    /// How many records are handed over at once.
    pub batch_size: usize,
    /// How long a batch that is not full waits for more.
    pub window: Duration,
    /// How often a failed batch is tried again before it is given up; `None`: for ever.
    pub retries: Option<u32>,
    /// Whether a failed batch is tried again in two halves.
    pub bisect: bool,
    /// Whether the answer may name the records that failed.
    pub reports_failures: bool,
    /// Which records are handed over: those that match one of the patterns; none: all.
    pub patterns: Vec<Value>,
}

/// Why a template cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is no YAML of CloudFormation's kind.
    #[error("the template cannot be read: {0}")]
    NotYaml(String),
    /// A resource has properties that the local stack does not do.
    #[error("{resource} cannot be run here: {problem}")]
    Unknown {
        /// Its logical name.
        resource: String,
        /// What is not known.
        problem: String,
    },
}

impl Template {
    /// The template that is deployed: `template.yaml` at the root.
    ///
    /// # Errors
    /// When it holds what the local stack does not know.
    pub fn deployed() -> Result<Template, Error> {
        Template::read(include_str!("../../template.yaml"))
    }

    /// Reads a template.
    ///
    /// # Errors
    /// When it is no template, or holds what the local stack does not know.
    pub fn read(text: &str) -> Result<Template, Error> {
        let document = yaml::read(text).map_err(Error::NotYaml)?;
        resources::read(&document)
    }

    /// The function with this binary.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// Reads `rate(1 minute)`, `rate(6 hours)`: the unit is singular for one and plural else, as EventBridge wants it.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let unit = if number == 1 { unit } else { unit.strip_suffix('s')? };
    let seconds = match unit {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(seconds) * number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rate_is_read_as_eventbridge_reads_it() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_secs(60)));
        assert_eq!(rate("rate(6 hours)"), Some(Duration::from_secs(21_600)));
        for wrong in ["rate(1 minutes)", "rate(2 minute)", "rate(0 minutes)", "cron(0 * * * ? *)", "1 minute"]
        {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_deployed_template_is_known_whole() {
        let template = Template::deployed().unwrap();
        let tables: Vec<&str> = template.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(tables, ["JobsTable", "ReportsTable", "SettingsTable", "UsersTable", "WorkTable"]);
        assert_eq!(template.environment["USERS_TABLE"], "UsersTable");
        let route = &template.function("webhook").unwrap().routes[0];
        assert_eq!((route.method.as_str(), route.path.as_str()), ("POST", "/webhooks/{application}"));
        let sync = template.function("sync").unwrap();
        assert_eq!(sync.streams[0].table, "WorkTable");
        assert_eq!(sync.streams[0].batch_size, 1000);
        let sweep = ScheduleTrigger { every: Duration::from_secs(60), input: json!({ "wake": "sweep" }) };
        assert!(sync.schedules.contains(&sweep));
    }

    fn problem(text: &str) -> String {
        Template::read(text).unwrap_err().to_string()
    }

    #[test]
    fn what_the_stack_does_not_know_is_an_error() {
        let queue = "Resources: { Mails: { Type: AWS::Kinesis::Stream } }";
        assert_eq!(problem(queue), "Mails cannot be run here: a resource of the type AWS::Kinesis::Stream");

        let table = "Resources: { T: { Type: AWS::DynamoDB::Table, Properties: { KinesisStreamSpecification: {}, KeySchema: [], AttributeDefinitions: [] } } }";
        assert!(problem(table).contains("KinesisStreamSpecification"), "{}", problem(table));

        let route = "Resources: { R: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: x, RouteKey: GET /x, Target: !Sub \"integrations/${I}\" } } }";
        assert!(problem(route).contains("not there"), "{}", problem(route));

        let event = "Resources: { F: { Type: AWS::Serverless::Function, Metadata: { BuildProperties: { Binary: f } }, Properties: { Events: { E: { Type: SQS, Properties: {} } } } } }";
        assert!(problem(event).contains("SQS"), "{}", problem(event));
    }

    #[test]
    fn a_trigger_on_a_table_without_a_stream_is_an_error() {
        let text = include_str!("../../template.yaml")
            .replace("      StreamSpecification: { StreamViewType: NEW_IMAGE }\n", "");
        assert_eq!(
            problem(&text),
            "activation-mail cannot be run here: a trigger on JobsTable, which has no stream"
        );
    }
}
