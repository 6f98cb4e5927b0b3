//! The resources of a template, each kind in the shape that CloudFormation gives it.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    Error, Function, ScheduleTrigger, StreamTrigger, Table, Template, rate, rights::Roles, routes::Routes,
};

/// What needs nothing of the local stack.
const NOT_RUN_HERE: [&str; 12] = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    properties: Value,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TableProperties {
    key_schema: Value,
    attribute_definitions: Value,
    billing_mode: Option<Value>,
    global_secondary_indexes: Option<Value>,
    stream_specification: Option<Map<String, Value>>,
    time_to_live_specification: Option<Ttl>,
    // Of no consequence in an engine of one's own:
    #[serde(rename = "DeletionProtectionEnabled")]
    _protected: Option<Value>,
    #[serde(rename = "PointInTimeRecoverySpecification")]
    _restorable: Option<Value>,
    #[serde(rename = "SSESpecification")]
    _encrypted: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Ttl {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    #[serde(default)]
    role: Value,
    #[serde(default)]
    events: BTreeMap<String, Event>,
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Event {
    DynamoDB(Box<Stream>),
    Schedule(Schedule),
    #[serde(rename = "EventBridgeRule")]
    Rule(Rule),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    pattern: Value,
    // How often a failed call is made again is as with those that the stack makes.
    #[serde(rename = "RetryPolicy")]
    _retries: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Stream {
    stream: Value,
    batch_size: usize,
    maximum_batching_window_in_seconds: u64,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    maximum_retry_attempts: Option<u32>,
    #[serde(default)]
    filter_criteria: FilterCriteria,
    #[serde(rename = "StartingPosition")]
    _start: Value,
    // Each function here is called by one pump, which waits for it.
    #[serde(rename = "ParallelizationFactor")]
    _side_by_side: Option<Value>,
    #[serde(rename = "MaximumRecordAgeInSeconds")]
    _oldest: Option<Value>,
    // What a stream gives up, the sweep finds.
    #[serde(rename = "DestinationConfig")]
    _given_up: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Schedule {
    schedule: String,
    input: String,
    #[serde(rename = "Description")]
    _description: Option<String>,
}

/// Reads the resources and the functions' environment of a template.
pub(super) fn read(document: &Value) -> Result<Template, Error> {
    let mut template = Template {
        tables: Vec::new(),
        functions: Vec::new(),
        environment: environment(&document["Globals"]["Function"]["Environment"]["Variables"])?,
    };
    let resources: BTreeMap<String, Resource> = shape("Resources", &document["Resources"])?;
    let mut routes = Routes::default();
    let roles = roles(&resources)?;
    for (name, resource) in &resources {
        match resource.r#type.as_str() {
            "AWS::DynamoDB::Table" => template.tables.push(table(name.clone(), &resource.properties)?),
            "AWS::Serverless::Function" => template.functions.push(function(name, resource, &roles)?),
            "AWS::ApiGatewayV2::Integration" => routes.integration(name, &resource.properties)?,
            "AWS::ApiGatewayV2::Route" => routes.route(name, &resource.properties)?,
            "AWS::IAM::Role" => {}
            kind if NOT_RUN_HERE.contains(&kind) => {}
            kind => return Err(unknown(name, format!("a resource of the type {kind}"))),
        }
    }
    for function in &mut template.functions {
        function.routes = routes.to(&function.resource);
    }
    routes.check()?;
    check_streams(&template)?;
    Ok(template)
}

fn roles(resources: &BTreeMap<String, Resource>) -> Result<Roles, Error> {
    let mut roles = Roles::default();
    for (name, resource) in resources.iter().filter(|(_, resource)| resource.r#type == "AWS::IAM::Role") {
        roles.role(name, &resource.properties)?;
    }
    Ok(roles)
}

fn environment(variables: &Value) -> Result<BTreeMap<String, String>, Error> {
    let variables = variables.as_object().into_iter().flatten();
    variables
        .map(|(name, value)| {
            let value = value.as_str().or(value["Ref"].as_str());
            let value = value.ok_or_else(|| unknown(name, "a variable that is neither text nor a !Ref"))?;
            Ok((name.clone(), value.to_owned()))
        })
        .collect()
}

fn table(name: String, properties: &Value) -> Result<Table, Error> {
    let properties: TableProperties = shape(&name, properties)?;
    let streams = properties.stream_specification.is_some();
    let stream = properties.stream_specification.map(|mut stream| {
        stream.insert("StreamEnabled".into(), true.into());
        stream
    });
    let mut definition = json!({
        "TableName": name,
        "KeySchema": properties.key_schema,
        "AttributeDefinitions": properties.attribute_definitions,
        "BillingMode": properties.billing_mode,
        "GlobalSecondaryIndexes": properties.global_secondary_indexes,
        "StreamSpecification": stream,
    });
    if let Some(definition) = definition.as_object_mut() {
        definition.retain(|_, value| !value.is_null());
    }
    let expires = properties.time_to_live_specification.filter(|ttl| ttl.enabled);
    Ok(Table { name, definition, expires: expires.map(|ttl| ttl.attribute_name), streams })
}

fn function(resource_name: &str, resource: &Resource, roles: &Roles) -> Result<Function, Error> {
    let binary = resource.metadata["BuildProperties"]["Binary"].as_str();
    let name = binary.ok_or_else(|| unknown(resource_name, "a function without a binary"))?.to_owned();
    let properties: FunctionProperties = shape(resource_name, &resource.properties)?;
    let mut function = Function {
        resource: resource_name.to_owned(),
        name,
        routes: Vec::new(),
        streams: Vec::new(),
        schedules: Vec::new(),
        events: Vec::new(),
        rights: roles.of(&properties.role),
    };
    for event in properties.events.into_values() {
        match event {
            Event::DynamoDB(stream) => function.streams.push(stream_trigger(resource_name, *stream)?),
            Event::Schedule(schedule) => function.schedules.push(schedule_trigger(resource_name, &schedule)?),
            Event::Rule(rule) => function.events.push(named(rule.pattern)),
        }
    }
    Ok(function)
}

/// A pattern in which what is referred to goes by its logical name.
fn named(pattern: Value) -> Value {
    match pattern {
        Value::Object(mut fields) if fields.len() == 1 && fields.contains_key("Ref") => {
            fields.remove("Ref").unwrap_or_default()
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, named(value))).collect(),
        Value::Array(values) => values.into_iter().map(named).collect(),
        one => one,
    }
}

fn schedule_trigger(
    name: &str,
    Schedule { schedule, input, .. }: &Schedule,
) -> Result<ScheduleTrigger, Error> {
    let every = rate(schedule).ok_or_else(|| unknown(name, format!("the schedule {schedule}")))?;
    let input = serde_json::from_str(input).map_err(|error| unknown(name, format!("an input: {error}")))?;
    Ok(ScheduleTrigger { every, input })
}

fn stream_trigger(name: &str, stream: Stream) -> Result<StreamTrigger, Error> {
    let table = match stream.stream["Fn::GetAtt"].as_array().map(Vec::as_slice) {
        Some([Value::String(table), Value::String(attribute)]) if attribute == "StreamArn" => table.clone(),
        _ => return Err(unknown(name, "a stream that is no !GetAtt <table>.StreamArn")),
    };
    let patterns = stream.filter_criteria.filters.iter().map(|filter| {
        serde_json::from_str(&filter.pattern).map_err(|error| unknown(name, format!("a pattern: {error}")))
    });
    Ok(StreamTrigger {
        table,
        batch_size: stream.batch_size,
        window: Duration::from_secs(stream.maximum_batching_window_in_seconds),
        retries: stream.maximum_retry_attempts,
        bisect: stream.bisect_batch_on_function_error,
        reports_failures: stream.function_response_types.iter().any(|kind| kind == "ReportBatchItemFailures"),
        patterns: patterns.collect::<Result<_, _>>()?,
    })
}

fn check_streams(template: &Template) -> Result<(), Error> {
    for function in &template.functions {
        for StreamTrigger { table, .. } in &function.streams {
            if !template.tables.iter().any(|known| known.name == *table && known.streams) {
                return Err(unknown(&function.name, format!("a trigger on {table}, which has no stream")));
            }
        }
    }
    Ok(())
}

/// The value in the shape that the stack knows.
pub(super) fn shape<T: DeserializeOwned>(resource: &str, value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|error| unknown(resource, error.to_string()))
}

pub(super) fn unknown(resource: &str, problem: impl Into<String>) -> Error {
    Error::Unknown { resource: resource.to_owned(), problem: problem.into() }
}
