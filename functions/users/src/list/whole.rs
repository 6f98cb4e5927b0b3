//! All resources, in the order of their identifiers. A page costs the same wherever it is.

use serde_json::Value;
use shared::{group::GroupId, user::UserId};

use super::{Kind, Row};
use crate::{
    caller::Caller,
    cursor::Cursor,
    query::{From, Query},
    refusal::Refusal,
};

impl Caller {
    pub(super) async fn whole(
        &self,
        kinds: &[Kind],
        query: &Query,
        cursor: Option<Cursor>,
    ) -> Result<Row, Refusal> {
        match (&query.from, cursor) {
            (From::Number(start), _) => self.at_number(start - 1, kinds, query).await,
            (_, None) => self.at_cursor(kinds[0], None, kinds, query).await,
            (_, Some(Cursor::After(kind, id))) => self.at_cursor(kind, Some(id), kinds, query).await,
            (_, Some(Cursor::At(_))) => Err(Refusal::invalid_cursor()),
        }
    }

    async fn at_number(&self, mut skipped: u64, kinds: &[Kind], query: &Query) -> Result<Row, Refusal> {
        let mut row = Row::default();
        for kind in kinds {
            let wanted = query.count - row.resources.len();
            let (resources, total) = self.page_from(*kind, skipped, wanted, query).await?;
            skipped = skipped.saturating_sub(total);
            row.total += total;
            row.resources.extend(resources.into_iter().map(|resource| (*kind, resource)));
        }
        Ok(row)
    }

    /// Reads one more than is wanted, which tells that there is a further page.
    async fn at_cursor(
        &self,
        first: Kind,
        mut after: Option<String>,
        kinds: &[Kind],
        query: &Query,
    ) -> Result<Row, Refusal> {
        let mut row = Row::default();
        let mut reached = false;
        for kind in kinds {
            row.total += self.count(*kind).await?;
            reached |= *kind == first;
            let wanted = (query.count + 1).saturating_sub(row.resources.len());
            if reached && wanted > 0 && query.count > 0 {
                let resources = self.page_after(*kind, after.take(), wanted, query).await?;
                row.resources.extend(resources.into_iter().map(|resource| (*kind, resource)));
            }
        }
        Ok(row)
    }

    /// Resources of a kind after so many others, and how many there are of it.
    async fn page_from(
        &self,
        kind: Kind,
        skipped: u64,
        limit: usize,
        query: &Query,
    ) -> Result<(Vec<Value>, u64), Refusal> {
        match kind {
            Kind::User => {
                let page = self.app.tables.page_of_users_from(skipped, limit).await?;
                Ok((self.user_resources(&page.users, &query.projection).await?, page.total))
            }
            Kind::Group => {
                let page = self.app.tables.page_of_groups_from(skipped, limit).await?;
                Ok((self.group_resources(&page.groups, &query.projection).await?, page.total))
            }
        }
    }

    /// Resources of a kind after the one of this identifier.
    async fn page_after(
        &self,
        kind: Kind,
        after: Option<String>,
        limit: usize,
        query: &Query,
    ) -> Result<Vec<Value>, Refusal> {
        match kind {
            Kind::User => {
                let users = self.app.tables.page_of_users(after.map(UserId::from).as_ref(), limit).await?;
                self.user_resources(&users, &query.projection).await
            }
            Kind::Group => {
                let groups = self.app.tables.page_of_groups(after.map(GroupId::from).as_ref(), limit).await?;
                self.group_resources(&groups, &query.projection).await
            }
        }
    }

    pub(super) async fn count(&self, kind: Kind) -> Result<u64, Refusal> {
        match kind {
            Kind::User => Ok(self.app.tables.count_users().await?),
            Kind::Group => Ok(self.app.tables.count_groups().await?),
        }
    }
}
