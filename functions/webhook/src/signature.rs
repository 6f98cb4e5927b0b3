//! The Standard Webhooks signature of a delivery; pure.
//!
//! Signed are the bytes `webhook-id "." webhook-timestamp "." body`, the body as it arrived, with
//! HMAC-SHA256; the key is the client secret as issued, byte for byte. `webhook-signature` lists
//! signatures, separated by spaces; any `v1,` entry by the current or the previous client secret
//! will do, other versions are passed over. The timestamp may be [`TOLERANCE`] seconds off in
//! either direction, by our clock: whatever that clock is wrong by is taken off the tolerance.
//!
//! | mode | no signature header at all | any of the three headers, not all right | all right |
//! | --- | --- | --- | --- |
//! | off | passes | passes, not looked at | passes, not looked at |
//! | observe | passes | passes, and is logged | passes |
//! | when present | passes | refused | passes |
//! | require | refused | refused | passes |

use std::fmt;

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use ring::hmac;
use shared::{
    application::{Credentials, SignatureMode},
    secret::Secret,
};
use subtle::{Choice, ConstantTimeEq};

/// Names the delivery; the same on each attempt.
pub const ID: &str = "webhook-id";
/// When the attempt was made, in seconds of Unix time.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The list of signatures.
pub const SIGNATURE: &str = "webhook-signature";

/// How far `webhook-timestamp` may be from our clock, in seconds.
pub const TOLERANCE: i64 = 300;

/// What was found about a delivery's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The application does not want it looked at, or another check had failed before.
    NotExamined,
    /// None of the three headers is there.
    Absent,
    /// It holds.
    Valid,
    /// It is there, at least in part, and does not hold.
    Wrong(Fault),
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One of the three headers is missing, or is there more than once.
    Incomplete,
    /// The identifier or the timestamp is not of the form that can be signed.
    Malformed,
    /// The timestamp is more than [`TOLERANCE`] seconds off.
    OutsideTolerance,
    /// No entry of the list is a signature of this delivery by a client secret of the application.
    NoneHolds,
}

impl Finding {
    /// Whether `mode` lets a delivery pass with this finding.
    pub fn passes(self, mode: SignatureMode) -> bool {
        match mode {
            SignatureMode::Off | SignatureMode::Observe => true,
            SignatureMode::WhenPresent => matches!(self, Finding::Valid | Finding::Absent),
            SignatureMode::Require => self == Finding::Valid,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Finding::NotExamined => "not examined",
            Finding::Absent => "absent",
            Finding::Valid => "valid",
            Finding::Wrong(Fault::Incomplete) => "incomplete",
            Finding::Wrong(Fault::Malformed) => "malformed",
            Finding::Wrong(Fault::OutsideTolerance) => "outside tolerance",
            Finding::Wrong(Fault::NoneHolds) => "wrong",
        })
    }
}

/// Looks at the signature of `body`, unless `mode` is [`SignatureMode::Off`].
pub fn examine(
    mode: SignatureMode,
    credentials: &Credentials,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Finding {
    if mode == SignatureMode::Off {
        return Finding::NotExamined;
    }
    if [ID, TIMESTAMP, SIGNATURE].iter().all(|name| !headers.contains_key(*name)) {
        return Finding::Absent;
    }
    match verify(credentials, headers, body, now) {
        Ok(()) => Finding::Valid,
        Err(fault) => Finding::Wrong(fault),
    }
}

/// The value of a header that is there exactly once.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}

fn verify(credentials: &Credentials, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Fault> {
    let id = only(headers, ID).ok_or(Fault::Incomplete)?;
    let timestamp = only(headers, TIMESTAMP).ok_or(Fault::Incomplete)?;
    let signatures = only(headers, SIGNATURE).ok_or(Fault::Incomplete)?;
    let sent_at = seconds(timestamp).filter(|_| is_id(id)).ok_or(Fault::Malformed)?;
    if (now.as_second() - sent_at).abs() > TOLERANCE {
        return Err(Fault::OutsideTolerance);
    }
    let holds = |secret: &Secret| listed(signatures, &sign(secret, id, timestamp, body));
    let current = holds(&credentials.client_secret);
    let previous = credentials.previous_client_secret.as_ref().map_or(Choice::from(0), holds);
    bool::from(current | previous).then_some(()).ok_or(Fault::NoneHolds)
}

/// With a full stop in it, one signature would hold for two ways of cutting the signed bytes.
fn is_id(id: &[u8]) -> bool {
    !id.is_empty() && !id.contains(&b'.')
}

/// Seconds of Unix time: digits only, and few enough to reckon with.
fn seconds(timestamp: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(timestamp).ok()?;
    let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The signature as it stands in the list, without its version; none by an empty secret, which
/// anybody could make.
fn sign(secret: &Secret, id: &[u8], timestamp: &[u8], body: &[u8]) -> Option<String> {
    let secret = secret.expose().as_bytes();
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in [id, b".", timestamp, b".", body] {
        context.update(part);
    }
    let signature = BASE64_STANDARD.encode(context.sign());
    (!secret.is_empty()).then_some(signature)
}

/// Whether the list holds `expected`; every entry is compared, in constant time.
fn listed(signatures: &[u8], expected: &Option<String>) -> Choice {
    let Some(expected) = expected else { return Choice::from(0) };
    signatures
        .split(|byte| *byte == b' ')
        .filter_map(|entry| entry.strip_prefix(b"v1,"))
        .fold(Choice::from(0), |found, entry| found | entry.ct_eq(expected.as_bytes()))
}

#[cfg(test)]
mod tests;
