//! Where mails end up: an endpoint that takes SES's SendEmail, and a page that shows what it took.
//! `GET /mailbox` answers with JSON when asked for it.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use askama::Template;
use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::ACCEPT, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;
use shared::clock::random_id;
use tokio::{net::TcpListener, task::JoinHandle};

/// A mail as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// The sender's address.
    pub from: String,
    /// The recipients' addresses.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The part in plain text; empty for none.
    pub text: String,
    /// The part in HTML; empty for none.
    pub html: String,
}

/// The mailbox, served until it is dropped.
pub struct Mailbox {
    url: String,
    mails: Mails,
    server: JoinHandle<()>,
}

type Mails = Arc<Mutex<Vec<Mail>>>;

impl Mailbox {
    /// An empty mailbox on a port of the loopback address (0: any free one).
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start(port: u16) -> io::Result<Mailbox> {
        let mails = Mails::default();
        let router = Router::new().route("/", post(send)).route("/mailbox", get(page));
        let router = router.with_state(mails.clone());
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = tokio::spawn(async move {
            // It returns when the task is aborted, and not before.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Mailbox { url, mails, server })
    }

    /// The address of the endpoint; the page is at `/mailbox` below it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was taken, in order.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn send(State(mails): State<Mails>, Form(fields): Form<BTreeMap<String, String>>) -> Response {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let to: Vec<String> = fields
        .iter()
        .filter(|(name, _)| name.starts_with("Destination.ToAddresses.member."))
        .map(|(_, address)| address.clone())
        .collect();
    if field("Action") != "SendEmail" || to.is_empty() {
        return xml(
            StatusCode::BAD_REQUEST,
            "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameterValue</Code>\
             <Message>Only SendEmail with a recipient is taken here.</Message></Error></ErrorResponse>"
                .into(),
        );
    }
    let mail = Mail {
        from: field("Source"),
        to,
        subject: field("Message.Subject.Data"),
        text: field("Message.Body.Text.Data"),
        html: field("Message.Body.Html.Data"),
    };
    mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    let id = random_id();
    xml(
        StatusCode::OK,
        format!(
            "<SendEmailResponse><SendEmailResult><MessageId>{id}</MessageId></SendEmailResult>\
             <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></SendEmailResponse>"
        ),
    )
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mailbox</title>
<h1>Mailbox</h1>
{% for mail in mails %}
<article>
<h2>{{ mail.subject }}</h2>
<p>To {{ mail.to.join(", ") }}, from {{ mail.from }}</p>
<pre>{{ mail.text }}</pre>
</article>
{% else %}
<p>No mail has been sent.</p>
{% endfor %}
</html>
"#
)]
struct Page {
    mails: Vec<Mail>,
}

async fn page(State(mails): State<Mails>, headers: HeaderMap) -> Response {
    let mails = mails.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return Json(mails).into_response();
    }
    match (Page { mails }).render() {
        Ok(page) => Html(page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
