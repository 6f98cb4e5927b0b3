//! An answer as it came, and what may be made of it. Parsers' own words are not kept: they may quote
//! what they read.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{
    error::{Error, SHAPE},
    problem,
};

/// A page of 250 customers with everything embedded is about two million bytes.
const LONGEST: usize = 16 << 20;

/// An answer as it came.
pub(super) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    /// Reads the body as far as it may reach, counted after decompression.
    pub(super) async fn read(mut response: Response) -> Result<Answer, Error> {
        let status = response.status();
        let garbled = |rule| Error::Garbled { status: status.as_u16(), rule };
        let mut body = Vec::new();
        loop {
            let chunk = match response.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok(Answer { status, body }),
                Err(error) if error.is_timeout() => return Err(Error::unreachable(error)),
                Err(_) => return Err(garbled("an answer is whole")),
            };
            if body.len() + chunk.len() > LONGEST {
                return Err(garbled("an answer has 16 MiB at most"));
            }
            body.extend_from_slice(&chunk);
        }
    }

    /// What an answer that is no success means.
    pub(super) fn problem(&self, retry_after: Option<Duration>) -> Error {
        problem::error(self.status, retry_after, &self.body)
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.garbled(&error))
    }

    /// A page of HTML with a status of success is no success.
    pub(super) fn nothing(&self) -> Result<(), Error> {
        if self.status == StatusCode::NO_CONTENT || self.body.is_empty() {
            Ok(())
        } else {
            self.json::<serde::de::IgnoredAny>().map(drop)
        }
    }

    pub(super) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Error> {
        if self.status == StatusCode::NO_CONTENT { Ok(T::default()) } else { self.json() }
    }

    fn garbled(&self, error: &serde_json::Error) -> Error {
        let rule = match error.classify() {
            _ if self.body.is_empty() => "an answer is not empty",
            Category::Eof => "an answer is whole",
            Category::Data => SHAPE,
            _ => "an answer is JSON",
        };
        Error::Garbled { status: self.status.as_u16(), rule }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(status: StatusCode, body: &str) -> Option<&'static str> {
        match (Answer { status, body: body.into() }).json::<Vec<u32>>() {
            Err(Error::Garbled { rule, .. }) => Some(rule),
            _ => None,
        }
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_told_without_quoting_it() {
        assert_eq!(rule(StatusCode::OK, "[1]"), None);
        assert_eq!(rule(StatusCode::OK, ""), Some("an answer is not empty"));
        assert_eq!(rule(StatusCode::OK, "[1,"), Some("an answer is whole"));
        assert_eq!(rule(StatusCode::OK, "<html>"), Some("an answer is JSON"));
        assert_eq!(rule(StatusCode::OK, "{\"a@x.example\":1}"), Some("an answer is of the documented shape"));
    }

    #[test]
    fn a_page_of_html_is_no_success_whatever_its_status() {
        let nothing = |status, body: &str| Answer { status, body: body.into() }.nothing();
        assert!(nothing(StatusCode::NO_CONTENT, "").is_ok() && nothing(StatusCode::OK, "{}").is_ok());
        assert!(nothing(StatusCode::OK, "<html>").is_err());
    }
}
