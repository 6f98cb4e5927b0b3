//! The provisioning report: entries, and what asks for a person's attention.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    application::{ApplicationId, Authority},
    bigcommerce::CustomerId,
    user::UserId,
    work::Subject,
};

/// One line of the provisioning report: what was done to whom, where, when, by which way, how it
/// ended, and what to do about it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Random; orders entries of one instant.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Where.
    pub application: ApplicationId,
    /// To whom, in the directory; absent where no user came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// To whom, at the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The end-user identifier (the user name, or else the customer's e-mail) by which people look entries up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// What was done.
    pub action: Action,
    /// By which way the look came about: a webhook's scope, `users`, `import`, `survey/gap`.
    pub cause: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The fields that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What happened and what to do next, for a person; empty where the action says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// A user was created from a customer.
    CreateUser,
    /// A user was updated from a customer.
    UpdateUser,
    /// A user was deactivated because its customer is gone.
    DeactivateUser,
    /// A user was deleted because its customer is gone.
    DeleteUser,
    /// A customer was created from a user.
    CreateCustomer,
    /// A customer was updated from a user.
    UpdateCustomer,
    /// A customer was deleted because its user is gone.
    DeleteCustomer,
    /// A customer was blocked or moved because its user is inactive or has left.
    DeactivateCustomer,
    /// A customer was given back what it had, because its user is back.
    ReactivateCustomer,
    /// A user and a customer were found to be one person.
    Link,
    /// A user and a customer are no longer held to be one person.
    Unlink,
    /// Webhooks that the store no longer sent were set up again, and what was missed is looked for.
    RepairWebhooks,
    /// A mail was sent to a user, or came back.
    SendMail,
    /// A user's password was given to the store.
    SetPassword,
    /// Nothing could be done.
    Refuse,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Done.
    Success,
    /// Done, and a value of one side gave way to the other's.
    Conflict,
    /// Not done: a person must decide or mend something.
    Blocked,
    /// Not done: given up after the last attempt.
    Failed,
}

/// One field that changed, in the customer's vocabulary.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `email`, `first_name`, `form_fields.Fax`, `addresses`, …
    pub field: String,
    /// The value before, at the side that was changed; null for none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// The value now.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
    /// Set when both sides had changed: whose value stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub won: Option<Authority>,
}

/// Something only a person can decide.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// What it is about; with `kind` its key: raising it twice is raising it once.
    pub about: String,
    /// What is the matter.
    pub kind: AttentionKind,
    /// Where.
    pub application: ApplicationId,
    /// Since when.
    pub since: Timestamp,
    /// What failed, why, and what to do next.
    pub detail: String,
    /// The subjects to look at again when it is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Subject>,
}

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttentionKind {
    /// A user name or e-mail address belongs to another user; `about` is the contested value's kind and folded form.
    Taken,
    /// A value that one side holds is refused by a rule of the other; `about` is the subject.
    Refused,
    /// Several customers or users could be the one; `about` is the subject.
    Ambiguous,
    /// A row of work is dead; `about` is the subject.
    Dead,
    /// The store refuses our credentials; `about` is the application.
    Credentials,
    /// So many customers are gone from the store that the deletion brake stopped; `about` is the application.
    Deletions,
    /// The store has stopped sending webhooks; `about` is the application.
    Webhook,
    /// So many mails came back that no more are sent; `about` is the application.
    Returns,
    /// SES refuses mails; `about` is the application.
    Mail,
}

impl AttentionKind {
    /// All of them, the most pressing first.
    pub const ALL: [AttentionKind; 9] = [
        AttentionKind::Credentials,
        AttentionKind::Deletions,
        AttentionKind::Webhook,
        AttentionKind::Mail,
        AttentionKind::Returns,
        AttentionKind::Dead,
        AttentionKind::Ambiguous,
        AttentionKind::Taken,
        AttentionKind::Refused,
    ];

    /// As text: `taken`, `refused`, …
    pub fn as_str(self) -> &'static str {
        match self {
            AttentionKind::Taken => "taken",
            AttentionKind::Refused => "refused",
            AttentionKind::Ambiguous => "ambiguous",
            AttentionKind::Dead => "dead",
            AttentionKind::Credentials => "credentials",
            AttentionKind::Deletions => "deletions",
            AttentionKind::Webhook => "webhook",
            AttentionKind::Returns => "returns",
            AttentionKind::Mail => "mail",
        }
    }
}

impl Attention {
    /// What is the matter, and what it is about.
    pub fn key(&self) -> AttentionKey {
        (self.kind, self.about.clone())
    }

    /// Its key in the table.
    pub fn id(&self) -> String {
        attention_id(self.kind, &self.about)
    }
}

/// What is the matter, and what it is about.
pub type AttentionKey = (AttentionKind, String);

/// The key of what is the matter with something.
pub fn attention_id(kind: AttentionKind, about: &str) -> String {
    format!("{}#{about}", kind.as_str())
}
