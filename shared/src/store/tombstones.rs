//! Tombstones and what was sent: what a [pointer](super::Pointer) tells beyond whose customer it is.
//!
//! A deleted user leaves a tombstone for each of its customers, so that what the store still tells
//! of them makes no user anew. It stays until the store is done with, and gives way to a user who
//! is linked to the customer.

use jiff::Timestamp;

use super::{
    Also, Error, Table, Tables,
    call::held,
    item::{aliases, instant, item, text, written},
    pointers::pointer_key,
    step::{Change, Step},
    uniques::Diff,
};
use crate::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    user::{Sent, UserId},
    work::Subject,
};

/// What asks for a look at a customer whose user is gone.
const CAUSE: &str = "user/deleted";

impl Tables {
    /// Makes a tombstone for a customer that was made or found for `user` and never linked, for
    /// the user is gone by now; and has it looked at. Done again, it has it looked at again.
    ///
    /// # Errors
    /// [`Error::Moved`] when the customer is linked to a user.
    pub async fn bury(
        &self,
        application: &ApplicationId,
        customer: CustomerId,
        user: &UserId,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.note_partition_of(application, customer).await?;
        let free = "attribute_not_exists(pk) OR attribute_exists(gone)";
        let mut steps = vec![self.tombstone_step(application, customer, user, at, free)?];
        steps.extend(self.also_steps(&[look_at(application, customer, at)])?);
        self.transact(steps).await
    }

    /// Removes a tombstone, for there is no more to do about the customer; `false` when it is none.
    pub async fn forget_pointer(
        &self,
        application: &ApplicationId,
        customer: CustomerId,
    ) -> Result<bool, Error> {
        let delete = self
            .client
            .delete_item()
            .set_key(Some(pointer_key(application, customer)))
            .condition_expression("attribute_exists(gone)");
        held(self.delete(Table::Users, delete).await)
    }

    /// Notes what is about to be sent to the store: one write unit. It is forgotten when what was
    /// agreed with the customer changes, or by [`Tables::clear_sent`].
    ///
    /// # Errors
    /// [`Error::Moved`] when the customer is nobody's.
    pub async fn note_sent(
        &self,
        application: &ApplicationId,
        customer: CustomerId,
        sent: &Sent,
    ) -> Result<(), Error> {
        let update = self
            .client
            .update_item()
            .set_key(Some(pointer_key(application, customer)))
            .update_expression("SET sent = :sent")
            .condition_expression("attribute_exists(pk)")
            .set_expression_attribute_values(Some(written(&serde_json::json!({ ":sent": sent }))?));
        self.update(Table::Users, update).await.map(drop)
    }

    /// Forgets what was sent to the store: it is known to be taken, or not to be.
    pub async fn clear_sent(&self, application: &ApplicationId, customer: CustomerId) -> Result<(), Error> {
        let update = self
            .client
            .update_item()
            .set_key(Some(pointer_key(application, customer)))
            .update_expression("REMOVE sent")
            .condition_expression("attribute_exists(pk)");
        held(self.update(Table::Users, update).await).map(drop)
    }

    /// The tombstones that a deleted user leaves.
    pub(super) fn tombstone_steps(&self, diff: &Diff<'_>, at: Timestamp) -> Result<Vec<Step>, Error> {
        let own = "attribute_not_exists(pk) OR #user = :user";
        let buried = diff.buried.iter();
        buried
            .map(|(application, customer)| self.tombstone_step(application, *customer, diff.user, at, own))
            .collect()
    }

    fn tombstone_step(
        &self,
        application: &ApplicationId,
        customer: CustomerId,
        user: &UserId,
        at: Timestamp,
        condition: &str,
    ) -> Result<Step, Error> {
        self.change_step(Change {
            table: Table::Users,
            key: pointer_key(application, customer),
            expression: "SET #user = :user, gone = :gone",
            condition: Some(condition),
            names: aliases(&["user"]),
            values: item([(":user", text(user.as_str())), (":gone", text(instant(at)))]),
        })
    }
}

/// That each customer for which there will be a tombstone is looked at.
pub(super) fn looks_at(diff: &Diff<'_>, at: Timestamp) -> impl Iterator<Item = Also> {
    diff.buried.iter().map(move |(application, customer)| look_at(application, *customer, at))
}

fn look_at(application: &ApplicationId, customer: CustomerId, at: Timestamp) -> Also {
    let subject = Subject::Customer(application.clone(), customer);
    Also::Work { subject, cause: CAUSE.to_owned(), asked_at: at }
}
