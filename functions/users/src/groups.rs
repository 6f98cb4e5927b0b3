//! Groups, one by one.

mod change;
mod members;

use serde_json::Value;
use shared::{
    group::{Group, GroupId},
    scim::{Lookup, Projection, group_resource},
    secret::fold,
    user::UserId,
};

use crate::{
    address::Id,
    answer::{Answer, version},
    body::Body,
    caller::Caller,
    list::{Kind, list},
    precondition::Precondition,
    query::{Query, Shown},
    refusal::Refusal,
};

pub(crate) async fn all(caller: Caller, query: Query) -> Result<Answer, Refusal> {
    list(&caller, &[Kind::Group], &query).await
}

pub(crate) async fn search(caller: Caller, Body(message): Body) -> Result<Answer, Refusal> {
    list(&caller, &[Kind::Group], &Query::of_message(&message)?).await
}

pub(crate) async fn create(caller: Caller, shown: Shown, Body(resource): Body) -> Result<Answer, Refusal> {
    let group = caller.create_group(&Value::Object(resource)).await?;
    let resource = caller.written_group(&group, &shown).await?;
    Ok(Answer::created(resource, &shown, &caller.settings.groups))
}

pub(crate) async fn read(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
    shown: Shown,
) -> Result<Answer, Refusal> {
    let group = caller.app.tables.group(&id.into()).await?.ok_or_else(Refusal::no_resource)?;
    let bare = group_resource(&group, &[], &caller.client.id, &caller.app.url);
    if precondition.knows(version(&bare)) {
        return Ok(Answer::unchanged(&bare));
    }
    let resource = caller.group_resources(std::slice::from_ref(&group), &shown.0).await?.pop();
    Ok(Answer::one(resource.unwrap_or(bare), &shown, &caller.settings.groups))
}

pub(crate) async fn replace(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
    shown: Shown,
    Body(resource): Body,
) -> Result<Answer, Refusal> {
    let group = caller.replace_group(&id.into(), &precondition, &Value::Object(resource)).await?;
    let resource = caller.written_group(&group, &shown).await?;
    Ok(Answer::one(resource, &shown, &caller.settings.groups))
}

pub(crate) async fn patch(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
    shown: Shown,
    Body(message): Body,
) -> Result<Answer, Refusal> {
    let group = caller.patch_group(&id.into(), &precondition, &Value::Object(message)).await?;
    let resource = caller.written_group(&group, &shown).await?;
    Ok(Answer::one(resource, &shown, &caller.settings.groups))
}

pub(crate) async fn delete(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
) -> Result<Answer, Refusal> {
    caller.delete_group(&id.into(), &precondition).await?;
    Ok(Answer::nothing())
}

impl Caller {
    /// A group without its members as a resource.
    pub(crate) fn bare_group(&self, group: &Group) -> Value {
        group_resource(group, &[], &self.client.id, &self.app.url)
    }

    /// Groups as resources, with their members where these are asked for.
    pub(crate) async fn group_resources(
        &self,
        groups: &[Group],
        projection: &Projection,
    ) -> Result<Vec<Value>, Refusal> {
        if !projection.wants("members", &self.settings.groups) {
            return Ok(groups.iter().map(|group| self.bare_group(group)).collect());
        }
        let (mut resources, mut left) = (Vec::new(), members::MOST_READ);
        for group in groups {
            let members = self.some_members(&group.id, left).await?.ok_or_else(Refusal::too_many_members)?;
            left -= members.len();
            resources.push(group_resource(group, &members, &self.client.id, &self.app.url));
        }
        Ok(resources)
    }

    /// A group that was just written. What was done is not refused because its answer is long: a
    /// group of many members is told without them.
    async fn written_group(&self, group: &Group, Shown(projection): &Shown) -> Result<Value, Refusal> {
        let members = match projection.wants("members", &self.settings.groups) {
            true => self.some_members(&group.id, members::MOST_TOLD).await?,
            false => None,
        };
        Ok(group_resource(group, &members.unwrap_or_default(), &self.client.id, &self.app.url))
    }

    /// The groups that have a value; `None`: no index tells.
    pub(crate) async fn groups_with(&self, lookup: &Lookup) -> Result<Option<Vec<GroupId>>, Refusal> {
        let tables = &self.app.tables;
        Ok(match lookup {
            Lookup::Id(id) => Some(vec![GroupId::from(id.clone())]),
            Lookup::DisplayName(name) => Some(tables.groups_by_name(&fold(name)).await?),
            Lookup::ExternalId(value) => {
                Some(tables.group_by_external_id(&self.client.id, value).await?.into_iter().collect())
            }
            Lookup::Member(value) => {
                let user = tables.user_lately(&UserId::from(value.clone())).await?;
                user.map(|user| user.groups.into_iter().collect())
            }
            Lookup::UserName(_) | Lookup::Email(_) => Some(Vec::new()),
        })
    }
}
