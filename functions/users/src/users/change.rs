//! Creating, changing and deleting users. A change and its row of work are one transaction.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::{
    client::ClientId,
    group::GroupId,
    scim::{entity_tag, patch, user_resource, write_user},
    store::{self, Also, Unique},
    user::{User, UserId},
    work::Subject,
};

use crate::{caller::Caller, precondition::Precondition, query::Shown, refusal::Refusal};

/// How often a change is made anew after others were quicker.
const ATTEMPTS: usize = 8;

impl Caller {
    pub(crate) async fn create_user(&self, resource: &Value) -> Result<Value, Refusal> {
        let mut user = User::new(String::new(), self.app.clock.now());
        self.write(&mut user, resource)?;
        self.accepts(&user).await?;
        match self.app.tables.create_user(&user, &[self.work(&user.id)]).await {
            Err(store::Error::Taken { what, by, .. }) => self.reactivate_user(what, &by, resource).await,
            created => {
                let user = self.admitted(created?).await?;
                let names = self.names_of_groups(std::slice::from_ref(&user)).await?;
                Ok(self.bare_user(&user, &names.into_iter().collect::<Vec<_>>()))
            }
        }
    }

    /// Some clients deactivate whom they mean to delete, and later create the same person again.
    async fn reactivate_user(&self, what: Unique, by: &UserId, resource: &Value) -> Result<Value, Refusal> {
        let taken = || Refusal::not_unique(what);
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
        let user = self.change_user(by, &Precondition::default(), change).await?;
        self.one_user(&user, &Shown::default()).await
    }

    pub(crate) async fn replace_user(
        &self,
        id: &UserId,
        precondition: &Precondition,
        resource: &Value,
    ) -> Result<Value, Refusal> {
        let user = self.change_user(id, precondition, |user| self.write(user, resource)).await?;
        self.one_user(&user, &Shown::default()).await
    }

    pub(crate) async fn patch_user(
        &self,
        id: &UserId,
        precondition: &Precondition,
        message: &Value,
    ) -> Result<Value, Refusal> {
        let change = |user: &mut User| {
            let mut resource = self.bare_user(user, &[]);
            if patch(&mut resource, &self.settings.users, message)? {
                self.write(user, &resource)?;
                user.active_unassigned = resource["active"].is_null();
            }
            Ok(())
        };
        let user = self.change_user(id, precondition, change).await?;
        self.one_user(&user, &Shown::default()).await
    }

    pub(crate) async fn delete_user(&self, id: &UserId, precondition: &Precondition) -> Result<(), Refusal> {
        for _ in 0..ATTEMPTS {
            let user = self.app.tables.user(id).await?.ok_or_else(Refusal::no_resource)?;
            precondition.check(&entity_tag(user.version))?;
            match self.app.tables.delete_user(&user, &BTreeSet::new(), &[]).await {
                Err(store::Error::Moved) => {}
                deleted => return deleted.map(drop).map_err(Refusal::from),
            }
        }
        Err(Refusal::busy())
    }

    /// Changes the user as it is now. A change that comes to nothing is not written.
    async fn change_user(
        &self,
        id: &UserId,
        precondition: &Precondition,
        change: impl Fn(&mut User) -> Result<(), Refusal>,
    ) -> Result<User, Refusal> {
        // What was read lately may be a moment old: that comes to light when it is written over. A
        // condition, or that there is nothing to write, holds only of what is there for certain.
        let mut certain = precondition.insists();
        for _ in 0..ATTEMPTS {
            let read = match certain {
                true => self.app.tables.user(id).await?,
                false => self.app.tables.user_lately(id).await?,
            };
            let before = read.ok_or_else(Refusal::no_resource)?;
            precondition.check(&entity_tag(before.version))?;
            let mut after = before.clone();
            change(&mut after)?;
            if after == before && certain {
                return Ok(before);
            }
            if after != before {
                self.accepts(&after).await?;
                after.last_modified = self.app.clock.now();
                self.note_deactivation(&before, &mut after);
                match self.app.tables.update_user(&before, &after, &[self.work(id)]).await {
                    Err(store::Error::Moved) => {}
                    written if called_so(&before) == called_so(&after) => return Ok(written?.user),
                    written => return self.admitted(written?.user).await,
                }
            }
            certain = true;
        }
        Err(Refusal::busy())
    }

    fn note_deactivation(&self, before: &User, after: &mut User) {
        if before.active != after.active {
            after.deactivated_by = (!after.active).then(|| self.client.id.clone());
        }
    }

    fn write(&self, user: &mut User, resource: &Value) -> Result<(), Refusal> {
        Ok(write_user(user, resource, &self.client.id, &self.settings.fields)?)
    }

    /// The user as a member of the groups in which the client has put the user before.
    async fn admitted(&self, user: User) -> Result<User, Refusal> {
        if self.app.tables.admit(&self.client.id, &user).await?.is_empty() {
            return Ok(user);
        }
        self.app.tables.user(&user.id).await?.ok_or_else(Refusal::no_resource)
    }

    /// A user in these groups as a resource, which says nothing of links that are not there.
    fn bare_user(&self, user: &User, groups: &[(GroupId, String)]) -> Value {
        user_resource(user, &self.client.id, &self.app.url, groups, &self.settings.fields)
    }

    fn work(&self, id: &UserId) -> Also {
        let subject = Subject::User(id.clone());
        Also::Work { subject, cause: "scim".to_owned(), asked_at: self.app.clock.now() }
    }
}

/// The values by which groups know a user before the user is there.
fn called_so(user: &User) -> (String, &BTreeMap<ClientId, String>) {
    (user.folded_user_name(), &user.external_ids)
}
