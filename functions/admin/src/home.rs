//! The overview.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use shared::operator::Role;

use crate::{
    caller::Caller,
    frame::{Frame, Place},
    refusal::Refusal,
    routes::Routes,
};

pub(crate) fn routes() -> Routes {
    Routes::default().get("/admin", Role::Viewer, home)
}

#[derive(Template, Serialize)]
#[template(path = "home.html")]
struct Home {
    #[serde(skip)]
    frame: Frame,
    role: &'static str,
}

async fn home(caller: Caller) -> Result<Response, Refusal> {
    caller.show(&Home { frame: caller.frame("Overview", Place::Home), role: caller.role.as_str() })
}
