//! What must not be told is told nowhere: not in a table, a log line, an error or a report.

use std::{
    fs,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use local::{
    clock::ManualClock,
    stack::{Options, Stack, Time},
};
use shared::application::Application;
use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::busy;
use crate::stack::{engine::Folder, gateway::client};

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

impl Log {
    /// Everything that our crates log, and what Lambda shows of the others, on this thread.
    pub(crate) fn begin(&self) -> (Dispatch, DefaultGuard) {
        // While there is one dispatcher, a line of code that another thread comes to first counts as
        // one that nobody listens to; so there are two.
        let another = Dispatch::new(NoSubscriber::new());
        let filter =
            EnvFilter::new("info,shared=trace,webhook=trace,sync=trace,users=trace,activation=trace");
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(self.clone());
        (another, tracing::subscriber::set_default(subscriber.with_ansi(false).finish()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

const TABLES: [&str; 5] = ["UsersTable", "WorkTable", "JobsTable", "ReportsTable", "SettingsTable"];

fn rows(stack: &Stack, table: &str) -> String {
    serde_json::to_string(&stack.engine().items(table).unwrap()).unwrap()
}

/// Everything that may hold no secret and no e-mail address, looked for in `text`.
fn holds_none(what: &str, text: &str, forbidden: &[String]) {
    for forbidden in forbidden {
        let at = text.find(forbidden.as_str());
        let around = at.map(|at| text[at.saturating_sub(200)..].chars().take(400).collect::<String>());
        assert!(at.is_none(), "{what} holds {forbidden}: …{}…", around.unwrap_or_default());
    }
}

fn secrets(application: &Application, token: &str, folder: &Folder) -> Vec<String> {
    let key = fs::read_to_string(folder.path().join("data/vault.key")).unwrap();
    vec![
        application.credentials.access_token.expose().to_owned(),
        application.credentials.client_secret.expose().to_owned(),
        application.webhook.app_secret.expose().to_owned(),
        token.to_owned(),
        key.trim().to_owned(),
        busy::PASSWORD.to_owned(),
    ]
}

/// What is asked of the functions by those who may not, secrets and all.
async fn knock(stack: &Stack, application: &Application, token: &str) {
    let client = client();
    let url = |path: &str| format!("{}{path}", stack.api());
    let wrong = client.get(url("/scim/v2/Users")).bearer_auth(format!("{token}x"));
    assert_eq!(wrong.send().await.unwrap().status(), 401);
    let query = client.get(url(&format!("/scim/v2/Users?access_token={token}")));
    assert_eq!(query.send().await.unwrap().status(), 401);
    let delivery = client.post(url("/webhooks/main-store"));
    let delivery = delivery.header("x-clientele-secret", application.credentials.client_secret.expose());
    let delivery = delivery.header("webhook-id", "zofia0@wholesale.example").body("{}");
    assert_eq!(delivery.send().await.unwrap().status(), 401);
    let listed = client.get(url("/scim/v2/Users")).bearer_auth(token).send().await.unwrap();
    assert_eq!(listed.status(), 200);
}

#[tokio::test]
async fn no_secret_is_kept_or_told_and_no_address_is_logged_g87() {
    let (folder, log) = (Folder::new(), Log::default());
    let logging = log.begin();
    // An engine with a file lets items expire by the machine's time: nothing is to expire here.
    let time = Time::ByHand(ManualClock::starting_at("2100-01-01T00:00:00Z".parse().unwrap()));
    let options = Options { time, data: Some(folder.path().join("data")), ..Options::default() };
    let stack = Stack::start(options).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    let token = stack.token().await.unwrap().expose().to_owned();
    busy::run(&stack, &application).await;
    knock(&stack, &application, &token).await;
    drop(logging);

    let secrets = secrets(&application, &token, &folder);
    for table in TABLES {
        holds_none(table, &rows(&stack, table), &secrets);
    }
    let users = stack.tables().page_of_users(None, 250).await.unwrap();
    holds_none("the users, which are packed,", &serde_json::to_string(&users).unwrap(), &secrets);
    holds_none("the engine's file", &files_of_engine(&folder), &secrets);
    let printed = format!("{application:?} {stack:?}", stack = stack.tables());
    holds_none("what is printed", &printed, &secrets);

    let personal = ["@wholesale.example", "Quillfeather", "Brzezinska"].map(str::to_owned);
    let logged = log.text();
    assert!(logged.contains("delivery judged") && logged.contains("look failed"), "{logged}");
    holds_none("the log", &logged, &secrets);
    holds_none("the log", &logged, &personal);
    holds_none("the work", &rows(&stack, "WorkTable"), &personal);
    holds_none("the settings without attention", &settings(&stack), &personal);
    assert!(rows(&stack, "UsersTable").contains("@wholesale.example"), "users have addresses");
    assert!(rows(&stack, "ReportsTable").contains("@wholesale.example"), "so have reports");
}

/// The files as they lie on the disk, with what was deleted and not yet overwritten.
fn files_of_engine(folder: &Folder) -> String {
    let files = fs::read_dir(folder.path().join("data")).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("engine.db"));
    let texts: Vec<String> =
        files.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect();
    assert!(!texts.is_empty());
    texts.concat()
}

fn settings(stack: &Stack) -> String {
    let mut rows = stack.engine().items("SettingsTable").unwrap();
    rows.retain(|row| row["kind"]["S"] != "attention");
    assert!(!rows.is_empty());
    serde_json::to_string(&rows).unwrap()
}
