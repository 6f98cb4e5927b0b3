//! The screen of an application's attribute mapping: a draft that is worked on, what distinguishes it
//! from what is live, what it would do, and what was live before.

mod draft;
mod editor;
mod file;
mod history;
mod page;
mod tried;

use shared::{
    application::ApplicationId,
    mapping::{Flaw, Mapping},
    operator::Role::{Admin, Viewer},
    profile::ProfileField,
};

use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/admin/applications/{id}/mapping", Viewer, page::show)
        .post("/admin/applications/{id}/mapping", Admin, draft::save)
        .post("/admin/applications/{id}/mapping/discard", Admin, draft::discard)
        .post("/admin/applications/{id}/mapping/publish", Admin, draft::publish)
        .get("/admin/applications/{id}/mapping/test", Viewer, tried::test)
        .post("/admin/applications/{id}/mapping/what-if", Admin, tried::what_if)
        .get("/admin/applications/{id}/mapping/file", Viewer, file::export)
        .post("/admin/applications/{id}/mapping/file", Admin, file::import)
        .get("/admin/applications/{id}/mapping/history", Viewer, history::all)
        .get("/admin/applications/{id}/mapping/history/{number}", Viewer, history::one)
        .post("/admin/applications/{id}/mapping/history/{number}/restore", Admin, history::restore)
}

/// Where the mapping of an application is.
fn here(id: &ApplicationId) -> String {
    format!("/admin/applications/{id}/mapping")
}

/// What keeps a mapping from being live, in sentences; and what is only to be known.
fn flaws(mapping: &Mapping, fields: &[ProfileField]) -> (Vec<String>, Vec<String>) {
    let (flaws, advice): (Vec<Flaw>, Vec<Flaw>) =
        mapping.check_with(fields).into_iter().partition(Flaw::is_in_the_way);
    let told = |flaws: &[Flaw]| flaws.iter().map(Flaw::to_string).collect();
    (told(&flaws), told(&advice))
}
