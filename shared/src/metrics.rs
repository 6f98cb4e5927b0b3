//! Figures for CloudWatch. A function writes them as lines of its log in the embedded metric format,
//! and CloudWatch makes metrics of them: no call, no right and no client is needed.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Under what name the figures stand in CloudWatch.
pub const NAMESPACE: &str = "Clientele";

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// `WorkDone`, `OldestWork`, …
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// How much.
    pub value: f64,
}

/// What a figure counts, in CloudWatch's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

impl Figure {
    /// So many things.
    pub fn count(name: &'static str, value: usize) -> Figure {
        // A count is far below 2^53.
        Figure { name, unit: Unit::Count, value: value as f64 }
    }
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
        }
    }
}

/// The line that tells of figures of a deployed stack at a time.
pub fn line(stack: &str, at: Timestamp, figures: &[Figure]) -> String {
    let named: Vec<Value> =
        figures.iter().map(|figure| json!({ "Name": figure.name, "Unit": figure.unit.as_str() })).collect();
    let metrics = json!({ "Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": named });
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({ "Timestamp": at.as_millisecond(), "CloudWatchMetrics": [metrics] }),
    );
    line.insert("Stack".to_owned(), json!(stack));
    line.extend(figures.iter().map(|figure| (figure.name.to_owned(), json!(figure.value))));
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_defines_each_figure_and_gives_it() {
        let figures =
            [Figure::count("WorkDone", 3), Figure { name: "OldestWork", unit: Unit::Seconds, value: 61.0 }];
        let at = "2026-11-01T12:00:00Z".parse().unwrap();
        let line: Value = serde_json::from_str(&line("shop", at, &figures)).unwrap();
        assert_eq!(line["_aws"]["Timestamp"], 1_793_534_400_000_i64);
        let metrics = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(metrics["Namespace"], "Clientele");
        assert_eq!(metrics["Dimensions"], json!([["Stack"]]));
        for metric in metrics["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
        }
        assert_eq!((&line["Stack"], &line["OldestWork"]), (&json!("shop"), &json!(61.0)));
        assert_eq!(metrics["Metrics"][1]["Unit"], "Seconds");
    }
}
