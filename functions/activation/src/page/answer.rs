//! What is answered: pages compiled in, headers that keep the address and the page to themselves.

mod pages;

use std::error::Error;

use askama::Template;
use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, LOCATION, REFERRER_POLICY,
            RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    response::{Html, IntoResponse, Response},
};
use shared::{application::ApplicationId, mail::Language, one_time::Token};

use super::{
    App, Trouble,
    case::Case,
    dead::Dead,
    ending::{Ending, Not},
    throttle::TooOften,
    visit::{FORM, LINK, Visit},
    words::{Words, at, numbered, words},
};
use pages::{AskPage, ChoosePage, DeadPage, Frame, TellPage};

/// How long a browser keeps a link's token, in seconds: an hour is enough to choose a password.
const KEPT: u32 = 3600;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// What a visit is answered.
pub(super) struct Answer<'a> {
    app: &'a App,
    visit: &'a Visit,
}

impl<'a> Answer<'a> {
    pub(super) fn new(app: &'a App, visit: &'a Visit) -> Answer<'a> {
        Answer { app, visit }
    }

    /// Sends the browser on without the token in its address, nor in what it tells where it came from.
    pub(super) fn take_token(&self, token: &Token) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        self.guard(response.headers_mut(), None);
        response.headers_mut().insert(LOCATION, HeaderValue::from_static("/activate"));
        self.set_cookie(response.headers_mut(), LINK, token.expose(), KEPT);
        response
    }

    /// The form for a password, with what was wrong with the last one.
    pub(super) fn choose(&self, case: &Case, not: Option<&Not>) -> Response {
        let words = self.words(Some(case));
        let status = match not {
            None => StatusCode::OK,
            Some(Not::Short(_) | Not::Refused(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Some(Not::Busy) => StatusCode::CONFLICT,
            Some(Not::TooOften(_)) => StatusCode::TOO_MANY_REQUESTS,
            Some(Not::Somewhere(_) | Not::Nowhere) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let page = ChoosePage::new(self.frame(Some(case)), words, case, not);
        let mut response = self.page(status, &page, case.logo());
        let wait = match not {
            Some(Not::TooOften(too_often)) => Some(too_often.seconds()),
            Some(Not::Busy | Not::Somewhere(_) | Not::Nowhere) => Some(60),
            _ => None,
        };
        if let Some(wait) = wait {
            response.headers_mut().insert(RETRY_AFTER, wait.into());
        }
        response
    }

    /// What came of an attempt.
    pub(super) fn ending(&self, ending: Ending) -> Response {
        match ending {
            Ending::Dead(dead) => self.dead(dead),
            Ending::Not(case, not) => self.choose(&case, Some(&not)),
            Ending::Set(case) => {
                let words = self.words(Some(&case));
                let say = [words.done.to_owned(), at(words.done_at, &case.at()), words.close.to_owned()];
                let mut response = self.tell(StatusCode::OK, Some(&case), say);
                self.set_cookie(response.headers_mut(), LINK, "", 0);
                response
            }
        }
    }

    /// Why the link opens nothing, and a way to a new one.
    pub(super) fn dead(&self, dead: Dead) -> Response {
        let words = self.words(None);
        let [title, next] = words.dead(dead);
        // Only a link that is known can be sent anew.
        let again = dead != Dead::Unknown;
        let page = DeadPage { frame: self.frame(None), words, title, next, again };
        self.page(dead.status(), &page, None)
    }

    /// The form for an e-mail address.
    pub(super) fn ask(&self, application: Option<ApplicationId>) -> Response {
        let page = AskPage { frame: self.frame(None), words: self.words(None), application };
        self.page(StatusCode::OK, &page, None)
    }

    /// What everybody is told who asked for a link, or that it was too often.
    pub(super) fn asked(&self, outcome: Result<Result<(), TooOften>, Trouble>) -> Response {
        let words = self.words(None);
        match outcome {
            Ok(Ok(())) => {
                self.tell(StatusCode::OK, None, [words.asked, words.asked_why, ""].map(str::to_owned))
            }
            Ok(Err(too_often)) => {
                let say = [words.broken[0].to_owned(), numbered(words.too_often, too_often.minutes())];
                let [title, next] = say;
                let mut response =
                    self.tell(StatusCode::TOO_MANY_REQUESTS, None, [title, next, String::new()]);
                response.headers_mut().insert(RETRY_AFTER, too_often.seconds().into());
                response
            }
            Err(trouble) => self.broken(&trouble),
        }
    }

    /// The form came from elsewhere.
    pub(super) fn foreign(&self) -> Response {
        self.short(StatusCode::FORBIDDEN, self.words(None).foreign)
    }

    /// The form cannot be read.
    pub(super) fn bad(&self) -> Response {
        self.short(StatusCode::BAD_REQUEST, self.words(None).bad)
    }

    /// It is our fault; the log is told why.
    pub(super) fn broken(&self, trouble: &Trouble) -> Response {
        tracing::error!(error = trouble as &dyn Error, "page not answered");
        let mut response = self.short(StatusCode::SERVICE_UNAVAILABLE, self.words(None).broken);
        response.headers_mut().insert(RETRY_AFTER, 60.into());
        response
    }

    fn short(&self, status: StatusCode, [title, next]: [&str; 2]) -> Response {
        self.tell(status, None, [title, next, ""].map(str::to_owned))
    }

    fn tell(&self, status: StatusCode, case: Option<&Case>, say: [String; 3]) -> Response {
        let [title, next, more] = say;
        let page = TellPage { frame: self.frame(case), title, next, more };
        self.page(status, &page, case.and_then(Case::logo))
    }

    fn language(&self, case: Option<&Case>) -> Language {
        let first = case.and_then(|case| case.stores.first());
        let of_store = first.map(|store| store.settings.language);
        case.and_then(Case::language).or(self.visit.language).or(of_store).unwrap_or_default()
    }

    fn words(&self, case: Option<&Case>) -> &'static Words {
        words(self.language(case))
    }

    fn frame<'b>(&self, case: Option<&'b Case>) -> Frame<'b> {
        let store = case.and_then(|case| case.stores.first());
        Frame {
            language: self.language(case).as_str(),
            store: store.map_or("", |store| store.name()),
            logo: case.and_then(Case::logo),
            form: self.visit.form_value(),
        }
    }

    fn page(&self, status: StatusCode, page: &impl Template, logo: Option<&str>) -> Response {
        let Ok(page) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let mut response = (status, Html(page)).into_response();
        self.guard(response.headers_mut(), logo);
        if self.visit.is_new {
            self.set_cookie(response.headers_mut(), FORM, self.visit.form_cookie(), 24 * KEPT);
        }
        response
    }

    fn is_https(&self) -> bool {
        self.app.public_url.starts_with("https://")
    }

    /// `Lax`: a link that is opened from a mail at another site is to work at once.
    fn set_cookie(&self, headers: &mut HeaderMap, name: &str, value: &str, seconds: u32) {
        let secure = if self.is_https() { "; Secure" } else { "" };
        let cookie =
            format!("{name}={value}; Path=/activate; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        // Of names and tokens, which are of visible characters.
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }

    /// Nothing is loaded from elsewhere but the logo that the merchant chose.
    fn guard(&self, headers: &mut HeaderMap, logo: Option<&str>) {
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' {}; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
            logo.unwrap_or_default()
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        for (name, value) in [
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
            (OPENER_POLICY, "same-origin"),
            (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
            (ROBOTS, "noindex, nofollow"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.is_https() {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
    }
}

impl Case {
    /// The logo's address, if it is one that a policy can name: a path of it, without what would
    /// begin another source.
    fn logo(&self) -> Option<&str> {
        let logo = self.stores.first()?.settings.logo.as_deref()?;
        logo.bytes().all(|byte| byte.is_ascii_graphic() && !b";,'\"".contains(&byte)).then_some(logo)
    }
}

/// The page's own style.
pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../../assets/page.css"))
}

/// The page's own script: it only shows what the server checks.
pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../../assets/page.js"))
}

/// A lock, for the tab.
pub(super) async fn icon() -> Response {
    file("image/svg+xml", include_str!("../../assets/icon.svg"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers =
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=300"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}
