//! Users, one by one.

mod change;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::{
    group::GroupId,
    scim::{LINKS, Lookup, Projection, user_resource},
    secret::fold,
    user::{User, UserId},
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
    list(&caller, &[Kind::User], &query).await
}

pub(crate) async fn search(caller: Caller, Body(message): Body) -> Result<Answer, Refusal> {
    list(&caller, &[Kind::User], &Query::of_message(&message)?).await
}

pub(crate) async fn create(caller: Caller, shown: Shown, Body(resource): Body) -> Result<Answer, Refusal> {
    let resource = caller.create_user(&Value::Object(resource)).await?;
    Ok(Answer::created(resource, &shown, &caller.settings.users))
}

pub(crate) async fn read(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
    shown: Shown,
) -> Result<Answer, Refusal> {
    let user = caller.app.tables.user_lately(&id.into()).await?.ok_or_else(Refusal::no_resource)?;
    let resource = caller.one_user(&user, &shown).await?;
    match precondition.knows(version(&resource)) {
        true => Ok(Answer::unchanged(&resource)),
        false => Ok(Answer::one(resource, &shown, &caller.settings.users)),
    }
}

pub(crate) async fn replace(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
    shown: Shown,
    Body(resource): Body,
) -> Result<Answer, Refusal> {
    let resource = caller.replace_user(&id.into(), &precondition, &Value::Object(resource)).await?;
    Ok(Answer::one(resource, &shown, &caller.settings.users))
}

pub(crate) async fn patch(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
    shown: Shown,
    Body(message): Body,
) -> Result<Answer, Refusal> {
    let resource = caller.patch_user(&id.into(), &precondition, &Value::Object(message)).await?;
    Ok(Answer::one(resource, &shown, &caller.settings.users))
}

pub(crate) async fn delete(
    caller: Caller,
    Id(id): Id,
    precondition: Precondition,
) -> Result<Answer, Refusal> {
    caller.delete_user(&id.into(), &precondition).await?;
    Ok(Answer::nothing())
}

impl Caller {
    /// One user as a resource.
    async fn one_user(&self, user: &User, shown: &Shown) -> Result<Value, Refusal> {
        let mut resources = self.user_resources(std::slice::from_ref(user), &shown.0).await?;
        resources.pop().ok_or_else(Refusal::no_resource)
    }

    /// Users as resources, with their groups where these are asked for.
    pub(crate) async fn user_resources(
        &self,
        users: &[User],
        projection: &Projection,
    ) -> Result<Vec<Value>, Refusal> {
        let names = match projection.wants("groups", &self.settings.users) {
            true => self.names_of_groups(users).await?,
            false => BTreeMap::new(),
        };
        let named = |id: &GroupId| names.get(id).map(|name| (id.clone(), name.clone()));
        let resource = |user: &User| {
            let groups: Vec<_> = user.groups.iter().filter_map(named).collect();
            let (client, url) = (&self.client.id, &self.app.url);
            with_links(user_resource(user, client, url, &groups, &self.settings.fields))
        };
        Ok(users.iter().map(resource).collect())
    }

    pub(crate) async fn names_of_groups(&self, users: &[User]) -> Result<BTreeMap<GroupId, String>, Refusal> {
        let ids: BTreeSet<&GroupId> = users.iter().flat_map(|user| &user.groups).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<GroupId> = ids.into_iter().cloned().collect();
        let groups = self.app.tables.groups(&ids).await?.into_values();
        Ok(groups.map(|group| (group.id, group.display_name)).collect())
    }

    /// Who has a value that no other user has.
    pub(crate) async fn user_found(&self, lookup: &Lookup) -> Result<Option<UserId>, Refusal> {
        let tables = &self.app.tables;
        Ok(match lookup {
            Lookup::Id(id) => Some(UserId::from(id.clone())),
            Lookup::UserName(name) => tables.user_by_user_name(&fold(name)).await?,
            Lookup::Email(email) => tables.users_by_email(&[fold(email)]).await?.into_values().next(),
            Lookup::ExternalId(value) => tables.user_by_external_id(&self.client.id, value).await?,
            Lookup::DisplayName(_) | Lookup::Member(_) => None,
        })
    }
}

/// Says of a user who is linked to no store that it is so: clients are to see that they were not
/// just told nothing.
fn with_links(mut resource: Value) -> Value {
    if let Some(schemas) = resource["schemas"].as_array_mut()
        && !schemas.iter().any(|schema| schema == LINKS)
    {
        schemas.push(json!(LINKS));
        resource[LINKS] = json!({});
    }
    resource
}
