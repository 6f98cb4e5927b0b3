//! The only code that speaks to SES.
//!
//! SES knows no idempotency key, so nothing here is sent twice by itself: whoever calls is told
//! whether a message was accepted, refused, or neither is known. What tells then is SES's own event
//! of the sending, which bears the message's tags.

use std::{fmt, sync::Arc, time::Duration};

use aws_sdk_ses::{
    Client,
    config::{http::HttpResponse, retry::RetryConfig, timeout::TimeoutConfig},
    error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{Body, Content, Destination, Message as SesMessage, MessageTag},
};

use super::{Recipient, Rendered, address::with_name};
use crate::env;

/// A message, to one recipient.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// To whom.
    pub to: &'a Recipient,
    /// The name it comes from.
    pub from_name: &'a str,
    /// The address it comes from; `None`: the deployment's.
    pub from: Option<&'a Recipient>,
    /// Where answers go.
    pub reply_to: Option<&'a Recipient>,
    /// What it says.
    pub content: &'a Rendered,
    /// What SES's events of it bear: names and values of letters, digits, hyphens, underscores and
    /// full stops.
    pub tags: &'a [(&'static str, String)],
}

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// How many mails a second.
    pub a_second: f64,
    /// How many mails a day; `None`: as many as one likes.
    pub a_day: Option<u64>,
    /// How many mails are left of those of a day; `None`: as many as one likes.
    pub left: Option<u64>,
}

/// Why a message was not sent, or may not have been.
#[derive(thiserror::Error)]
pub enum Error {
    /// Too many in a second.
    #[error("the mail was not sent (more a second than SES lets the account send)")]
    Throttled,
    /// Too many in a day.
    #[error("the mail was not sent (SES's daily quota is spent)")]
    QuotaSpent,
    /// SES did not take it, and may later.
    #[error("the mail was not sent (SES cannot take it now)")]
    Unavailable(#[source] Cause),
    /// SES will not take it: an address is not verified, the account may not send, a right is missing.
    #[error("the mail was not sent (SES refuses it: {0})")]
    Refused(String),
    /// The answer was lost: only SES knows whether the mail was sent.
    #[error("it is not known whether the mail was sent (SES gave no answer)")]
    Unknown(#[source] Cause),
}

/// What is behind an error, for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Whether the mail may have been sent all the same.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Error::Unknown(_) => true,
            Error::Throttled | Error::QuotaSpent | Error::Unavailable(_) | Error::Refused(_) => false,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", DisplayErrorContext(self))
    }
}

/// Sends mails. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    client: Client,
    from: Arc<Recipient>,
    configuration_set: Option<Arc<str>>,
}

impl Mailer {
    /// Sends through `client` from this address, by the configuration set whose events are heard.
    ///
    /// Of the client's configuration, retries are taken away: a message whose answer was lost is
    /// not sent again unseen.
    pub fn new(client: &Client, from: Recipient, configuration_set: Option<&str>) -> Mailer {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(15));
        let config = client.config().to_builder();
        let config = config.retry_config(RetryConfig::disabled()).timeout_config(timeouts.build());
        let client = Client::from_conf(config.build());
        Mailer { client, from: Arc::new(from), configuration_set: configuration_set.map(Arc::from) }
    }

    /// Reads `MAIL_FROM`, and `MAIL_CONFIGURATION_SET` and `SES_ENDPOINT`, which may be unset.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<Mailer, env::Error> {
        const LOOKS_LIKE: &str = "one plain e-mail address that SES has verified";
        const SET: &str = "the name of an SES configuration set, or unset";
        let from = env::required("MAIL_FROM", LOOKS_LIKE)?;
        let from = Recipient::new(&from)
            .map_err(|_| env::Error::Bad { name: "MAIL_FROM", looks_like: LOOKS_LIKE })?;
        let endpoint = env::optional_address("SES_ENDPOINT")?;
        let set = env::optional("MAIL_CONFIGURATION_SET", SET)?;
        let config = aws_sdk_ses::config::Builder::from(&env::aws().await);
        let config = endpoint.into_iter().fold(config, |config, endpoint| config.endpoint_url(endpoint));
        Ok(Mailer::new(&Client::from_conf(config.build()), from, set.as_deref()))
    }

    /// What may be sent now.
    ///
    /// # Errors
    /// When SES does not say.
    pub async fn quota(&self) -> Result<Quota, Error> {
        let answer = self.client.get_send_quota().send().await.map_err(|error| unsent(error, false))?;
        // -1: there is no limit.
        let a_day = (answer.max24_hour_send >= 0.0).then(|| whole(answer.max24_hour_send));
        let left = a_day.map(|a_day| a_day.saturating_sub(whole(answer.sent_last24_hours)));
        Ok(Quota { a_second: answer.max_send_rate, a_day, left })
    }

    /// Sends a message; gives the identifier that SES gave it.
    ///
    /// # Errors
    /// When it was not sent, or nobody knows.
    pub async fn send(&self, message: &Message<'_>) -> Result<String, Error> {
        let refused = |error: BuildError| Error::Refused(error.to_string());
        let from = message.from.unwrap_or(&self.from);
        let body = Body::builder()
            .text(content(&message.content.text).map_err(refused)?)
            .html(content(&message.content.html).map_err(refused)?);
        let subject = content(&message.content.subject).map_err(refused)?;
        let tags: Result<Vec<MessageTag>, BuildError> = message
            .tags
            .iter()
            .map(|(name, value)| MessageTag::builder().name(*name).value(value).build())
            .collect();
        let sent = self
            .client
            .send_email()
            .source(with_name(message.from_name, from))
            .destination(Destination::builder().to_addresses(message.to.as_str()).build())
            .message(SesMessage::builder().subject(subject).body(body.build()).build())
            .set_reply_to_addresses(message.reply_to.map(|address| vec![address.as_str().to_owned()]))
            .set_tags(Some(tags.map_err(refused)?))
            .set_configuration_set_name(self.configuration_set.as_deref().map(str::to_owned))
            .send()
            .await;
        sent.map(|answer| answer.message_id).map_err(|error| unsent(error, true))
    }
}

fn content(text: &str) -> Result<Content, BuildError> {
    Content::builder().charset("UTF-8").data(text).build()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "SES counts mails in floating point; none is negative here, and whole ones are meant"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

/// What an error says about whether the mail was sent. Only an answer that refuses is sure.
fn unsent<E>(error: SdkError<E, HttpResponse>, is_a_mail: bool) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(answer) = &error else {
        return match error {
            SdkError::ConstructionFailure(_) => Error::Refused("the request could not be built".to_owned()),
            _ if is_a_mail => Error::Unknown(Box::new(error)),
            _ => Error::Unavailable(Box::new(error)),
        };
    };
    let code = answer.err().code().unwrap_or_default();
    let message = answer.err().message().unwrap_or_default();
    match (code, answer.raw().status().as_u16()) {
        ("Throttling", _) if message.contains("Daily message quota") => Error::QuotaSpent,
        ("Throttling" | "ThrottlingException" | "LimitExceededException", _) | (_, 429) => Error::Throttled,
        (_, 503) => Error::Unavailable(Box::new(error)),
        (_, 500..) if is_a_mail => Error::Unknown(Box::new(error)),
        (_, 500..) => Error::Unavailable(Box::new(error)),
        (code, _) => Error::Refused(code.to_owned()),
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("configuration_set", &self.configuration_set).finish_non_exhaustive()
    }
}
