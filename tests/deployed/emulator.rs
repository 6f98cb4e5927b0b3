//! An emulator of AWS in a process of its own, which checks every call's signature and rights.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use tokio::process::{Child, Command};

/// The region that everything is deployed to.
const REGION: &str = "us-east-1";
/// The name and the secret of the emulated account's own key.
const ROOT: &str = "test";

pub(crate) struct Emulator {
    url: String,
    process: Child,
}

impl Emulator {
    /// Starts one, which is empty.
    pub(crate) async fn start(programs: &Path) -> Emulator {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let folder = std::env::temp_dir().join(format!("clientele-deployed-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let log = std::fs::File::create(folder.join("emulator.log")).unwrap();
        let path = format!("{}:/usr/bin:/bin", programs.display());
        let process = Command::new(programs.join("ministack"))
            .env_clear()
            .envs([("PATH", path.as_str()), ("AWS_ENDPOINT_URL", &url), ("BIND_HOST", "127.0.0.1")])
            .envs([("GATEWAY_PORT", port.to_string().as_str()), ("AUTH", "true")])
            .envs([("SFTP_ENABLED", "0"), ("IOT_MTLS_ENABLED", "0")])
            .env("HOME", &folder)
            .current_dir(&folder)
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let emulator = Emulator { url, process };
        let health = format!("{}/_ministack/health", emulator.url);
        until("the emulator answers", Duration::from_secs(60), async || reqwest::get(&health).await.ok())
            .await;
        emulator
    }

    /// A command of AWS's own programs, against the emulator.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .envs([("AWS_ENDPOINT_URL", self.url.as_str()), ("AWS_DEFAULT_REGION", REGION)])
            .envs([("AWS_ACCESS_KEY_ID", ROOT), ("AWS_SECRET_ACCESS_KEY", ROOT), ("SAM_CLI_TELEMETRY", "0")])
            .kill_on_drop(true);
        command
    }

    /// The tables' client.
    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(ROOT, ROOT, None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&self.url);
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// The client of the secrets.
    pub(crate) fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        let config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(ROOT, ROOT, None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&self.url);
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    /// Ends it and the functions that it runs.
    pub(crate) async fn stop(mut self) {
        if let Some(id) = self.process.id() {
            Command::new("kill").arg(id.to_string()).status().await.unwrap();
        }
        self.process.wait().await.unwrap();
    }
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(what: &str, patience: Duration, ask: impl AsyncFn() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(answer) => answer,
        Err(_) => panic!("not so within {} s: {what}", patience.as_secs()),
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
