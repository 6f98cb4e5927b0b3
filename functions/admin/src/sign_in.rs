//! Signing in: an address is typed in, a mail with a link comes, the link's page asks for one press,
//! and the press starts a session. The page is there because programs that look through mails follow
//! their links, and would use this one up.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    mail::{Mail, MailId},
    one_time::{OneTimeLink, Purpose, Standing, Token},
    operator::{Role, Session},
    secret::EmailAddress,
};

use crate::{
    App,
    answer::{led_on, rendered},
    caller::{Caller, Who},
    format::Format,
    frame::Frame,
    input::Sent,
    refusal::Refusal,
    routes::Routes,
    session,
};

/// How long a link holds, in minutes, as its mail says too.
const MINUTES: i64 = 15;

/// The longest address that is looked at.
const LONGEST_EMAIL: usize = 254;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .open(Method::GET, "/admin/sign-in", ask)
        .open(Method::POST, "/admin/sign-in", send)
        .open(Method::GET, "/admin/sign-in/{token}", confirm)
        .open(Method::POST, "/admin/sign-in/{token}", redeem)
        .post("/admin/sign-out", Role::Viewer, sign_out)
}

#[derive(Template)]
#[template(path = "sign_in/ask.html")]
struct Ask {
    frame: Frame,
}

async fn ask(State(app): State<Arc<App>>) -> Result<Html<String>, Refusal> {
    rendered(&Ask { frame: Frame::outside("Sign in", app.engine.clock.now()) }).map(Html)
}

#[derive(Deserialize)]
struct Wanted {
    email: String,
}

#[derive(Template, Serialize)]
#[template(path = "sign_in/sent.html")]
struct LinkSent {
    #[serde(skip)]
    frame: Frame,
    minutes: i64,
}

/// Whoever asks gets this answer, and the mail's function alone looks whether there is such an
/// operator: neither the words nor the time tell.
async fn send(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let email = wanted.value.email.trim().to_owned();
    if !(3..=LONGEST_EMAIL).contains(&email.len()) || !email.contains('@') {
        return Err(Refusal::bad("This is no e-mail address. Write it as name@example.com.")
            .go_on("Back", "/admin/sign-in"));
    }
    if let Some(owner) = &app.owner {
        app.tables().seed_owner(owner).await?;
    }
    let email = EmailAddress::new(email);
    app.tables().queue_mail(&MailId::sign_in(&email), &Mail::SignIn { email }).await?;
    let page = LinkSent {
        frame: Frame::outside("Look into your mailbox", app.engine.clock.now()),
        minutes: MINUTES,
    };
    match Format::wanted(&headers) {
        Format::Html => Ok((StatusCode::ACCEPTED, Html(rendered(&page)?)).into_response()),
        Format::Json | Format::Csv => Ok((StatusCode::ACCEPTED, axum::Json(page)).into_response()),
    }
}

#[derive(Template)]
#[template(path = "sign_in/confirm.html")]
struct Confirm {
    frame: Frame,
    token: String,
}

async fn confirm(State(app): State<Arc<App>>, Path(token): Path<String>) -> Result<Html<String>, Refusal> {
    let now = app.engine.clock.now();
    app.link(&read(&token)?, now).await?;
    rendered(&Confirm { frame: Frame::outside("Sign in", now), token }).map(Html)
}

async fn redeem(State(app): State<Arc<App>>, Path(token): Path<String>) -> Result<Response, Refusal> {
    let now = app.engine.clock.now();
    let token = read(&token)?;
    let link = app.link(&token, now).await?;
    let operator = app.tables().operator(&link.email).await?.ok_or_else(spent)?;
    app.tables().redeem(&token.hash(), now).await?.ok_or_else(spent)?;
    let cookie = session::fresh();
    let begun = Session::begin(operator.email.folded(), now);
    app.tables().put_session(&cookie, &begun).await?;
    tracing::info!(role = operator.role.as_str(), "console.signed_in");
    Ok((session::start(&app, &cookie), led_on("/admin", None)?).into_response())
}

impl App {
    /// The link of this token, if one can sign in with it.
    async fn link(&self, token: &Token, now: Timestamp) -> Result<OneTimeLink, Refusal> {
        let link = self.tables().one_time_link(&token.hash()).await?;
        let link =
            link.filter(|link| link.purpose == Purpose::SignIn && link.standing(now) == Standing::Open);
        link.ok_or_else(spent)
    }
}

fn read(token: &str) -> Result<Token, Refusal> {
    Token::try_from(token).map_err(|_| spent())
}

async fn sign_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if let (Who::Operator(_), Some(cookie)) = (&caller.who, session::cookie(&app, &headers)) {
        app.tables().end_session(cookie).await?;
    }
    Ok((session::end(&app), led_on("/admin/sign-in", None)?).into_response())
}

fn spent() -> Refusal {
    Refusal::new(
        StatusCode::GONE,
        "This link has been used, has expired, or was replaced by a newer one. Ask for another.",
    )
    .go_on("Ask for another link", "/admin/sign-in")
}
