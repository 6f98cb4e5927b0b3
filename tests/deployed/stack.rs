//! The deployed stack, and a simulated store that is connected to it.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use local::{
    bigcommerce::{Config, Simulator},
    loopback::Loopback,
    template::Template,
};
use serde_json::Value;
use shared::{
    application::{Application, ApplicationId, Credentials, Policies, SignatureMode, WebhookPolicy},
    client::{ApiToken, Client, ClientId},
    clock::{Clock, random_id},
    mapping::Mapping,
    secret::Secret,
    store::{TableNames, Tables},
    vault::Vault,
};
use tokio::process::Command;

use crate::{Tools, emulator::Emulator};

const STACK: &str = "clientele";

pub(crate) struct Stack {
    pub(crate) emulator: Emulator,
    pub(crate) store: Simulator,
    pub(crate) tables: Tables,
    pub(crate) http: reqwest::Client,
    /// The address of the API.
    pub(crate) api: String,
    /// The token of a SCIM client.
    pub(crate) token: Secret,
    /// What was made, by the names in the template.
    pub(crate) resources: BTreeMap<String, String>,
    sam: std::path::PathBuf,
}

impl Stack {
    /// Deploys the template, and connects a store.
    pub(crate) async fn deploy(tools: &Tools) -> Stack {
        let config = Config { allow_local_destinations: true, ..Config::default() };
        let mut store = Simulator::start(config, Clock::system()).unwrap();
        store.seed(20, 1);
        store.deliver_in_background();
        let emulator = Emulator::start(&tools.programs).await;
        let sam = tools.sam();
        deploy(&emulator, &sam, &tools.template, &store).await;
        let outputs = listed(&emulator, tools, "stack-outputs", ["OutputKey", "OutputValue"]).await;
        let resources =
            listed(&emulator, tools, "resources", ["LogicalResourceId", "PhysicalResourceId"]).await;
        let tables = tables(&emulator, &resources).await;
        let token = token(&tables).await;
        let http = reqwest::Client::builder().dns_resolver(Arc::new(Loopback)).build().unwrap();
        let api = outputs["ApiUrl"].clone();
        let stack = Stack { emulator, store, tables, http, api, token, resources, sam };
        stack.connect().await;
        stack
    }

    /// Deploys another template over this one.
    pub(crate) async fn redeploy(&self, template: &Path) {
        deploy(&self.emulator, &self.sam, template, &self.store).await;
    }

    /// Connects the store and has the schedule's watch set up its webhooks.
    async fn connect(&self) {
        let account = self.store.account();
        let application = Application {
            id: ApplicationId::try_from("main-store".to_owned()).unwrap(),
            name: "Main store".to_owned(),
            store_hash: account.store_hash,
            credentials: Credentials {
                client_id: account.client_id,
                client_secret: account.client_secret,
                previous_client_secret: None,
                access_token: account.access_token,
            },
            webhook: WebhookPolicy {
                app_secret: Secret::new(random_id()),
                previous_app_secret: None,
                signature: SignatureMode::Require,
            },
            mapping: Mapping::default(),
            policies: Policies { import_every_hours: 1, ..Policies::default() },
        };
        self.tables.put_application(&application).await.unwrap();
        self.invoke("SyncFunction", r#"{"wake": "watch"}"#).await;
    }

    /// Invokes a function by its name in the template.
    pub(crate) async fn invoke(&self, function: &str, event: &str) -> String {
        let mut invoke = self.emulator.command(&self.sam);
        invoke.args(["remote", "invoke", function, "--stack-name", STACK, "--event", event]);
        output(invoke).await
    }

    /// A request of the directory.
    pub(crate) async fn scim(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/scim/v2/{path}", self.api);
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(self.token.expose());
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Whoever deploys it gets every resource that the template names, and its alarms among them.
    pub(crate) async fn has_all_that_the_template_names(&self) {
        let template = Template::deployed().unwrap();
        assert!(!template.functions.is_empty());
        for (name, physical) in &self.resources {
            assert!(!physical.is_empty(), "{name} was not made");
        }
        for needed in ["Api", "UsersTable", "WorkTable", "JobsTable", "ReportsTable", "SettingsTable"] {
            assert!(self.resources.contains_key(needed), "{needed} was not made: {:?}", self.resources);
        }
    }

    pub(crate) async fn stop(self) {
        drop(self.store);
        self.emulator.stop().await;
    }
}

async fn deploy(emulator: &Emulator, sam: &Path, template: &Path, store: &Simulator) {
    let mut deploy = emulator.command(sam);
    deploy.arg("deploy").arg("--template-file").arg(template).args(["--stack-name", STACK]);
    deploy.args(["--resolve-s3", "--no-confirm-changeset", "--no-progressbar", "--capabilities"]);
    deploy.args(["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides"]);
    deploy.arg(format!("BigCommerceApi={}", store.url()));
    deploy.args(["OwnerEmail=owner@example.com", "MailFrom=shop@example.com"]);
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    deploy.arg(format!("Architecture={architecture}"));
    output(deploy).await;
}

/// What the command wrote; it must succeed.
pub(crate) async fn output(mut command: Command) -> String {
    let done = tokio::time::timeout(Duration::from_secs(300), command.output()).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{command:?}\n{text}\n{}", String::from_utf8_lossy(&done.stderr));
    text
}

async fn listed(emulator: &Emulator, tools: &Tools, what: &str, keys: [&str; 2]) -> BTreeMap<String, String> {
    let mut list = emulator.command(&tools.sam());
    list.args(["list", what, "--stack-name", STACK, "--output", "json"]);
    list.current_dir(tools.template.parent().unwrap());
    let listed: Vec<Value> = serde_json::from_str(&output(list).await).unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    listed.iter().map(|row| (text(row, keys[0]), text(row, keys[1]))).collect()
}

/// The tables as the functions have them: with the vault whose key the deployment made.
async fn tables(emulator: &Emulator, resources: &BTreeMap<String, String>) -> Tables {
    let secret = emulator.secrets().get_secret_value().secret_id(&resources["VaultSecret"]).send().await;
    let key = Secret::new(secret.unwrap().secret_string.unwrap());
    let name = |table: &str| resources[table].clone();
    let names = TableNames {
        users: name("UsersTable"),
        work: name("WorkTable"),
        jobs: name("JobsTable"),
        reports: name("ReportsTable"),
        settings: name("SettingsTable"),
    };
    Tables::new(emulator.dynamodb(), names, Vault::new(&key).unwrap())
}

async fn token(tables: &Tables) -> Secret {
    let id = ClientId::try_from("deployed".to_owned()).unwrap();
    tables.put_client(&Client::new(id.clone(), "Deployed")).await.unwrap();
    tables.create_api_token(&ApiToken::new(id, Clock::system().now())).await.unwrap()
}
