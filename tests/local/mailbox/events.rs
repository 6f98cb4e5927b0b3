//! What a configuration set's events tell of a mail, as EventBridge hands them over.

use serde_json::{Value, json};
use shared::clock::random_id;

use super::{Fate, Mail};

/// The events of a mail, in the order in which they come about.
pub(super) fn events(mail: &Mail, configuration_set: &str, fate: Fate) -> Vec<Value> {
    let recipients = |with: &Value| -> Vec<Value> {
        let recipient = |address: &String| {
            let mut recipient = json!({ "emailAddress": address });
            if let (Some(recipient), Some(with)) = (recipient.as_object_mut(), with.as_object()) {
                recipient.extend(with.clone());
            }
            recipient
        };
        mail.to.iter().map(recipient).collect()
    };
    let bounce = |kind: &str, sub: &str, status: &str| {
        let with = json!({ "action": "failed", "status": status });
        let bounced = recipients(&with);
        let bounce = json!({ "bounceType": kind, "bounceSubType": sub, "bouncedRecipients": bounced,
            "timestamp": mail.at, "feedbackId": random_id() });
        ("Email Bounced", "Bounce", "bounce", bounce)
    };
    let sent = ("Email Sent", "Send", "send", json!({}));
    let delivered = || {
        ("Email Delivered", "Delivery", "delivery", json!({ "timestamp": mail.at, "recipients": mail.to }))
    };
    let after = match fate {
        Fate::Arrives => vec![delivered()],
        Fate::Bounces => vec![bounce("Permanent", "General", "5.1.1")],
        Fate::Suppressed => vec![bounce("Permanent", "OnAccountSuppressionList", "5.1.1")],
        Fate::BouncesForNow => vec![bounce("Transient", "MailboxFull", "4.2.2")],
        Fate::Rejected => vec![("Email Rejected", "Reject", "reject", json!({ "reason": "Bad content" }))],
        Fate::Unwanted => {
            let complaint = json!({ "complainedRecipients": recipients(&json!({})), "timestamp": mail.at,
                "complaintFeedbackType": "abuse", "feedbackId": random_id() });
            vec![delivered(), ("Email Complaint Received", "Complaint", "complaint", complaint)]
        }
        Fate::Unsubscribed => {
            let subscription = json!({ "contactList": "all", "timestamp": mail.at, "source": "UnsubscribeHeader",
                "newTopicPreferences": { "unsubscribeAll": true } });
            vec![delivered(), ("Email Subscribed", "Subscription", "subscription", subscription)]
        }
    };
    [sent].into_iter().chain(after).map(|(title, kind, name, what)| {
        let mut detail = json!({ "eventType": kind, "mail": about(mail, configuration_set) });
        detail[name] = what;
        json!({ "version": "0", "id": random_id(), "detail-type": title, "source": "aws.ses",
            "account": "000000000000", "time": mail.at, "region": "eu-central-1", "resources": [], "detail": detail })
    }).collect()
}

fn about(mail: &Mail, configuration_set: &str) -> Value {
    let mut tags: serde_json::Map<String, Value> =
        mail.tags.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    tags.insert("ses:configuration-set".to_owned(), json!([configuration_set]));
    json!({ "timestamp": mail.at, "source": mail.from, "messageId": mail.id, "destination": mail.to,
        "headersTruncated": false, "tags": tags })
}
