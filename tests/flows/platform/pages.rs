//! The activation page: a link is followed and a password set, another link is asked for.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use local::stack::Stack;
use reqwest::{
    Client, RequestBuilder,
    header::{CONTENT_TYPE, COOKIE, SET_COOKIE},
    redirect::Policy,
};
use shared::{
    application::Application,
    one_time::{OneTimeLink, Purpose},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser, as much of one as the page needs.
struct Visitor {
    http: Client,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    async fn send(&mut self, request: RequestBuilder) -> String {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer.text().await.unwrap()
    }

    async fn get(&mut self, url: &str) -> String {
        let request = self.http.get(url);
        self.send(request).await
    }

    /// Fills in the form of the page at `url`, whose fields are `fields` besides its proof.
    async fn fill_in(&mut self, url: &str, fields: &str) -> String {
        let page = self.get(url).await;
        let (_, proof) = page.split_once("name=\"form\" value=\"").unwrap();
        let proof = proof.split('"').next().unwrap();
        let request = self.http.post(url).header(CONTENT_TYPE, FORM).body(format!("form={proof}&{fields}"));
        self.send(request).await
    }
}

pub(super) async fn run(stack: &Stack, application: &Application) {
    let customer = stack.store().customers()[0].id.unwrap();
    let pointers = stack.tables().pointers(&application.id, &[customer]).await.unwrap();
    let user = stack.tables().user(&pointers[&customer].user).await.unwrap().unwrap();
    let (email, now) = (user.primary_email().unwrap().value.clone(), stack.clock().now());
    let hour = SignedDuration::from_hours(1);
    let link = OneTimeLink::to_set_a_password(Purpose::Activation, &user.id, email, now, hour);
    let link = OneTimeLink { application: Some(application.id.clone()), ..link };
    let token = stack.tables().issue(&link).await.unwrap();
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let mut visitor = Visitor { http, cookies: BTreeMap::new() };
    let page = format!("{}/activate", stack.api());
    visitor.get(&format!("{page}/{}", token.expose())).await;
    let told = visitor.fill_in(&page, "password=mauve+otter+7+canal").await;
    assert!(told.contains("Your password is set") || told.contains("sign in"), "{told}");
    visitor.fill_in(&format!("{page}/forgot"), "email=nobody%40example.com").await;
    stack.settle().await.unwrap();
}
