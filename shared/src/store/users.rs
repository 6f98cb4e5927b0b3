//! Users: each write is conditional on the version that was read, and carries the rows that make
//! its values unique, the kept count and whatever must be true together with it.

use std::collections::{BTreeSet, HashMap};

use super::{
    Also, Error, Reservation, Table, Tables,
    body::{user_of, user_row},
    counts::bucket,
    item::Item,
    listing::listed_by_name,
    order::ordered_key,
    step::{Condition, Refusal},
    tombstones::looks_at,
    uniques::Diff,
};
use crate::{
    application::ApplicationId,
    user::{User, UserId},
};

/// A user as written, and what the write set free.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The user, with its new version.
    pub user: User,
    /// Values that others may take now.
    pub released: Vec<Reservation>,
}

const KIND: &str = "user";

pub(super) fn user_key(id: &UserId) -> Option<Item> {
    bucket(id).and_then(|_| ordered_key(KIND, id.as_str()))
}

fn known_key(id: &UserId) -> Result<Item, Error> {
    user_key(id)
        .ok_or_else(|| Error::rejected("a user's identifier must begin with three hexadecimal digits"))
}

fn user_item(user: &User) -> Result<Item, Error> {
    Ok(unlisted_item(user)?.into_iter().chain(listed_by_name(user)).collect())
}

fn unlisted_item(user: &User) -> Result<Item, Error> {
    Ok(user_row(user)?.into_iter().chain(known_key(&user.id)?).collect())
}

impl Tables {
    /// The user, as last written.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, Error> {
        let Some(key) = user_key(id) else { return Ok(None) };
        self.get(Table::Users, key).await?.map(|row| user_of(&row)).transpose()
    }

    /// The user as last written or as written a moment before that, at half the cost; a user that
    /// was just created is found.
    pub async fn user_lately(&self, id: &UserId) -> Result<Option<User>, Error> {
        let Some(key) = user_key(id) else { return Ok(None) };
        self.get_lately(Table::Users, key).await?.map(|row| user_of(&row)).transpose()
    }

    /// The users of these identifiers, as last written; those that are not there are left out.
    pub async fn users(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>, Error> {
        let ids: BTreeSet<_> = ids.iter().collect();
        let keys = ids.into_iter().filter_map(user_key).collect();
        let users = self.batch_get(Table::Users, keys).await?;
        users.iter().map(|row| user_of(row).map(|user| (user.id.clone(), user))).collect()
    }

    /// Writes a user that is not there yet; as written it has version 1.
    ///
    /// # Errors
    /// [`Error::Taken`] when one of its values belongs to another user, [`Error::Moved`] when a
    /// user of this identifier is there.
    pub async fn create_user(&self, user: &User, also: &[Also]) -> Result<User, Error> {
        let user = User { version: 1, ..user.clone() };
        let looked_at = also.iter().any(|also| also.is_about(&user.id));
        let row = if looked_at { unlisted_item(&user)? } else { user_item(&user)? };
        let diff = Diff::of_new(&user);
        self.note_partitions(&diff).await?;
        let mut steps = vec![self.put_step(Table::Users, row, Some(Condition::Absent), Refusal::Moved)?];
        steps.extend(self.unique_steps(&diff)?);
        steps.extend(self.count_step(None, Some(&user))?);
        steps.extend(self.also_steps_of_new(&user.id, also)?);
        self.transact(steps).await?;
        Ok(user)
    }

    /// Writes a user over the version that was read; as written its version is one more. When it
    /// was last modified is the caller's to say.
    ///
    /// # Errors
    /// [`Error::Moved`] when it was written or deleted since it was read, [`Error::Taken`] when a
    /// value that it gains belongs to another user.
    pub async fn update_user(&self, before: &User, after: &User, also: &[Also]) -> Result<Written, Error> {
        let user = User { id: before.id.clone(), version: before.version + 1, ..after.clone() };
        let (row, diff) = (user_item(&user)?, Diff::between(before, &user));
        let condition = Condition::Version(before.version);
        self.note_partitions(&diff).await?;
        let also = self.and_who_waits(&diff.released, also).await?;
        let mut rest = self.unique_steps(&diff)?;
        rest.extend(self.count_step(Some(before), Some(&user))?);
        rest.extend(self.also_steps(&also)?);
        if rest.is_empty() {
            // One row alone costs half of what it costs in a transaction.
            self.put_user(row, &condition).await?;
        } else {
            rest.insert(0, self.put_step(Table::Users, row, Some(condition), Refusal::Moved)?);
            self.transact(rest).await?;
        }
        let released = diff.released;
        Ok(Written { user, released })
    }

    async fn put_user(&self, row: Item, condition: &Condition<'_>) -> Result<(), Error> {
        let (names, values) = condition.parameters();
        let put = self
            .client
            .put_item()
            .set_item(Some(row))
            .condition_expression(condition.expression())
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values);
        self.put(Table::Users, put).await
    }

    /// Deletes a user of the version that was read, and gives what that set free. For each of its
    /// customers, a tombstone is left and a row of work, in the same transaction; but not at the
    /// applications that are `done` with it, as where the customer is gone itself. It leaves its
    /// groups first, in steps of their own.
    ///
    /// # Errors
    /// [`Error::Moved`] when it was written or deleted since it was read.
    pub async fn delete_user(
        &self,
        user: &User,
        done: &BTreeSet<ApplicationId>,
        also: &[Also],
    ) -> Result<Vec<Reservation>, Error> {
        let user = &self.leave_groups(user).await?;
        let (key, condition) = (known_key(&user.id)?, Condition::Version(user.version));
        let (diff, now) = (Diff::of_gone(user, done), self.clock.now());
        let mut also = self.and_who_waits(&diff.released, also).await?;
        also.extend(looks_at(&diff, now));
        let mut steps = vec![self.delete_step(Table::Users, key, &condition, Refusal::Moved)?];
        steps.extend(self.unique_steps(&diff)?);
        steps.extend(self.tombstone_steps(&diff, now)?);
        steps.extend(self.count_step(Some(user), None)?);
        steps.extend(self.also_steps(&also)?);
        self.transact(steps).await?;
        Ok(diff.released)
    }

    /// At most `limit` users in the order of their identifiers, from the one after `after`.
    pub async fn page_of_users(&self, after: Option<&UserId>, limit: usize) -> Result<Vec<User>, Error> {
        let after = after.map(UserId::as_str).unwrap_or_default();
        self.in_order(KIND, after, limit).await?.iter().map(user_of).collect()
    }
}
