//! The function `users`: the directory over SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865). A file a notion:
//!
//! * `caller`: who asks, and what their token opens; `settings`: what people have set
//! * `body`, `address`, `precondition`, `query`: what is asked for, within bounds
//! * `users`, `groups`: one by one; `list`, `cursor`: by pages; `bulk`: many operations at once
//! * `discovery`: what is served
//! * `answer`, `refusal`: what is answered

mod address;
mod answer;
mod body;
mod bulk;
mod caller;
mod cursor;
mod discovery;
mod groups;
mod list;
mod precondition;
mod query;
mod refusal;
mod settings;
mod users;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get, post},
};
use shared::{clock::Clock, env, store::Tables};

use refusal::Refusal;

/// What the function needs.
#[derive(Debug)]
pub struct App {
    tables: Tables,
    clock: Clock,
    /// The address of this function as its clients know it, up to and with `/scim/v2`.
    url: String,
    kept: settings::Kept,
}

impl App {
    /// With these tables, on this clock. `url` is the address of this function as its clients know
    /// it, up to and with `/scim/v2`: what a request says of it is not believed.
    pub fn new(tables: Tables, clock: Clock, url: impl Into<String>) -> App {
        App { tables, clock, url: url.into(), kept: settings::Kept::default() }
    }

    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        let url = env::address("SCIM_URL", "the https address of this function, up to and with /scim/v2")?;
        Ok(App::new(Tables::from_env().await?, Clock::system(), url))
    }
}

/// The addresses of the function.
pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    let user = get(users::read).put(users::replace).patch(users::patch).delete(users::delete);
    let group = get(groups::read).put(groups::replace).patch(groups::patch).delete(groups::delete);
    let served = Router::new()
        .route("/Users", get(users::all).post(users::create))
        .route("/Users/.search", post(users::search))
        .route("/Users/{id}", user)
        .route("/Groups", get(groups::all).post(groups::create))
        .route("/Groups/.search", post(groups::search))
        .route("/Groups/{id}", group)
        .route("/.search", post(list::search))
        .route("/Bulk", post(bulk::bulk))
        .route("/Me", any(async || Refusal::no_alias()))
        .route("/ServiceProviderConfig", get(discovery::service_provider_config))
        .route("/ResourceTypes", get(discovery::resource_types))
        .route("/ResourceTypes/{id}", get(discovery::resource_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema));
    Router::new()
        .nest("/scim/v2", served)
        .fallback(async || Refusal::no_address())
        .method_not_allowed_fallback(async || Refusal::wrong_method())
        .layer(middleware::from_fn_with_state(app, caller::admit))
}
