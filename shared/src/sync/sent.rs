//! What is sent to a linked customer is noted before, so that whoever meets it there after we were
//! cut off does not take it for an edit of the store's.

use crate::{
    application::Application,
    bigcommerce::CustomerId,
    plan::{LinkStep, Plan, StoreStep},
    store,
    user::{Sent, User},
};

use super::{Engine, case::Case};

impl Engine {
    /// Notes what the plan is about to send. A customer that is not linked has nothing to compare
    /// with, so it needs no note.
    pub(super) async fn note_sent(
        &self,
        application: &Application,
        case: &mut Case,
        plan: &Plan,
    ) -> Result<(), store::Error> {
        let Some((customer, sent)) = to_note(application, case, plan) else { return Ok(()) };
        self.tables.note_sent(&application.id, customer, &sent).await?;
        case.noted = Some(sent);
        Ok(())
    }

    /// Notes it once more, for the note was lost with what was agreed before.
    pub(super) async fn note_again(
        &self,
        application: &Application,
        case: &Case,
        plan: &Plan,
    ) -> Result<(), store::Error> {
        let (Some(sent), StoreStep::Update { customer, .. }) = (&case.noted, &plan.store) else {
            return Ok(());
        };
        match self.tables.note_sent(&application.id, *customer, sent).await {
            // Nobody's any more.
            Err(store::Error::Moved) => Ok(()),
            noted => noted,
        }
    }

    /// Forgets what was sent where that did not happen by itself: it is known what became of it.
    pub(super) async fn clear_sent(
        &self,
        application: &Application,
        case: &Case,
        after: Option<&User>,
    ) -> Result<(), store::Error> {
        let noted = case.noted.as_ref().or(case.sent.as_ref()).is_some_and(|sent| !sent.is_empty());
        let (Some(before), true) = (case.link(application), noted) else { return Ok(()) };
        let now = after.and_then(|user| user.links.get(&application.id));
        let agreed_anew = now.is_none_or(|now| now.base.fingerprint() != before.base.fingerprint());
        match agreed_anew {
            true => Ok(()),
            false => self.tables.clear_sent(&application.id, before.customer).await,
        }
    }
}

fn to_note(application: &Application, case: &Case, plan: &Plan) -> Option<(CustomerId, Sent)> {
    let StoreStep::Update { customer, fields, addresses, .. } = &plan.store else { return None };
    case.link(application)?;
    let held = match &plan.link {
        LinkStep::Set { held, .. } => held.clone(),
        LinkStep::Keep | LinkStep::Break | LinkStep::Leave => None,
    };
    let sent = Sent::of(fields, addresses).holding(held);
    Some((*customer, case.sent.iter().fold(sent, Sent::after)))
}
