//! Pages: by number and by cursor, with the two shapes of `meta`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{errors::Refusal, query::Query};

const USUAL_LIMIT: usize = 50;

/// What every list answers.
#[derive(Serialize)]
pub(super) struct Listed<T> {
    pub(super) data: Vec<T>,
    pub(super) meta: Meta,
}

/// What a write answers.
#[derive(Serialize)]
pub(super) struct Written<T> {
    data: T,
    meta: Nothing,
}

impl<T> Written<T> {
    /// `data` with an empty `meta`.
    pub(super) fn new(data: T) -> Written<T> {
        Written { data, meta: Nothing {} }
    }
}

#[derive(Serialize)]
struct Nothing {}

/// Where in the whole a page stands.
#[derive(Default, Serialize)]
pub(super) struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pagination: Option<Pagination>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cursor_pagination: Option<CursorPagination>,
}

/// A page by its number.
#[derive(Serialize)]
pub(super) struct Pagination {
    pub(super) total: usize,
    count: usize,
    per_page: usize,
    current_page: usize,
    total_pages: usize,
    links: Links,
}

/// A page by what it begins after or ends before.
#[derive(Serialize)]
pub(super) struct CursorPagination {
    count: usize,
    per_page: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_cursor: Option<String>,
    links: Links,
}

#[derive(Default, Serialize)]
struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<String>,
}

/// The cursor of a list in the order of its identifiers.
#[derive(Serialize, Deserialize)]
pub(super) struct Cursor {
    pub(super) id: u32,
}

/// Which page is asked for.
pub(super) struct Wanted<C> {
    pub(super) limit: usize,
    pub(super) place: Place<C>,
}

/// Where the page asked for begins or ends.
pub(super) enum Place<C> {
    Page(usize),
    After(C),
    Before(C),
}

impl<C: Serialize + DeserializeOwned> Wanted<C> {
    /// Reads `limit`, `page`, `after` and `before`; more than `most` items a page are not given.
    pub(super) fn of(query: &Query, most: usize) -> Result<Wanted<C>, Refusal> {
        let limit = query.number("limit")?.map_or(USUAL_LIMIT, |limit| limit as usize).clamp(1, most);
        let place = if let Some(cursor) = query.text("after") {
            Place::After(read(cursor).ok_or(Refusal::bad_filter("after"))?)
        } else if let Some(cursor) = query.text("before") {
            Place::Before(read(cursor).ok_or(Refusal::bad_filter("before"))?)
        } else {
            Place::Page(query.number("page")?.unwrap_or(1).max(1) as usize)
        };
        Ok(Wanted { limit, place })
    }
}

/// Whether there is something before and after a page.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    pub(super) before: bool,
    pub(super) after: bool,
}

/// `meta.pagination` of page `number`.
pub(super) fn pagination(
    query: &Query,
    limit: usize,
    number: usize,
    count: usize,
    total: usize,
) -> Pagination {
    let pages = total.div_ceil(limit);
    let link = |page: usize| {
        query.link(&["page", "limit"], &[("page", page.to_string()), ("limit", limit.to_string())])
    };
    let links = Links {
        previous: (number > 1).then(|| link(number - 1)),
        next: (number < pages).then(|| link(number + 1)),
        current: Some(link(number)),
    };
    Pagination { total, count, per_page: limit, current_page: number, total_pages: pages, links }
}

/// `meta.cursor_pagination` of a page that begins and ends at these cursors.
pub(super) fn cursor_pagination<C: Serialize>(
    query: &Query,
    limit: usize,
    count: usize,
    ends: Option<(C, C)>,
    sides: Sides,
) -> CursorPagination {
    let ends = ends.map(|(start, end)| (written(&start), written(&end)));
    let (start_cursor, end_cursor) = ends.unzip();
    let link = |name: &str, cursor: &Option<String>| {
        let cursor = cursor.clone()?;
        Some(
            query
                .link(&["page", "limit", "after", "before"], &[(name, cursor), ("limit", limit.to_string())]),
        )
    };
    let links = Links {
        previous: link("before", &start_cursor).filter(|_| sides.before),
        next: link("after", &end_cursor).filter(|_| sides.after),
        current: Some(query.link(&["limit"], &[("limit", limit.to_string())])),
    };
    CursorPagination { count, per_page: limit, start_cursor, end_cursor, links }
}

/// A page of a list without cursors.
pub(super) fn page_of<T>(query: &Query, most: usize, all: Vec<T>) -> Result<Listed<T>, Refusal> {
    let wanted = Wanted::<Cursor>::of(query, most)?;
    let Place::Page(number) = wanted.place else {
        return Err(Refusal::unknown_filters(&["after", "before"]));
    };
    let total = all.len();
    let skipped = (number - 1).saturating_mul(wanted.limit);
    let data: Vec<T> = all.into_iter().skip(skipped).take(wanted.limit).collect();
    let pagination = pagination(query, wanted.limit, number, data.len(), total);
    Ok(Listed { data, meta: Meta { pagination: Some(pagination), cursor_pagination: None } })
}

fn written<C: Serialize>(cursor: &C) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
}

fn read<C: DeserializeOwned>(cursor: &str) -> Option<C> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_json_in_base64_for_addresses_without_padding() {
        assert_eq!(written(&Cursor { id: 204 }), "eyJpZCI6MjA0fQ");
        assert_eq!(read::<Cursor>("eyJpZCI6MjA0fQ").unwrap().id, 204);
        assert!(read::<Cursor>("nonsense").is_none());
    }
}
