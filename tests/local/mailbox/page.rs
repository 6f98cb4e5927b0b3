//! The page of the mailbox. A mail's HTML is somebody else's: it has an address of its own, where
//! it may neither run anything nor load anything, and is shown in a frame that keeps it apart.

use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{Mail, Shared};

const OF_THE_PAGE: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'";
const OF_A_MAIL: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; \
     sandbox allow-popups allow-popups-to-escape-sandbox";

/// Its links open outside the frame.
const BASE: &str = "<base target=\"_blank\">";

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    /// With the numbers of their addresses, newest first.
    mails: Vec<(usize, Mail)>,
}

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/style.css", get(style))
        .route("/mailbox", get(page))
        .route("/mailbox/{number}", get(one))
}

async fn page(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let mails = shared.state().mails.clone();
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return Json(mails).into_response();
    }
    let mut mails: Vec<(usize, Mail)> = mails.into_iter().enumerate().collect();
    mails.reverse();
    match (Page { mails }).render() {
        Ok(page) => guarded(OF_THE_PAGE, page),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The HTML of a mail, by its number.
async fn one(State(shared): State<Shared>, Path(number): Path<usize>) -> Response {
    let mail = shared.state().mails.get(number).cloned();
    match mail {
        Some(mail) => guarded(OF_A_MAIL, format!("{BASE}{}", mail.html)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn guarded(policy: &'static str, page: String) -> Response {
    let headers =
        [(CONTENT_SECURITY_POLICY, policy), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CACHE_CONTROL, "no-store")];
    (headers, Html(page)).into_response()
}

async fn style() -> Response {
    let style = concat!(include_str!("../bigcommerce/templates/style.css"), include_str!("mailbox.css"));
    ([(CONTENT_TYPE, "text/css")], style).into_response()
}
