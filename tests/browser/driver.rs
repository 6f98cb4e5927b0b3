//! A Chromium for one test, and the driver that it is told by. Without them a test has nothing to
//! say and says so, unless `CLIENTELE_REQUIRE_BROWSER` is set.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The width of a desktop's window, in CSS pixels.
pub(crate) const DESKTOP: u32 = 1280;
/// The width of a phone's screen, in CSS pixels.
pub(crate) const PHONE: u32 = 390;

/// How long something on a page is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Chromium for one test; what [`Client`] can do, it can.
pub(crate) struct Browser {
    client: Client,
    width: u32,
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

    /// Keeps a picture of the page as it is, as `name-width.png`, and sees that nothing on it is
    /// wider than the window.
    pub(crate) async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}-{}.png", self.width)), picture).unwrap();
        let wide = self.client.execute("return document.documentElement.scrollWidth", vec![]).await.unwrap();
        assert!(wide.as_u64().unwrap() <= u64::from(self.width), "{name} is {wide} wide");
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
    json!({ "goog:chromeOptions": options }).as_object().unwrap().clone()
}
