//! Where mails end up: an endpoint that takes SES's SendEmail, and a page that shows what it took.
//! `GET /mailbox` answers with JSON when asked for it.

mod page;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Form, Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
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
        let router = Router::new().route("/", post(send)).merge(page::router());
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
        all(&self.mails)
    }
}

fn all(mails: &Mails) -> Vec<Mail> {
    mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
