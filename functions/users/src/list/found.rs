//! What a filter finds, in an order: from unique values at any size of the directory, or else by
//! looking at all of a small one.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::{
    scim::{Lookup, Schemas},
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
        Ok(Row { resources: found.into_iter().skip(begin).take(query.count + 1).collect(), total })
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
}
