//! Creating, changing and deleting groups.

use serde_json::Value;
use shared::{
    group::{Group, GroupId, Member},
    scim::{GroupPatch, MemberChanges, entity_tag, group_resource, patch, write_group},
    store,
};

use super::members::Difference;
use crate::{caller::Caller, precondition::Precondition, refusal::Refusal};

/// How often a change is made anew after others were quicker.
const ATTEMPTS: usize = 8;

/// What is to become of a group.
enum Wanted<'a> {
    /// This resource.
    Whole(&'a Value),
    /// What these operations, read for a group without its members, make of it.
    Patched(GroupPatch),
    /// What these operations make of it, of which all its members tell what they mean.
    PatchedWhole(&'a Value),
}

impl Caller {
    pub(crate) async fn create_group(&self, resource: &Value) -> Result<Group, Refusal> {
        let mut group = Group::new(String::new(), self.app.clock.now());
        let members = write_group(&mut group, resource, &self.client.id)?;
        let members = self.known(members).await?;
        Ok(self.app.tables.create_group(&group, &members, &self.client.id, &[]).await?)
    }

    pub(crate) async fn replace_group(
        &self,
        id: &GroupId,
        precondition: &Precondition,
        resource: &Value,
    ) -> Result<Group, Refusal> {
        self.change_group(id, precondition, &Wanted::Whole(resource)).await
    }

    pub(crate) async fn patch_group(
        &self,
        id: &GroupId,
        precondition: &Precondition,
        message: &Value,
    ) -> Result<Group, Refusal> {
        let wanted = GroupPatch::read(message)?.map_or(Wanted::PatchedWhole(message), Wanted::Patched);
        self.change_group(id, precondition, &wanted).await
    }

    pub(crate) async fn delete_group(
        &self,
        id: &GroupId,
        precondition: &Precondition,
    ) -> Result<(), Refusal> {
        for _ in 0..ATTEMPTS {
            let group = self.app.tables.group(id).await?.ok_or_else(Refusal::no_resource)?;
            precondition.check(&entity_tag(group.version))?;
            match self.app.tables.delete_group(&group, &[]).await {
                Err(store::Error::Moved) if !precondition.0.insists() => {}
                Err(store::Error::Moved) => return Err(Refusal::precondition_failed()),
                deleted => return Ok(deleted?),
            }
        }
        Err(Refusal::busy())
    }

    /// Changes the group as it is now. A change that comes to nothing is not written.
    async fn change_group(
        &self,
        id: &GroupId,
        precondition: &Precondition,
        wanted: &Wanted<'_>,
    ) -> Result<Group, Refusal> {
        for _ in 0..ATTEMPTS {
            let before = self.app.tables.group(id).await?.ok_or_else(Refusal::no_resource)?;
            precondition.check(&entity_tag(before.version))?;
            let (mut after, difference) = self.outcome(&before, wanted).await?;
            if after == before && difference.is_empty() {
                return Ok(before);
            }
            after.last_modified = self.app.clock.now();
            let Difference { joining, leaving } = &difference;
            let written =
                self.app.tables.update_group(&before, &after, joining, leaving, &self.client.id, &[]);
            match written.await {
                // Some of the members may have changed already: what is left to do is seen anew.
                Err(store::Error::Moved) if !precondition.0.insists() => {}
                Err(store::Error::Moved) => return Err(Refusal::precondition_failed()),
                written => return Ok(written?),
            }
        }
        Err(Refusal::busy())
    }

    /// What becomes of a group and its members.
    async fn outcome(&self, before: &Group, wanted: &Wanted<'_>) -> Result<(Group, Difference), Refusal> {
        let mut after = before.clone();
        let difference = match wanted {
            Wanted::Whole(resource) => {
                let members = write_group(&mut after, resource, &self.client.id)?;
                self.difference(&before.id, members).await?
            }
            Wanted::Patched(GroupPatch { rest, members }) => {
                self.patched(&mut after, rest, Vec::new())?;
                self.changed(&before.id, MemberChanges::clone(members)).await?
            }
            Wanted::PatchedWhole(message) => {
                let held = self.all_members(&before.id).await?;
                let members = self.patched(&mut after, message, held)?;
                self.difference(&before.id, members).await?
            }
        };
        Ok((after, difference))
    }

    /// Applies operations to a group with these members, and gives those that it then has.
    fn patched(
        &self,
        group: &mut Group,
        message: &Value,
        members: Vec<Member>,
    ) -> Result<Vec<Member>, Refusal> {
        let mut resource = group_resource(group, &members, &self.client.id, &self.app.url);
        match patch(&mut resource, &self.settings.groups, message)? {
            true => Ok(write_group(group, &resource, &self.client.id)?),
            false => Ok(members),
        }
    }
}
