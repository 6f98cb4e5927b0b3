//! What a person reads of a watch.

use shared::{
    application::Application,
    bigcommerce,
    report::{Action, Attention, AttentionKind, Entry, Outcome},
};

use super::{
    Watched,
    note::{KIND, Repair},
};

/// How many customers a walk found gone until the deletion brake stopped it.
pub(super) struct Gone {
    /// How many.
    pub(super) gone: u64,
    /// Of how many.
    pub(super) known: u64,
    /// How many of them were taken for gone before.
    pub(super) noted: u64,
}

/// The entry that tells of hooks that were set up again.
pub(super) fn repaired(application: &Application, repair: Repair) -> Entry {
    let Repair { entry, found, hooks } = repair;
    Entry {
        id: entry,
        at: found,
        application: application.id.clone(),
        user: None,
        customer: None,
        identifier: None,
        action: Action::RepairWebhooks,
        cause: KIND.to_owned(),
        outcome: Outcome::Success,
        changes: Vec::new(),
        detail: format!(
            "The store had stopped sending {hooks} of its webhooks. They are set up again, and every customer is \
             compared with the directory for what was missed. Nothing is to be done."
        ),
    }
}

/// What is asked where so many customers are gone that the walk was stopped.
pub(super) fn braked(watched: &Watched, gone: &Gone) -> Attention {
    let Gone { gone, known, noted } = *gone;
    let name = &watched.application.name;
    let users = match noted {
        0 => "None of their users was deleted.".to_owned(),
        _ => {
            format!("The first {noted} were taken for deleted before that; the users of the others were not.")
        }
    };
    let again = again(&watched.application);
    attention(
        watched,
        AttentionKind::Deletions,
        format!(
            "{gone} of {known} customers that are users here are gone from the store {name}, which is more than the \
             deletion brake lets pass. {users} If the store is right, raise the brake: all customers are then compared \
             again. If not, mend the store: {again}."
        ),
    )
}

/// What is asked where the store does not take its hooks.
pub(super) fn hookless(watched: &Watched, error: &bigcommerce::Error) -> Attention {
    let (name, destination) = (&watched.application.name, watched.destination());
    let again = again(&watched.application);
    attention(
        watched,
        AttentionKind::Webhook,
        format!(
            "The store {name} does not take the webhooks that tell of its customers ({error}). See that {destination} \
             is the address of this directory, and delete webhooks of the API account that nobody uses: there may be ten \
             for each event. They are tried again every quarter of an hour. Until then, changes at the store are found \
             only by comparison: {again}."
        ),
    )
}

fn again(application: &Application) -> String {
    match application.policies.survey_every_hours {
        0 => "all customers are compared when webhooks are set up again, and at no other time".to_owned(),
        hours => format!("all customers are compared every {hours} hours"),
    }
}

fn attention(watched: &Watched, kind: AttentionKind, detail: String) -> Attention {
    Attention {
        about: watched.application.id.to_string(),
        kind,
        application: watched.application.id.clone(),
        since: watched.app.engine.clock.now(),
        detail,
        waiting: Vec::new(),
    }
}
