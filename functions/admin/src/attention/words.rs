//! What a person reads of each kind of attention, and where it is mended.

use shared::{
    report::{Attention, AttentionKind},
    work::Subject,
};

/// What a person reads of a kind.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) title: &'static str,
    /// What it means, in a sentence.
    pub(super) meaning: &'static str,
    /// What one press does for all of them; empty: nothing.
    pub(super) fix: &'static str,
    /// How pressing it is.
    pub(super) urgency: &'static str,
}

/// Where a single one is mended.
pub(super) struct Link {
    pub(super) name: &'static str,
    pub(super) address: String,
}

pub(super) fn of(kind: AttentionKind) -> Words {
    let (title, meaning, fix, urgency) = match kind {
        AttentionKind::Credentials => (
            "A store refuses the credentials",
            "Nothing can be read or written there until the store has another API account.",
            "",
            "bad",
        ),
        AttentionKind::Deletions => (
            "Many deletions wait for a decision",
            "So many at once are seldom wanted. Nothing is deleted until somebody has said so.",
            "",
            "bad",
        ),
        AttentionKind::Webhook => (
            "A store takes no webhooks",
            "Changes there are found by comparison only, which is slower.",
            "",
            "bad",
        ),
        AttentionKind::Mail => (
            "Mails are refused",
            "They are tried again for some hours; until it is mended, nobody gets a link.",
            "",
            "bad",
        ),
        AttentionKind::Returns => (
            "Too many mails came back",
            "No more activation mails are sent, so that the account keeps its good name.",
            "",
            "bad",
        ),
        AttentionKind::Dead => (
            "Given up after many attempts",
            "The same thing failed each time. See the reason, mend it, and have all of them tried again.",
            "Try all again",
            "bad",
        ),
        AttentionKind::Ambiguous => (
            "Several could be the same person",
            "Nothing was linked, for the wrong one would be changed.",
            "Look at all again",
            "warn",
        ),
        AttentionKind::Taken => (
            "An address or a name belongs to somebody else",
            "It must be unique in the directory, so it was not taken over. The rest of the change was.",
            "Look at all again",
            "warn",
        ),
        AttentionKind::Refused => (
            "A value breaks a rule of the other side",
            "That value was left out; everything else arrived.",
            "Look at all again",
            "warn",
        ),
    };
    Words { title, meaning, fix, urgency }
}

/// Where this one is mended; `decided`: it is decided in the inbox itself.
pub(super) fn link(attention: &Attention, decided: bool) -> Option<Link> {
    let application = format!("/admin/applications/{}", attention.application);
    let link = |name, address| Some(Link { name, address });
    match attention.kind {
        AttentionKind::Credentials => link("Enter another API account", format!("{application}/credentials")),
        AttentionKind::Webhook => link("Set them up again", application),
        AttentionKind::Mail | AttentionKind::Returns => {
            link("Look at the mails", "/admin/onboarding".to_owned())
        }
        AttentionKind::Deletions if decided => None,
        AttentionKind::Deletions => link("Look at the brake", format!("{application}/policies")),
        AttentionKind::Dead | AttentionKind::Ambiguous | AttentionKind::Taken | AttentionKind::Refused => {
            let user = attention.waiting.iter().find_map(|subject| match subject {
                Subject::User(user) => Some(user),
                Subject::Customer(..) => None,
            })?;
            link("Open the user", format!("/admin/users/{user}"))
        }
    }
}
