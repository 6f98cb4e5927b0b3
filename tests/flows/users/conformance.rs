//! The suites by which others judge a SCIM service, against the whole stack: scim2-tester (through
//! scim2-cli) and scim-sanity. They are Python's: looked for in the folder that
//! `CLIENTELE_SCIM_SUITES` names, or else on the path.

use std::path::PathBuf;

use local::stack::{Options, Stack};
use tokio::process::Command;

/// The command, if it is installed; where `CLIENTELE_REQUIRE_SCIM_SUITES` is 1 it must be.
fn suite(name: &str) -> Option<Command> {
    let folder = std::env::var_os("CLIENTELE_SCIM_SUITES").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folder.map_or_else(|| std::env::split_paths(&path).collect(), |folder| vec![folder]);
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|program| program.is_file());
    let required = std::env::var("CLIENTELE_REQUIRE_SCIM_SUITES").is_ok_and(|value| value == "1");
    assert!(found.is_some() || !required, "{name} must be installed: see the README");
    if found.is_none() {
        eprintln!("skipped, as {name} is not installed: see the README");
    }
    found.map(|program| {
        let mut command = Command::new(program);
        command.kill_on_drop(true).env("NO_COLOR", "1");
        command
    })
}

/// A stack with a store of some customers, who are in the directory.
async fn stack() -> Stack {
    let stack = Stack::start(Options { customers: 20, ..Options::default() }).await.unwrap();
    stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    stack.settle().await.unwrap();
    stack.leave_work();
    stack
}

/// Runs the command, and gives what it wrote if it succeeded.
async fn passed(mut command: Command) -> String {
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{text}\n{errors}", output.status);
    text
}

#[tokio::test]
async fn scim2_tester_has_nothing_to_object_and_nothing_to_skip() {
    let Some(mut command) = suite("scim2") else { return };
    let stack = stack().await;
    let token = stack.token().await.unwrap();
    command.env("SCIM_CLI_URL", format!("{}/scim/v2", stack.api()));
    command.env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", token.expose()));
    command.arg("test");
    let told = passed(command).await;
    let checks = told.lines().filter(|line| line.starts_with("SUCCESS")).count();
    assert!(checks >= 140 && !told.contains("SKIPPED"), "{told}");
}

#[tokio::test]
async fn scim_sanity_has_nothing_to_object_and_no_warning() {
    let Some(mut command) = suite("scim-sanity") else { return };
    let stack = stack().await;
    let token = stack.token().await.unwrap();
    command.arg("probe").arg(format!("{}/scim/v2", stack.api()));
    command.args(["--token", token.expose(), "--i-accept-side-effects", "--json-output"]);
    let told: serde_json::Value = serde_json::from_str(&passed(command).await).unwrap();
    let results = told["results"].as_array().unwrap();
    let status = |result: &serde_json::Value| result["status"].as_str().unwrap().to_ascii_lowercase();
    assert!(results.iter().filter(|result| status(result) == "pass").count() >= 25, "{told}");
    for result in results.iter().filter(|result| status(result) != "pass") {
        // Its phases 4 and 5 are for agents, which no RFC knows.
        assert!(status(result) == "skip" && result.to_string().contains("Agent"), "{result}");
    }
}
