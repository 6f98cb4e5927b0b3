//! The command line, as a process of its own.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use shared::clock::random_id;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

fn clientele(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
    command.args(arguments).kill_on_drop(true);
    command
}

async fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = clientele(arguments).output().await.unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A directory that is gone when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        Scratch(std::env::temp_dir().join(format!("clientele-{}", random_id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}

#[tokio::test]
async fn an_import_at_a_stack_of_its_own_is_watched_to_its_end() {
    let (code, told, errors) = run(&["import", "--watch", "--memory", "--customers", "20"]).await;
    assert_eq!(code, Some(0), "{told}{errors}");
    let last = told.lines().last().unwrap();
    assert!(last.starts_with("Done: 20 customers; "), "{told}");
    assert!(!told.contains('\x1b'), "no terminal, no bar: {told:?}");
    let (code, _, errors) =
        run(&["import", "--watch", "--memory", "--customers", "1", "--application", "x"]).await;
    assert!(code == Some(1) && errors.contains("no such application"), "{code:?} {errors}");
}

#[tokio::test]
async fn an_import_is_asked_of_the_stack_that_runs_with_the_data() {
    let scratch = Scratch::new();
    let arguments = ["--json", "--customers", "3", "--data-dir", scratch.path()];
    let mut stack = clientele(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(stack.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().expect("the addresses come first");
    let addresses: serde_json::Value = serde_json::from_str(&first).unwrap();
    let at = |more: &[&'static str]| {
        let mut arguments = vec!["import", "--data-dir", scratch.path()];
        arguments.extend_from_slice(more);
        arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let ask = async |more: &[&'static str]| {
        let arguments = at(more);
        run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let (code, _, errors) = ask(&["--incremental"]).await;
    assert!(code == Some(1) && errors.contains("Begin with a full import"), "{code:?} {errors}");
    let (code, told, errors) = ask(&["--dry", "--watch"]).await;
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(told.lines().last().unwrap().starts_with("Foreseen, and nothing was changed: 3 "), "{told}");
    let (code, told, _) = ask(&[]).await;
    let begun = format!("The import has begun: {}/admin/imports/", addresses["api"].as_str().unwrap());
    assert!(code == Some(0) && told.starts_with(&begun), "{told}");
    stack.kill().await.unwrap();
}
