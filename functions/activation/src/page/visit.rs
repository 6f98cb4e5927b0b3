//! Who asks: with which link, from which page, in which language. A form is known to be ours by a
//! value made of two cookies, of which a foreign page knows neither.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap,
        header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HeaderName, ORIGIN},
        request::Parts,
    },
};
use lambda_http::request::RequestContext;
use shared::{mail::Language, one_time::Token, secret::Secret, store::token_hash};

use super::{App, fields::Fields};

/// Holds the link's token.
pub(super) const LINK: &str = "clientele-link";
/// Holds what makes the forms of one browser its own.
pub(super) const FORM: &str = "clientele-form";

/// Tells where a request comes from; every browser of this age sends it (W3C Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who asks.
pub(super) struct Visit {
    /// The token that was taken out of the link's address.
    pub(super) link: Option<Token>,
    /// What makes this browser's forms its own; fresh where it has no such cookie.
    form: Token,
    pub(super) is_new: bool,
    pub(super) language: Option<Language>,
    /// The network it comes from.
    pub(super) client: String,
    /// Whether the body says that it is a form.
    pub(super) is_form: bool,
    origin: Option<String>,
    site: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Infallible> {
        Ok(Visit::new(&parts.headers, parts.extensions.get::<RequestContext>()))
    }
}

impl Visit {
    fn new(headers: &HeaderMap, context: Option<&RequestContext>) -> Visit {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let form = cookie(headers, FORM);
        Visit {
            link: cookie(headers, LINK),
            is_new: form.is_none(),
            form: form.unwrap_or_else(Token::random),
            language: text(ACCEPT_LANGUAGE).and_then(Language::of_list),
            client: network(context),
            is_form: text(CONTENT_TYPE).is_some_and(|kind| {
                kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
            }),
            origin: text(ORIGIN).map(str::to_owned),
            site: text(SEC_FETCH_SITE).map(str::to_owned),
        }
    }

    /// The value of this browser's forms, while it has this link.
    pub(super) fn form_value(&self) -> String {
        let link = self.link.as_ref().map_or("", Token::expose);
        token_hash(&format!("form#{}#{link}", self.form.expose()))
    }

    /// The cookie's value, to be set where it is new.
    pub(super) fn form_cookie(&self) -> &str {
        self.form.expose()
    }
}

impl App {
    /// Whether the form was filled in on a page of ours, by the browser it was shown to. A page that
    /// sends no referrer sends `Origin: null`, so that alone says nothing.
    pub(super) fn is_own(&self, visit: &Visit, fields: &Fields) -> bool {
        let ours = |origin: &str| origin == "null" || origin == origin_of(&self.public_url);
        visit.origin.as_deref().is_none_or(ours)
            && visit.site.as_deref().is_none_or(|site| site == "same-origin" || site == "none")
            && Secret::new(visit.form_value()).matches(fields.get("form").as_bytes())
    }
}

fn origin_of(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Token> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).and_then(|(_, value)| Token::try_from(value).ok())
}

/// The address that API Gateway saw, and not what a header says; of a long one the network that one
/// household has (RFC 6177). Without API Gateway all are one.
fn network(context: Option<&RequestContext>) -> String {
    let address = match context {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    match address.and_then(|address| address.parse::<IpAddr>().ok()) {
        Some(IpAddr::V6(address)) => {
            address.segments()[..4].iter().map(|part| format!("{part:x}:")).collect()
        }
        Some(IpAddr::V4(address)) => address.to_string(),
        None => "unknown".to_owned(),
    }
}
