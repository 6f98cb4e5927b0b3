//! Customers whose user is gone: those that a deleted user left, and those that were made for a
//! user who was deleted before they could be linked.

use crate::{
    application::Application,
    bigcommerce::CustomerId,
    plan::{Plan, StoreStep, Told},
    report::Action,
    store,
    user::UserId,
};

use super::{
    Engine,
    case::Case,
    outbound::Stored,
    tell::{Scene, log},
    verdict::Verdict,
};

impl Engine {
    /// Carries out what is left of the plan about a customer whose user is gone: it is told, and
    /// what remembers the user is forgotten once the customer is gone too.
    pub(super) async fn settle_grave(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        mut plan: Plan,
    ) -> Result<(), store::Error> {
        let deletes = scene.application().policies.on_user_deleted.deletes();
        if case.customers.is_empty() && deletes {
            // Cut off before it was told, or deleted there meanwhile.
            plan.told.push(Told::done(Action::DeleteCustomer));
        }
        self.settle_and_note(scene, case, &plan, None).await?;
        let entries = scene.entries(case, None, &plan);
        self.tables.report(&entries).await?;
        log(&entries);
        self.raise(scene, case, &plan).await?;
        let customer = self.customer_of_grave(scene, case);
        let is_gone = case.customers.is_empty() || matches!(plan.store, StoreStep::Delete(_));
        if let Some(customer) = customer.filter(|_| is_gone) {
            self.tables.forget_pointer(&scene.application().id, customer).await?;
        }
        Ok(())
    }

    /// The verdict on a customer that only says itself for whom we made it, and that user is gone;
    /// once that is remembered it is looked at.
    pub(super) async fn bury_unburied(&self, application: &Application, case: &Case) -> Option<Verdict> {
        let gone = case.gone.as_ref().filter(|gone| gone.unburied)?;
        let customer = case.customers.first()?.id?;
        Some(match self.bury(application, customer, &gone.user).await {
            Ok(()) => Verdict::Done,
            Err(error) => Verdict::Later(error.into()),
        })
    }

    fn customer_of_grave(&self, scene: &Scene<'_>, case: &Case) -> Option<CustomerId> {
        case.customers.first().and_then(|customer| customer.id).or(super::customer_of(scene.row))
    }

    /// The user was written by someone else after the store had taken its part. A customer that was
    /// made for a user who is gone by now is buried, so that it is looked at and removed. And what
    /// was sent is noted once more, for whoever wrote the user forgot it.
    pub(super) async fn overtaken(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        plan: &Plan,
        stored: &Stored,
    ) -> Result<Verdict, store::Error> {
        let made = stored.as_ref().and_then(|customer| customer.id);
        if let (StoreStep::Create { .. }, Some(customer), Some(user)) = (&plan.store, made, &case.user)
            && self.tables.user(&user.id).await?.is_none()
        {
            self.bury(scene.application(), customer, &user.id).await?;
            return Ok(Verdict::Done);
        }
        self.note_again(scene.application(), case, plan).await?;
        Ok(Verdict::Again)
    }

    /// Remembers that the customer was of a user who is gone; that has it looked at.
    pub(super) async fn bury(
        &self,
        application: &Application,
        customer: CustomerId,
        user: &UserId,
    ) -> Result<(), store::Error> {
        match self.tables.bury(&application.id, customer, user, self.clock.now()).await {
            // It is somebody's by now: that one is looked at.
            Err(store::Error::Moved) => Ok(()),
            buried => buried,
        }
    }
}
