//! All resources, in the order of their identifiers. A page costs the same wherever it is.

use shared::user::UserId;

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
        let mut counts = Vec::new();
        for kind in kinds {
            counts.push((*kind, self.count(*kind).await?));
        }
        let mut row = Row { total: counts.iter().map(|(_, count)| count).sum(), ..Row::default() };
        if query.count == 0 {
            return Ok(row);
        }
        match (&query.from, cursor) {
            (From::Number(start), _) => self.at_number(start - 1, &counts, query, &mut row).await?,
            (_, cursor) => self.at_cursor(cursor, kinds, query, &mut row).await?,
        }
        Ok(row)
    }

    async fn at_number(
        &self,
        mut skipped: u64,
        counts: &[(Kind, u64)],
        query: &Query,
        row: &mut Row,
    ) -> Result<(), Refusal> {
        for (kind, count) in counts {
            let wanted = query.count - row.resources.len();
            if skipped >= *count || wanted == 0 {
                skipped = skipped.saturating_sub(*count);
                continue;
            }
            let tables = &self.app.tables;
            let resources = match kind {
                Kind::User => {
                    if skipped > 0 {
                        return Err(Refusal::index());
                    }
                    let users = tables.page_of_users(None, wanted).await?;
                    self.user_resources(&users, &query.projection).await?
                }
            };
            skipped = 0;
            row.resources.extend(resources.into_iter().map(|resource| (*kind, resource)));
        }
        Ok(())
    }

    /// Reads one more than is wanted, which tells that there is a further page.
    async fn at_cursor(
        &self,
        cursor: Option<Cursor>,
        kinds: &[Kind],
        query: &Query,
        row: &mut Row,
    ) -> Result<(), Refusal> {
        let (first, mut after) = match cursor {
            Some(Cursor::After(kind, id)) => (kind, Some(id)),
            Some(Cursor::At(_)) => return Err(Refusal::invalid_cursor()),
            None => (kinds[0], None),
        };
        for kind in kinds.iter().skip_while(|kind| **kind != first) {
            let wanted = query.count + 1 - row.resources.len();
            if wanted == 0 {
                break;
            }
            let (tables, after) = (&self.app.tables, after.take());
            let resources = match kind {
                Kind::User => {
                    let users = tables.page_of_users(after.map(UserId::from).as_ref(), wanted).await?;
                    self.user_resources(&users, &query.projection).await?
                }
            };
            row.resources.extend(resources.into_iter().map(|resource| (*kind, resource)));
        }
        Ok(())
    }

    pub(super) async fn count(&self, kind: Kind) -> Result<u64, Refusal> {
        Ok(match kind {
            Kind::User => self.app.tables.count_users().await?,
        })
    }
}
