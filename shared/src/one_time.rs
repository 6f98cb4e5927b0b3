//! Links that open one thing once: to set a password, or to sign in to the console. A link is a
//! token of 256 random bits that only its mail holds; the table keeps the token's hash.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    application::ApplicationId,
    clock::random_bytes,
    secret::{EmailAddress, Secret},
    store::token_hash,
    user::UserId,
};

/// How many characters a token has: 32 bytes in base64url without padding.
const LENGTH: usize = 43;

/// What a link's address holds. Not to be had again once its mail is gone.
#[derive(Clone)]
pub struct Token(Secret);

/// The form in which a token is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(String);

/// The text is no token of a link.
#[derive(Debug, thiserror::Error)]
#[error("no token of a link (43 characters of base64url)")]
pub struct NotAToken;

impl Token {
    /// A new token of 256 random bits.
    pub fn random() -> Token {
        Token(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>())))
    }

    /// The text that stands at the end of a link's address.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The form in which it is kept.
    pub fn hash(&self) -> TokenHash {
        TokenHash(token_hash(self.expose()))
    }
}

impl TryFrom<&str> for Token {
    type Error = NotAToken;

    fn try_from(text: &str) -> Result<Token, NotAToken> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match text.len() == LENGTH && text.bytes().all(allowed) {
            true => Ok(Token(Secret::new(text))),
            false => Err(NotAToken),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

impl TokenHash {
    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// To set a first password.
    Activation,
    /// To set another password, as somebody at the page asked.
    Reset,
    /// To sign in to the console.
    SignIn,
}

impl Purpose {
    /// Of the links with one class and one subject only the newest is good.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Purpose::Activation | Purpose::Reset => "password",
            Purpose::SignIn => "sign-in",
        }
    }
}

/// What is known of a link; its token is kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OneTimeLink {
    /// What it is good for.
    pub purpose: Purpose,
    /// For whom: a user's identifier, or the folded e-mail address of somebody at the console.
    pub subject: String,
    /// The application in whose name it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// Where it was sent. Who has another address by now cannot use it.
    pub email: EmailAddress,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends. This time decides, and not when the table drops the row.
    #[serde(rename = "validUntil")]
    pub expires_at: Timestamp,
    /// When it was used.
    #[serde(skip)]
    pub used_at: Option<Timestamp>,
    /// Whether there is a newer one in its place.
    #[serde(skip)]
    pub superseded: bool,
}

/// What can be done with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Open,
    /// It was used.
    Used,
    /// A newer one was sent.
    Superseded,
    /// Its time is over.
    Expired,
}

impl OneTimeLink {
    /// A link to set a password, good from `now` for `lifetime`.
    pub fn to_set_a_password(
        purpose: Purpose,
        user: &UserId,
        email: EmailAddress,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> OneTimeLink {
        OneTimeLink::new(purpose, user.as_str().to_owned(), email, now, lifetime)
    }

    /// A link to sign in to the console, good from `now` for `lifetime`.
    pub fn to_sign_in(email: EmailAddress, now: Timestamp, lifetime: SignedDuration) -> OneTimeLink {
        OneTimeLink::new(Purpose::SignIn, email.folded(), email, now, lifetime)
    }

    fn new(
        purpose: Purpose,
        subject: String,
        email: EmailAddress,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> OneTimeLink {
        OneTimeLink {
            purpose,
            subject,
            application: None,
            email,
            issued_at: now,
            expires_at: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            used_at: None,
            superseded: false,
        }
    }

    /// What can be done with it at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self {
            OneTimeLink { used_at: Some(_), .. } => Standing::Used,
            OneTimeLink { superseded: true, .. } => Standing::Superseded,
            link if link.expires_at <= now => Standing::Expired,
            _ => Standing::Open,
        }
    }
}

/// Tells what for and until when, and nothing personal.
impl fmt::Debug for OneTimeLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTimeLink")
            .field("purpose", &self.purpose)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_token_has_256_random_bits_and_does_not_print_g74() {
        let tokens: Vec<Token> = (0..100).map(|_| Token::random()).collect();
        let texts: HashSet<&str> = tokens.iter().map(Token::expose).collect();
        assert_eq!(texts.len(), 100);
        for token in &tokens {
            assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(token.expose()).unwrap().len(), 32);
            assert_eq!(format!("{token:?}"), "Token(***)");
            assert!(!token.hash().as_str().contains(token.expose()));
        }
    }

    #[test]
    fn only_43_characters_of_base64url_are_a_token_g73() {
        let token = Token::random();
        assert_eq!(Token::try_from(token.expose()).unwrap().hash(), token.hash());
        let short = &token.expose()[1..];
        for text in ["", short, &format!("{short}é"), &format!("{short}="), &"a".repeat(10_240)] {
            assert!(Token::try_from(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_stored_time_decides_to_the_instant_g71() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let email = EmailAddress::new("a@x.example");
        let link = OneTimeLink::to_sign_in(email, at(0), SignedDuration::from_mins(10));
        assert_eq!(link.standing(at(599)), Standing::Open);
        assert_eq!(link.standing(at(600)), Standing::Expired);
        let used = OneTimeLink { used_at: Some(at(5)), ..link.clone() };
        assert_eq!(used.standing(at(6)), Standing::Used);
        assert_eq!(OneTimeLink { superseded: true, ..link }.standing(at(1)), Standing::Superseded);
    }
}
