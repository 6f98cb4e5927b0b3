//! What a filter finds, in an order: from unique values at any size of the directory, or else by
//! looking at all of a small one.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::{
    group::{Group, GroupId},
    scim::{Lookup, Schemas, group_resource},
    user::{User, UserId},
};

use super::{Kind, Row};
use crate::{caller::Caller, query::Query, refusal::Refusal};

/// How many resources are looked at, if no unique value leads to them.
const LOOKED_AT: u64 = 1_000;

const TOO_MANY: &str = "The directory is too large to look at all of it for this. At any size these \
                        are served: eq on id, userName, externalId, emails.value, and of groups \
                        displayName and members.value, alone or joined with others by and; no sortBy.";

impl Caller {
    /// Those from the one at `begin` on.
    pub(super) async fn found(&self, kinds: &[Kind], query: &Query, begin: u64) -> Result<Row, Refusal> {
        let mut found = Vec::new();
        for kind in kinds {
            let schemas = self.schemas(*kind);
            let mut resources = self.candidates(*kind, kinds, query).await?;
            if let Some(filter) = &query.filter {
                filter.check(schemas)?;
                resources.retain(|resource| filter.matches(resource, schemas));
            }
            found.extend(resources.into_iter().map(|resource| (*kind, resource)));
        }
        if let Some(sort) = &query.sort {
            let schemas = self.schemas(kinds[0]);
            found.sort_by(|(_, one), (_, other)| sort.compare(one, other, schemas));
        }
        let total = found.len() as u64;
        let begin = usize::try_from(begin).unwrap_or(usize::MAX);
        let page = found.into_iter().skip(begin).take(query.count + 1).collect();
        Ok(Row { resources: self.completed(page, query).await?, total })
    }

    /// The resources of a kind among which are all that the filter finds.
    async fn candidates(&self, kind: Kind, kinds: &[Kind], query: &Query) -> Result<Vec<Value>, Refusal> {
        let schemas = self.schemas(kind);
        let lookups = query.filter.as_ref().and_then(|filter| filter.lookup(schemas));
        if lookups.is_none() {
            let mut count = 0;
            for kind in kinds {
                count += self.count(*kind).await?;
            }
            if count > LOOKED_AT {
                return Err(Refusal::too_many(TOO_MANY));
            }
        }
        match kind {
            Kind::Group => self.group_candidates(lookups, query).await,
            Kind::User => {
                let users = match lookups {
                    Some(lookups) => self.users_found(&lookups).await?,
                    None => self.app.tables.page_of_users(None, LOOKED_AT as usize).await?,
                };
                self.user_resources(&users, &query.projection).await
            }
        }
    }

    pub(crate) fn schemas(&self, kind: Kind) -> &Schemas {
        match kind {
            Kind::User => &self.settings.users,
            Kind::Group => &self.settings.groups,
        }
    }

    async fn users_found(&self, lookups: &[Lookup]) -> Result<Vec<User>, Refusal> {
        let mut ids = BTreeSet::new();
        for lookup in lookups {
            ids.extend(self.user_found(lookup).await?);
        }
        if let (1, Some(id)) = (ids.len(), ids.first()) {
            return Ok(self.app.tables.user_lately(id).await?.into_iter().collect());
        }
        let ids: Vec<UserId> = ids.into_iter().collect();
        let mut users: Vec<_> = self.app.tables.users(&ids).await?.into_values().collect();
        users.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(users)
    }

    /// Groups with as many of their members as the filter asks about.
    async fn group_candidates(
        &self,
        lookups: Option<Vec<Lookup>>,
        query: &Query,
    ) -> Result<Vec<Value>, Refusal> {
        let tables = &self.app.tables;
        let groups = match lookups {
            Some(lookups) => self.groups_found(&lookups).await?,
            None => tables.page_of_groups(None, LOOKED_AT as usize).await?,
        };
        let asked = query.filter.as_ref().map(|filter| filter.members_asked(&self.settings.groups));
        let mut candidates = Vec::new();
        for group in &groups {
            let members = match &asked {
                Some(Some(values)) if !values.is_empty() => tables.members_among(&group.id, values).await?,
                Some(None) => self.few_members(&group.id).await?,
                _ => Vec::new(),
            };
            candidates.push(group_resource(group, &members, &self.client.id, &self.app.url));
        }
        Ok(candidates)
    }

    async fn groups_found(&self, lookups: &[Lookup]) -> Result<Vec<Group>, Refusal> {
        let mut ids = BTreeSet::new();
        for lookup in lookups {
            match self.groups_with(lookup).await? {
                Some(found) => ids.extend(found),
                // A member that is no user: which groups it is in, no index tells.
                None if self.app.tables.count_groups().await? > LOOKED_AT => {
                    return Err(Refusal::too_many(TOO_MANY));
                }
                None => return Ok(self.app.tables.page_of_groups(None, LOOKED_AT as usize).await?),
            }
        }
        let ids: Vec<GroupId> = ids.into_iter().collect();
        let mut groups: Vec<Group> = self.app.tables.groups(&ids).await?.into_values().collect();
        groups.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(groups)
    }

    /// The resources of a page with the members that are asked for.
    async fn completed(
        &self,
        mut page: Vec<(Kind, Value)>,
        query: &Query,
    ) -> Result<Vec<(Kind, Value)>, Refusal> {
        let wanted = query.projection.wants("members", &self.settings.groups);
        for (_, resource) in page.iter_mut().filter(|(kind, _)| *kind == Kind::Group && wanted) {
            let id = GroupId::from(resource["id"].as_str().unwrap_or_default().to_owned());
            let members = self.few_members(&id).await?;
            let group = Group { id, ..Group::new(String::new(), self.app.clock.now()) };
            let mut whole = group_resource(&group, &members, &self.client.id, &self.app.url);
            if !members.is_empty() {
                resource["members"] = whole["members"].take();
            }
        }
        Ok(page)
    }
}
