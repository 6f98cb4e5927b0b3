//! An answer, as a page or as JSON or as a table. A screen's page is one struct: its template shows
//! it, serde tells it; both say the same.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY},
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    App,
    caller::{Caller, Shown},
    format::Format,
    frame::{Frame, Place},
    headers,
    refusal::Refusal,
    session,
};

impl Caller {
    /// Shows a page, or tells it as JSON.
    pub(crate) fn show<P: Template + Serialize>(&self, page: &P) -> Result<Response, Refusal> {
        self.show_as(StatusCode::OK, page)
    }

    /// As [`Caller::show`], with another status: a form that is shown again, say.
    pub(crate) fn show_as<P: Template + Serialize>(
        &self,
        status: StatusCode,
        page: &P,
    ) -> Result<Response, Refusal> {
        match self.format {
            Format::Html => Ok((status, Html(rendered(page)?)).into_response()),
            Format::Json | Format::Csv => Ok((status, axum::Json(page)).into_response()),
        }
    }

    /// As [`Caller::show`], or as the table that `table` makes: of a list.
    pub(crate) fn list<P: Template + Serialize>(
        &self,
        page: &P,
        table: impl FnOnce() -> String,
    ) -> Result<Response, Refusal> {
        match self.format {
            Format::Csv => {
                let kind = [(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))];
                Ok((kind, table()).into_response())
            }
            Format::Html | Format::Json => self.show(page),
        }
    }

    /// Something was done: a person is led on to `location`, which tells `flash`; a program gets
    /// `told`.
    pub(crate) fn done(
        &self,
        location: &str,
        flash: &str,
        told: &impl Serialize,
    ) -> Result<Response, Refusal> {
        match self.format {
            Format::Html => led_on(location, Some(flash)),
            Format::Json | Format::Csv => Ok((StatusCode::OK, axum::Json(told)).into_response()),
        }
    }

    /// Something was made: as [`Caller::done`], and a program is told where it is.
    pub(crate) fn made(
        &self,
        location: &str,
        flash: &str,
        told: &impl Serialize,
    ) -> Result<Response, Refusal> {
        match self.format {
            Format::Html => led_on(location, Some(flash)),
            Format::Json | Format::Csv => {
                let place = HeaderValue::try_from(location).map_err(|_| Refusal::failed())?;
                Ok((StatusCode::CREATED, [(LOCATION, place)], axum::Json(told)).into_response())
            }
        }
    }
}

/// What is to be told on the next page.
#[derive(Clone)]
struct Tell(String);

/// Leads a browser on to `location`.
pub(crate) fn led_on(location: &str, flash: Option<&str>) -> Result<Response, Refusal> {
    let location = HeaderValue::try_from(location).map_err(|_| Refusal::failed())?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    if let Some(flash) = flash {
        response.extensions_mut().insert(Tell(flash.to_owned()));
    }
    Ok(response)
}

pub(crate) fn rendered(page: &impl Template) -> Result<String, Refusal> {
    page.render().map_err(|error| {
        tracing::error!(?error, "console.page_not_rendered");
        Refusal::failed()
    })
}

/// What is not done, for a person.
#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    frame: Frame,
    refusal: &'a Refusal,
}

/// Turns refusals into pages for who wants pages, keeps what is told once, and says what every
/// answer says.
pub(crate) async fn finish(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let format = Format::wanted(request.headers());
    let looks = request.method() == axum::http::Method::GET;
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let refusal = response.extensions().get::<Refusal>().cloned();
        let shows_itself = refusal.is_none() && is_page(&response);
        if !shows_itself && format == Format::Html {
            let refusal = refusal.unwrap_or_else(|| plain(&response));
            response = page_of(&app, &refusal, response, looks);
        } else if refusal.is_none() && !shows_itself && !is_problem(&response) {
            response = plain(&response).into_response();
        }
    }
    keep_flash(&app, &mut response);
    let vary = HeaderValue::from_static("Accept, Cookie, Authorization");
    response.headers_mut().entry(VARY).or_insert(vary);
    headers::secure(&app, &mut response);
    response
}

fn is_page(response: &Response) -> bool {
    starts_with(response, "text/html")
}

fn is_problem(response: &Response) -> bool {
    starts_with(response, "application/problem+json") || starts_with(response, "application/json")
}

fn starts_with(response: &Response, kind: &str) -> bool {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with(kind))
}

/// What an extractor refused, which it tells in words of its own.
fn plain(response: &Response) -> Refusal {
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
        StatusCode::NOT_FOUND => Refusal::no_address(),
        StatusCode::METHOD_NOT_ALLOWED => Refusal::wrong_method(),
        status if status.is_client_error() => {
            Refusal::unreadable("a value in its address is not of its kind")
        }
        _ => Refusal::failed(),
    }
}

fn page_of(app: &App, refusal: &Refusal, response: Response, looks: bool) -> Response {
    if refusal.wants_sign_in() && looks {
        return led_on("/admin/sign-in", None).unwrap_or_else(IntoResponse::into_response);
    }
    let frame = match response.extensions().get::<Shown>() {
        Some(Shown::Caller(caller)) => caller.frame("Not done", Place::None),
        _ => Frame::outside("Not done", app.engine.clock.now()),
    };
    match rendered(&RefusalPage { frame, refusal }) {
        Ok(page) => {
            let (head, _) = response.into_parts();
            let mut shown = (head.status, Html(page)).into_response();
            let kept = head.headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
            let kept = kept.filter(|(name, _)| {
                *name != CONTENT_TYPE && *name != HeaderName::from_static("content-length")
            });
            shown.headers_mut().extend(kept);
            shown
        }
        Err(_) => response,
    }
}

/// A flash is told once: on the first page after it.
fn keep_flash(app: &App, response: &mut Response) {
    let tells = response.extensions().get::<Tell>().cloned();
    let told = match response.extensions().get::<Shown>() {
        Some(Shown::Caller(caller)) => caller.flash.is_some() && is_page(response),
        _ => false,
    };
    let cookie = match (tells, told) {
        (Some(Tell(text)), _) => Some(session::tell(app, &text)),
        (None, true) => Some(session::told(app)),
        (None, false) => None,
    };
    if let Some((name, value)) = cookie {
        response.headers_mut().append(name, value);
    }
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
