//! A shopper with a browser: what it keeps, what it is shown, and what the store then lets in.

use std::{collections::BTreeMap, sync::Mutex};

use jiff::SignedDuration;
use local::stack::{Options, Stack, Time};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{COOKIE, HeaderMap, SET_COOKIE},
    redirect::Policy,
};
use shared::{
    amendment::Amendment,
    application::{ActivationSettings, Application},
    one_time::{OneTimeLink, Purpose, Token},
    report::{Action, Entry},
    secret::EmailAddress,
    store::{EntryQuery, Of, Tables},
    user::User,
};

/// A password that passes, and another.
pub(super) const GOOD: &str = "mauve otter 7 canal";
pub(super) const OTHER: &str = "tin kettle 4 harbour";

/// A stack with a store, and one of its customers.
pub(super) struct Town {
    pub(super) stack: Stack,
    pub(super) application: Application,
    pub(super) user: User,
}

impl Town {
    pub(super) async fn start() -> Town {
        Town::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Town {
        let stack = Stack::start(Options { customers: 1, ..options }).await.unwrap();
        let mut application = stack.connect("main-store".parse().unwrap(), "Main Store").await.unwrap();
        application.policies.survey_every_hours = 0;
        stack.tables().put_application(&application).await.unwrap();
        stack.settle().await.unwrap();
        let customer = stack.store().customers()[0].id.unwrap();
        let pointers = stack.tables().pointers(&application.id, &[customer]).await.unwrap();
        let user = stack.tables().user(&pointers[&customer].user).await.unwrap().unwrap();
        Town { stack, application, user }
    }

    pub(super) fn tables(&self) -> &Tables {
        self.stack.tables()
    }

    pub(super) fn email(&self) -> EmailAddress {
        self.user.primary_email().unwrap().value.clone()
    }

    pub(super) fn pass(&self, time: std::time::Duration) {
        let Time::ByHand(clock) = self.stack.time() else { panic!("the clock is a manual one") };
        clock.advance(time);
    }

    /// A link of an hour, as a mail has it.
    pub(super) async fn link(&self, purpose: Purpose) -> Token {
        let now = self.stack.clock().now();
        let hour = SignedDuration::from_hours(1);
        let link = OneTimeLink::to_set_a_password(purpose, &self.user.id, self.email(), now, hour);
        let link = OneTimeLink { application: Some(self.application.id.clone()), ..link };
        self.tables().issue(&link).await.unwrap()
    }

    pub(super) fn shopper(&self) -> Shopper<'_> {
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Shopper { town: self, http, cookies: Mutex::default() }
    }

    /// A shopper on the page that a fresh link opens.
    pub(super) async fn invited(&self) -> Shopper<'_> {
        let shopper = self.shopper();
        shopper.open(&self.link(Purpose::Activation).await).await;
        shopper
    }

    /// Whether the store lets the customer in with this password.
    pub(super) async fn lets_in(&self, password: &str) -> bool {
        let url = format!("{}/sign-in", self.stack.store().url());
        let form = [("email", self.email().as_str()), ("password", password)].map(|(n, v)| (n, v.to_owned()));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.post(url).header("content-type", FORM).body(encoded(&form)).send().await.unwrap().status()
            == StatusCode::OK
    }

    /// How often the store was asked to change customers.
    pub(super) fn store_calls(&self) -> u64 {
        let calls = self.stack.store().calls();
        calls.endpoints.get("PUT /v3/customers").map_or(0, |endpoint| endpoint.calls)
    }

    /// All of the tables, as a thief would read them.
    pub(super) fn dump(&self) -> String {
        let tables = ["UsersTable", "WorkTable", "JobsTable", "ReportsTable", "SettingsTable"];
        tables.map(|table| format!("{:?}", self.stack.engine().items(table).unwrap())).join("\n")
    }

    /// The entries about passwords, newest first.
    pub(super) async fn entries(&self) -> Vec<Entry> {
        let now = self.stack.clock().now();
        let query = EntryQuery {
            of: Of::Application(self.application.id.clone()),
            from: now - SignedDuration::from_hours(24),
            to: now + SignedDuration::from_secs(1),
            outcome: None,
            action: None,
            way: None,
            limit: 250,
            cursor: None,
        };
        let mut entries = self.tables().entries(&query).await.unwrap().entries;
        entries.retain(|entry| entry.action == Action::SetPassword);
        entries
    }

    pub(super) async fn set(&self, settings: &ActivationSettings) {
        let nothing = serde_json::Value::Null;
        let now = self.stack.clock().now();
        let amendment = Amendment::new("ada", "activation main-store", &nothing, &nothing, now);
        let id = &self.application.id;
        self.tables().put_activation_settings(id, settings, &amendment).await.unwrap();
    }

    pub(super) async fn state(&self) -> &'static str {
        let activation = self.tables().activation(&self.user.id, &self.application.id).await.unwrap();
        activation.state.as_str()
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser with its cookies.
pub(super) struct Shopper<'a> {
    town: &'a Town,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What a browser was shown.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Shopper<'_> {
    pub(super) async fn get(&self, path: &str) -> Page {
        self.send(self.http.get(self.url(path))).await
    }

    pub(super) async fn head(&self, path: &str) -> Page {
        self.send(self.http.head(self.url(path))).await
    }

    /// Opens a mail's link and follows it.
    pub(super) async fn open(&self, token: &Token) -> Page {
        let page = self.get(&format!("/activate/{}", token.expose())).await;
        assert_eq!(
            (page.status, &page.headers["location"]),
            (StatusCode::SEE_OTHER, &"/activate".parse().unwrap())
        );
        self.get("/activate").await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_with(path, &HeaderMap::new(), fields).await
    }

    pub(super) async fn post_with(&self, path: &str, headers: &HeaderMap, fields: &[(&str, &str)]) -> Page {
        let fields: Vec<(&str, String)> =
            fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let request = self.http.post(self.url(path)).header("content-type", FORM).headers(headers.clone());
        self.send(request.body(encoded(&fields))).await
    }

    /// Fills in the form of the page that is open.
    pub(super) async fn set(&self, password: &str) -> Page {
        let form = self.get("/activate").await.form();
        self.post("/activate", &[("form", &form), ("password", password)]).await
    }

    /// Asks for a link.
    pub(super) async fn forgot(&self, email: &str) -> Page {
        let form = self.get("/activate/forgot").await.form();
        self.post("/activate/forgot", &[("form", &form), ("email", email)]).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.town.stack.api())
    }

    async fn send(&self, request: RequestBuilder) -> Page {
        let line: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = if line.is_empty() { request } else { request.header(COOKIE, line.join("; ")) };
        let answer: Response = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        Page { status, headers, body: answer.text().await.unwrap() }
    }

    fn keep(&self, cookie: &str) {
        assert!(cookie.contains("Path=/activate") && cookie.contains("HttpOnly"), "{cookie}");
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        match cookie.contains("Max-Age=0") {
            true => cookies.remove(name),
            false => cookies.insert(name.to_owned(), value.to_owned()),
        };
    }
}

impl Page {
    /// What the page's form is known by.
    pub(super) fn form(&self) -> String {
        let begin = "name=\"form\" value=\"";
        let at = self.body.find(begin).unwrap_or_else(|| panic!("the page has a form: {}", self.body));
        self.body[at + begin.len()..].split('"').next().unwrap().to_owned()
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.body.contains(words)
    }
}

fn encoded(fields: &[(&str, String)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", percent(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn percent(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
