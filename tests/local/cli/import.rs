//! `cargo run -- import`: an import begun, and watched to its end, from the command line: at the stack
//! that runs with the data directory, or else at one that is started for it.

use std::{error::Error, io, io::IsTerminal, process::ExitCode, time::Duration};

use local::stack::{Running, Stack, running};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde_json::json;
use shared::{
    clock::Clock,
    import::{Counts, Kind, State},
    secret::Secret,
};

use super::{Arguments, bar::Bar, start};

/// How often it is asked how far the import is.
const EVERY: Duration = Duration::from_millis(500);

/// Import a store's customers; the exit code tells how it ended: 0 done, 3 it waits for a person, 4 cancelled,
/// 1 it could not be done
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// Show how far it is, until it ends
    #[arg(long)]
    watch: bool,
    /// Tell only what would be done, and change nothing
    #[arg(long)]
    dry: bool,
    /// Go over only what changed since the last import
    #[arg(long)]
    incremental: bool,
    /// Whose customers
    #[arg(long, value_name = "ID", default_value = super::APPLICATION)]
    application: String,
}

/// A run, as the console tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) dry: bool,
    pub(super) state: State,
    pub(super) progress: Progress,
    pub(super) counts: Counts,
    pub(super) quota_used_percent: Option<u8>,
    #[serde(default)]
    pub(super) detail: String,
    pub(super) waits: Option<Waits>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) total: Option<u64>,
    pub(super) rate: Option<f64>,
    pub(super) eta_seconds: Option<u64>,
}

/// Why it does not go on at once.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Waits {
    pub(super) reason: String,
}

/// Why there is no import.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the import could not be asked for or looked at (the stack must answer at {0})")]
    NotReached(String, #[source] reqwest::Error),
    #[error("the import was not begun or told: {0}")]
    Refused(String),
    #[error(
        "the running stack's token cannot be read (it stands in the data directory once the stack has started)"
    )]
    NoToken,
}

/// Begins the import, at a stack of its own where none runs.
pub(crate) async fn import(arguments: &Arguments, asked: &Import) -> Result<ExitCode, Box<dyn Error>> {
    let kept = (!arguments.memory).then(|| running(&arguments.data_dir)).flatten();
    if let Some(Running { api, token }) = kept {
        let at = At { http: client()?, api, token: token.ok_or(Failed::NoToken)? };
        return at.import(asked, Follow::of(asked)).await;
    }
    let stack = Stack::start(start(arguments)).await?;
    let token = stack.token().await?;
    stack.connect(super::APPLICATION.parse()?, super::NAME).await?;
    let at = At { http: client()?, api: stack.api().to_owned(), token };
    // It would end with the process: so it is seen through, shown or not.
    let followed = at.import(asked, if asked.watch { Follow::Shown } else { Follow::Silently }).await;
    stack.save().await?;
    followed
}

fn client() -> Result<Client, reqwest::Error> {
    // Somebody else may have chosen it already, and chose the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    Not,
    Silently,
    Shown,
}

impl Follow {
    fn of(asked: &Import) -> Follow {
        if asked.watch { Follow::Shown } else { Follow::Not }
    }
}

/// The console of a running stack.
struct At {
    http: Client,
    api: String,
    token: Secret,
}

impl At {
    async fn import(&self, asked: &Import, follow: Follow) -> Result<ExitCode, Box<dyn Error>> {
        let mut told = self.begin(asked).await?;
        let mut bar = Bar::new(io::stdout(), io::stdout().is_terminal());
        let address = format!("{}/admin/imports/{}", self.api, told.id);
        if follow == Follow::Not {
            bar.say(&format!("The import has begun: {address}"))?;
            return Ok(ExitCode::SUCCESS);
        }
        while told.state == State::Active {
            if follow == Follow::Shown {
                bar.draw(&told)?;
            }
            Clock::system().sleep(EVERY).await;
            told = self.answer(self.http.get(&address)).await?;
        }
        bar.end(&told)?;
        if !told.state.is_open() || told.detail.is_empty() {
            return Ok(code(told.state));
        }
        bar.say(&told.detail)?;
        bar.say(&address)?;
        Ok(code(told.state))
    }

    async fn begin(&self, asked: &Import) -> Result<Told, Failed> {
        let kind = if asked.incremental { Kind::Incremental } else { Kind::Full };
        let wanted = json!({ "application": asked.application, "kind": kind, "dry": asked.dry });
        self.answer(self.http.post(format!("{}/admin/imports", self.api)).json(&wanted)).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Told, Failed> {
        let not_reached = |error| Failed::NotReached(self.api.clone(), error);
        let request = request.bearer_auth(self.token.expose()).header("accept", "application/json");
        let answer = request.send().await.map_err(not_reached)?;
        match answer.status().is_success() {
            true => answer.json().await.map_err(not_reached),
            false => {
                let problem: Problem = answer.json().await.map_err(not_reached)?;
                Err(Failed::Refused(problem.detail))
            }
        }
    }
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
}

fn code(state: State) -> ExitCode {
    match state {
        State::Done => ExitCode::SUCCESS,
        State::Paused | State::Stopped => ExitCode::from(3),
        State::Cancelled => ExitCode::from(4),
        State::Active => ExitCode::FAILURE,
    }
}
