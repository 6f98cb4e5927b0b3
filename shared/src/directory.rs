//! Writing users, by whichever door they come. A change and its row of work are one transaction.

mod precondition;
mod refused;
mod strict;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    client::{Client, ClientId},
    clock::Clock,
    profile::ProfileField,
    scim::{Schemas, entity_tag, patch, user_resource, write_user},
    store::{self, Also, Tables, Unique},
    user::{User, UserId},
    work::Subject,
};

pub use precondition::Precondition;
pub use refused::Refused;

/// How often a change is made anew after others were quicker.
const ATTEMPTS: usize = 8;

/// Writes users on somebody's behalf.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// The tables.
    pub tables: &'a Tables,
    /// Time.
    pub clock: &'a Clock,
    /// On whose behalf.
    pub client: &'a Client,
    /// The profile fields that users have.
    pub fields: &'a [ProfileField],
    /// What there is of users, with these fields.
    pub schemas: &'a Schemas,
    /// What reports are to give as the cause.
    pub cause: &'a str,
}

impl Writer<'_> {
    /// Creates the user that `resource` tells; as written it has version 1. A client may
    /// [reactivate](Client::reactivates) instead whom it deactivated.
    ///
    /// # Errors
    /// When a rule or another user is in the way; nothing was written then.
    pub async fn create(&self, resource: &Value) -> Result<User, Refused> {
        let user = self.draft(resource)?;
        self.accepts(&user).await?;
        match self.tables.create_user(&user, &[self.work(&user.id)]).await {
            Err(store::Error::Taken { what, by, .. }) => self.reactivate(what, &by, resource).await,
            created => self.admitted(created?).await,
        }
    }

    /// The user that `resource` tells, who is not written.
    ///
    /// # Errors
    /// When a value is none of its attribute's.
    pub fn draft(&self, resource: &Value) -> Result<User, Refused> {
        let mut user = User::new(String::new(), self.clock.now());
        self.write(&mut user, resource)?;
        Ok(user)
    }

    /// Some clients deactivate whom they mean to delete, and later create the same person again.
    async fn reactivate(&self, what: Unique, by: &UserId, resource: &Value) -> Result<User, Refused> {
        let taken = || Refused::Taken { what, by: by.clone() };
        if !self.client.reactivates || !matches!(what, Unique::UserName | Unique::ExternalId) {
            return Err(taken());
        }
        let change = |user: &mut User| {
            if user.active || user.deactivated_by.as_ref() != Some(&self.client.id) {
                return Err(taken());
            }
            user.active = true;
            self.write(user, resource)
        };
        self.change(by, &Precondition::default(), change).await
    }

    /// Writes the user as `resource` tells it.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn replace(
        &self,
        id: &UserId,
        precondition: &Precondition,
        resource: &Value,
    ) -> Result<User, Refused> {
        self.change(id, precondition, |user| self.write(user, resource)).await
    }

    /// Changes the user as the operations of a SCIM message say.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn patch(
        &self,
        id: &UserId,
        precondition: &Precondition,
        message: &Value,
    ) -> Result<User, Refused> {
        let change = |user: &mut User| {
            let mut resource = user_resource(user, &self.client.id, "", &[], self.fields);
            if patch(&mut resource, self.schemas, message)? {
                self.write(user, &resource)?;
                user.active_unassigned = resource["active"].is_null();
            }
            Ok(())
        };
        self.change(id, precondition, change).await
    }

    /// Deletes the user.
    ///
    /// # Errors
    /// When there is no such user, or another version of it than was asked for.
    pub async fn delete(&self, id: &UserId, precondition: &Precondition) -> Result<(), Refused> {
        for _ in 0..ATTEMPTS {
            let user = self.tables.user(id).await?.ok_or(Refused::NoUser)?;
            precondition.check(&entity_tag(user.version))?;
            match self.tables.delete_user(&user, &BTreeSet::new(), &[]).await {
                Err(store::Error::Moved) => {}
                deleted => return deleted.map(drop).map_err(Refused::from),
            }
        }
        Err(Refused::Busy)
    }

    /// Changes the user as it is now. A change that comes to nothing is not written.
    ///
    /// # Errors
    /// When there is no such user or another version of it than was asked for, when `change` or a
    /// rule refuses it, or another user is in the way; nothing was written then.
    pub async fn change(
        &self,
        id: &UserId,
        precondition: &Precondition,
        change: impl Fn(&mut User) -> Result<(), Refused>,
    ) -> Result<User, Refused> {
        // What was read lately may be a moment old: that comes to light when it is written over. A
        // condition, or that there is nothing to write, holds only of what is there for certain.
        let mut certain = precondition.insists();
        for _ in 0..ATTEMPTS {
            let read = match certain {
                true => self.tables.user(id).await?,
                false => self.tables.user_lately(id).await?,
            };
            let before = read.ok_or(Refused::NoUser)?;
            precondition.check(&entity_tag(before.version))?;
            let mut after = before.clone();
            change(&mut after)?;
            if after == before && certain {
                return Ok(before);
            }
            if after != before {
                self.accepts(&after).await?;
                after.last_modified = self.clock.now();
                self.note_deactivation(&before, &mut after);
                match self.tables.update_user(&before, &after, &[self.work(id)]).await {
                    Err(store::Error::Moved) => {}
                    written if called_so(&before) == called_so(&after) => return Ok(written?.user),
                    written => return self.admitted(written?.user).await,
                }
            }
            certain = true;
        }
        Err(Refused::Busy)
    }

    fn note_deactivation(&self, before: &User, after: &mut User) {
        if before.active != after.active {
            after.deactivated_by = (!after.active).then(|| self.client.id.clone());
        }
    }

    fn write(&self, user: &mut User, resource: &Value) -> Result<(), Refused> {
        Ok(write_user(user, resource, &self.client.id, self.fields)?)
    }

    /// The user as a member of the groups in which the client has put the user before.
    async fn admitted(&self, user: User) -> Result<User, Refused> {
        if self.tables.admit(&self.client.id, &user).await?.is_empty() {
            return Ok(user);
        }
        self.tables.user(&user.id).await?.ok_or(Refused::NoUser)
    }

    fn work(&self, id: &UserId) -> Also {
        let (subject, cause) = (Subject::User(id.clone()), self.cause.to_owned());
        Also::Work { subject, cause, asked_at: self.clock.now() }
    }
}

/// The values by which groups know a user before the user is there.
fn called_so(user: &User) -> (String, &BTreeMap<ClientId, String>) {
    (user.folded_user_name(), &user.external_ids)
}
