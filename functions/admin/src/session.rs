//! The cookies of a browser in which an operator has signed in. The session's is random and opens
//! everything, so it is shown to no script and sent to no other site; the proof that a form sends
//! back is derived from it and cannot be turned back.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::hmac;
use shared::{clock::random_bytes, secret::Secret};
use subtle::ConstantTimeEq;

use crate::App;

/// The longest cookie that is looked at.
const LONGEST: usize = 512;

const SESSION: &str = "clientele";
const FLASH: &str = "clientele-flash";

impl App {
    /// A browser believes `__Host-` only of who is reached by TLS; elsewhere it drops the cookie.
    fn is_secure(&self) -> bool {
        self.url.starts_with("https://")
    }

    fn cookie_name(&self, name: &str) -> String {
        if self.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn set_cookie(&self, name: &str, value: &str, seconds: u32) -> (axum::http::HeaderName, HeaderValue) {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let name = self.cookie_name(name);
        let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        let value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        (SET_COOKIE, value)
    }
}

/// A fresh session's cookie: 256 random bits, base64url.
pub(crate) fn fresh() -> Secret {
    Secret::new(BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}

/// What a form must send back for the session with this cookie.
pub(crate) fn proof(cookie: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"csrf").as_ref())
}

/// Whether `given` is `proof`, in time that tells nothing.
pub(crate) fn is_proof(given: &str, proof: &str) -> bool {
    given.as_bytes().ct_eq(proof.as_bytes()).into()
}

/// The session's cookie of a request.
pub(crate) fn cookie<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    read(headers, &app.cookie_name(SESSION))
}

/// What was said to be told on the next page.
pub(crate) fn flash(app: &App, headers: &HeaderMap) -> Option<String> {
    let value = read(headers, &app.cookie_name(FLASH)).filter(|value| !value.is_empty())?;
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// Starts the session in the browser.
pub(crate) fn start(app: &App, cookie: &Secret) -> [(axum::http::HeaderName, HeaderValue); 1] {
    [app.set_cookie(SESSION, cookie.expose(), 12 * 3600)]
}

/// Ends the session in the browser.
pub(crate) fn end(app: &App) -> [(axum::http::HeaderName, HeaderValue); 1] {
    [app.set_cookie(SESSION, "", 0)]
}

/// Has the next page tell what was done.
pub(crate) fn tell(app: &App, text: &str) -> (axum::http::HeaderName, HeaderValue) {
    let text: String = text.chars().take(200).collect();
    app.set_cookie(FLASH, &BASE64_URL_SAFE_NO_PAD.encode(text), 60)
}

/// Has it told no more.
pub(crate) fn told(app: &App) -> (axum::http::HeaderName, HeaderValue) {
    app.set_cookie(FLASH, "", 0)
}

/// A cookie that is there once: a second one of its name is somebody else's.
fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = all.flat_map(|value| value.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && value.len() <= LONGEST).then_some(value)
    });
    let first = found.next();
    if found.next().is_some() { None } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|value| (COOKIE, HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others_and_two_of_one_name_are_none() {
        assert_eq!(read(&headers(&["a=1; b=2", "c=3"]), "b"), Some("2"));
        assert_eq!(read(&headers(&["a=1", "c=3"]), "c"), Some("3"));
        assert_eq!(read(&headers(&["a=1; a=2"]), "a"), None);
        assert_eq!(read(&headers(&["aa=1"]), "a"), None);
    }

    #[test]
    fn a_proof_holds_for_its_session_and_no_other() {
        let (one, other) = (fresh(), fresh());
        assert!(is_proof(&proof(one.expose()), &proof(one.expose())));
        assert!(!is_proof(&proof(one.expose()), &proof(other.expose())));
        assert!(!is_proof(one.expose(), &proof(one.expose())) && !is_proof("", &proof(one.expose())));
    }
}
