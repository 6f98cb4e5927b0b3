//! Lists: their pages, and what is asked or deleted by many values.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{chunks::Chunks, client::Client, customer::CustomerId, error::Error};

/// The most that one page holds; the store may give less.
pub(super) const PAGE: usize = 250;

/// No list of a store has more pages: an end to a list that would never end.
const PAGES: usize = 2_000;

/// A page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What is on it and not of the documented shape.
    pub garbled: Vec<CustomerId>,
    /// Where the next one begins; `None` after the last.
    pub next: Option<Cursor>,
    /// How many there are on all pages; told with the first.
    pub total: Option<u64>,
}

/// Where a page begins; may be kept, to go on later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(Place);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Place {
    /// The store's own words, stable while records come and go.
    After(String),
    /// Where the store gives no cursor.
    Page(u64),
}

impl Cursor {
    /// Where the page of this number begins.
    pub fn by_number(page: u64) -> Cursor {
        Cursor(Place::Page(page))
    }

    /// Whether it counts pages, and so moves when records before it come or go.
    pub fn is_by_number(&self) -> bool {
        matches!(self.0, Place::Page(_))
    }

    pub(super) fn parameter(&self) -> (&'static str, String) {
        match &self.0 {
            Place::After(cursor) => ("after", cursor.clone()),
            Place::Page(page) => ("page", page.to_string()),
        }
    }
}

/// A record of a page, or what can be read of it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Listed<T> {
    Whole(T),
    Garbled { id: CustomerId },
}

/// The envelope of every v3 answer.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
    #[serde(default)]
    pub(super) meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) pagination: Option<Pagination>,
    cursor_pagination: Option<CursorPagination>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Pagination {
    pub(super) total: Option<u64>,
    current_page: Option<u64>,
    total_pages: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CursorPagination {
    end_cursor: Option<String>,
    links: Links,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Links {
    next: Option<String>,
}

impl<T> Envelope<Vec<T>> {
    /// Where the next page begins. The last page may still have an `end_cursor`, and the size asked for
    /// says nothing: only a link, a count of pages or an empty page ends a list.
    pub(super) fn next(&self) -> Option<Cursor> {
        if self.data.is_empty() {
            return None;
        }
        let cursor = self.meta.cursor_pagination.as_ref().filter(|cursors| cursors.links.next.is_some());
        if let Some(cursor) = cursor.and_then(|cursors| cursors.end_cursor.clone()) {
            return Some(Cursor(Place::After(cursor)));
        }
        let pages = self.meta.pagination.as_ref()?;
        let current = pages.current_page?;
        (current < pages.total_pages?).then_some(Cursor(Place::Page(current + 1)))
    }
}

impl Client {
    /// The whole list, page by page.
    pub(super) async fn all<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Vec<T>, Error> {
        let (mut items, mut query) = (Vec::new(), query.to_vec());
        let filters = query.len();
        for _ in 0..PAGES {
            let page: Envelope<Vec<T>> = self.ask(self.get(path, &query)?).await?;
            let next = page.next().map(|next| next.parameter());
            items.extend(page.data);
            match next {
                None => return Ok(items),
                Some(next) if query.get(filters) == Some(&next) => break,
                Some(next) => {
                    query.truncate(filters);
                    query.push(next);
                }
            }
        }
        Err(Error::Garbled { status: 200, rule: "a list comes to an end" })
    }

    /// The list filtered by `values`, however many; none is no request at all.
    pub(super) async fn all_by<T: DeserializeOwned>(
        &self,
        path: &str,
        filter: &str,
        values: &[String],
        query: &[(&str, String)],
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        let mut chunks = Chunks::new(values, &self.shared().chunk);
        while let Some(joined) = chunks.current() {
            let mut query = query.to_vec();
            query.push((filter, joined));
            let answer = self.all(path, &query).await;
            found.extend(chunks.advance(answer)?.into_iter().flatten());
        }
        Ok(found)
    }

    /// Deletes by `id:in`; none is no request at all.
    pub(super) async fn delete_by_id(&self, path: &str, ids: &[String]) -> Result<(), Error> {
        let mut chunks = Chunks::new(ids, &self.shared().chunk);
        while let Some(joined) = chunks.current() {
            let call = self.delete(path, &[("id:in", joined)])?;
            let answer = self.tell(call).await;
            chunks.advance(answer)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(answer: &str) -> Option<Cursor> {
        serde_json::from_str::<Envelope<Vec<u32>>>(answer).unwrap().next()
    }

    #[test]
    fn a_cursor_is_followed_while_there_is_a_link() {
        let meta = r#"{"pagination":{"current_page":1,"total_pages":4},
            "cursor_pagination":{"end_cursor":"eyJpZCI6Mn0","links":{"next":"?after=x"}}}"#;
        let after = Some(Cursor(Place::After("eyJpZCI6Mn0".to_owned())));
        assert_eq!(next(&format!(r#"{{"data":[1,2],"meta":{meta}}}"#)), after);
        assert_eq!(next(&format!(r#"{{"data":[],"meta":{meta}}}"#)), None);
    }

    #[test]
    fn the_last_page_ends_the_list_though_it_has_a_cursor() {
        assert_eq!(next(r#"{"data":[1],"meta":{"cursor_pagination":{"end_cursor":"x","links":{}}}}"#), None);
        assert_eq!(next(r#"{"data":[1],"meta":{}}"#), None);
        assert_eq!(next(r#"{"data":[1]}"#), None);
    }

    #[test]
    fn pages_are_counted_where_there_are_no_cursors() {
        let page = |n: u32| {
            format!(r#"{{"data":[1],"meta":{{"pagination":{{"current_page":{n},"total_pages":2}}}}}}"#)
        };
        assert_eq!(next(&page(1)), Some(Cursor(Place::Page(2))));
        assert_eq!(next(&page(2)), None);
    }

    #[test]
    fn a_cursor_reads_back_as_written() {
        for place in [Place::After("x+/=".to_owned()), Place::Page(7)] {
            let written = serde_json::to_string(&Cursor(place.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Cursor>(&written).unwrap(), Cursor(place));
        }
    }
}
