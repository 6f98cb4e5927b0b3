//! A Chromium for one test, and the driver that it is told by. Without them a test has nothing to
//! say and says so, unless `CLIENTELE_REQUIRE_BROWSER` is set.
//!
//! What the WebDriver protocol has no words for is told over Chromium's own (see [`Browser::tell`]).

use std::{ops::Deref, path::PathBuf, process::Stdio, time::Duration};

use axum::http::Method;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use url::Url;

/// The width of a desktop's window, in CSS pixels.
pub(crate) const DESKTOP: u32 = 1280;
/// The width of a phone's screen, in CSS pixels.
pub(crate) const PHONE: u32 = 390;

/// How long something on a page is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Chromium for one test; what [`Client`] can do, it can.
pub(crate) struct Browser {
    client: Client,
    pub(crate) width: u32,
    /// Ends with the browser.
    _driver: Child,
}

impl Browser {
    /// Opens a window of this width; `None`: there is no Chromium here.
    pub(crate) async fn open(width: u32) -> Option<Browser> {
        let (mut driver, address) = start_driver().await?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = ClientBuilder::new(connector).capabilities(capabilities(width)).connect(&address).await;
        if client.is_err() {
            driver.kill().await.unwrap();
        }
        Some(Browser { client: client.unwrap(), width, _driver: driver })
    }

    /// The first element of this selector, as soon as there is one.
    pub(crate) async fn element(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("there is no {css} ({error})"))
    }

    /// Waits until the page says `words`, which hold no double quotes: of the page that is to come, too.
    pub(crate) async fn says(&self, words: &str) {
        let said = format!("//body[contains(normalize-space(.), \"{words}\")]");
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&said)).await;
        if let Err(error) = found {
            let page = self.client.source().await.unwrap_or_default();
            panic!("the page does not say {words:?} ({error}):\n{page}");
        }
    }

    /// Writes `text` into a field, in place of what was in it.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.element(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses what has this selector.
    pub(crate) async fn press(&self, css: &str) {
        self.element(css).await.click().await.unwrap();
    }

    /// Presses what leads to another page, also where that page says nothing that this one does not,
    /// and waits for it.
    pub(crate) async fn leave_by(&self, css: &str) {
        self.ask("document.documentElement.dataset.left = ''").await;
        self.press(css).await;
        self.element("html:not([data-left])").await;
    }

    /// Presses the button or link whose text this is.
    pub(crate) async fn press_named(&self, name: &str) {
        let named = format!(
            "//main//*[self::a or self::button or self::summary][normalize-space(.)=\"{name}\"][not(ancestor::details[not(@open)]) or self::summary]"
        );
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&named)).await;
        found
            .unwrap_or_else(|error| panic!("there is no {name:?} to press ({error})"))
            .click()
            .await
            .unwrap();
    }

    /// Chooses an option of a field by its value.
    pub(crate) async fn choose(&self, css: &str, value: &str) {
        self.element(css).await.select_by_value(value).await.unwrap();
    }

    /// What a script says, which is a function's body.
    pub(crate) async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Tells Chromium something by a command of its DevTools protocol.
    pub(crate) async fn tell(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Further { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// What it wrote into its console since it was asked last.
    pub(crate) async fn log(&self) -> Vec<Value> {
        let told =
            self.client.issue_cmd(Further { path: "se/log", body: json!({ "type": "browser" }) }).await;
        told.unwrap().as_array().cloned().unwrap_or_default()
    }

    /// Closes the window. A browser that is dropped is killed with its driver.
    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A command of chromedriver beyond the standard.
#[derive(Debug)]
struct Further {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Further {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// The first of these programs that is on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|file| file.is_file())
}

async fn start_driver() -> Option<(Child, String)> {
    let Some(driver) = program(&["chromedriver"]) else {
        assert!(std::env::var_os("CLIENTELE_REQUIRE_BROWSER").is_none(), "there is no chromedriver");
        eprintln!("skipped: there is no chromedriver (on Debian: apt-get install chromium chromium-driver)");
        return None;
    };
    let mut driver =
        Command::new(driver).arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    // Of the kind "… was started successfully on port 41234."
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.rsplit_once("successfully on port ") {
            let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
            // It is not to wait for somebody to read what it says.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some((driver, address));
        }
    }
    panic!("chromedriver did not say where it listens");
}

fn capabilities(width: u32) -> Map<String, Value> {
    let height = if width < 600 { 844 } else { 900 };
    let mut options = json!({
        "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en",
            format!("--window-size={width},{height}")
        ],
        "mobileEmulation": {
            "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1, "touch": width < 600 }
        }
    });
    if let Some(chromium) = program(&["chromium", "chromium-browser", "google-chrome"]) {
        options["binary"] = json!(chromium);
    }
    json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } })
        .as_object()
        .unwrap()
        .clone()
}
