//! The function `admin`: the console as pages, and the same addresses as JSON (and CSV where it is a
//! list) by `Accept`. A file a screen; the frame around them, a file a notion:
//!
//! * `routes`: what is served, and which role it takes
//! * `caller`: who asks; `session`: how a browser shows it; `guard`: nothing happens without proof
//! * `format`, `answer`, `frame`: a page or JSON; `refusal`: what is not done, with a next step
//! * `input`: what is sent, as a form or as JSON
//! * `assets`: style and scripts; `headers`: what a browser is told to refuse

mod answer;
mod applications;
mod assets;
mod attention;
mod caller;
mod changes;
mod clients;
mod csv;
mod csv_imports;
mod format;
mod frame;
mod guard;
mod headers;
mod home;
mod imports;
mod input;
mod mails;
mod mapping;
mod onboarding;
mod operators;
mod profile_fields;
mod refusal;
mod reports;
mod routes;
mod session;
mod sign_in;
mod users;

use std::sync::Arc;

use axum::{Router, middleware};
use shared::{bigcommerce::Api, clock::Clock, env, secret::EmailAddress, store::Tables, sync::Engine};

pub use routes::{Needs, Route};

use routes::Routes;

/// What the function needs.
#[derive(Clone, Debug)]
pub struct App {
    /// The tables, the stores and the clock; it brings pairs into step where a person asks for it.
    pub engine: Engine,
    /// The address of the console's host as people know it: what a request says of it is not believed.
    pub url: String,
    /// Where stores send their webhooks: the address before `/{application}`.
    pub webhook_url: String,
    /// The directory's address, up to and with `/scim/v2`.
    pub scim_url: String,
    /// The owner as long as there is no other.
    pub owner: Option<EmailAddress>,
}

impl App {
    /// Reads the environment of the function.
    ///
    /// # Errors
    /// When a variable is missing or bad; the error names it.
    pub async fn from_env() -> Result<App, env::Error> {
        let clock = Clock::system();
        let (name, looks_like) = ("BIGCOMMERCE_API", "https://api.bigcommerce.com");
        let api = Api::new(&env::address(name, looks_like)?, clock.clone());
        let api = api.map_err(|_| env::Error::Bad { name, looks_like })?;
        let owner = env::optional("OWNER_EMAIL", "the e-mail address of the first owner, or unset")?;
        Ok(App {
            engine: Engine::new(Tables::from_env().await?, api, clock),
            url: env::address("PUBLIC_URL", "the https address of the console's host")?,
            webhook_url: env::address(
                "WEBHOOK_URL",
                "the https address before /{application} that stores deliver to",
            )?,
            scim_url: env::address(
                "SCIM_URL",
                "the https address of the directory, up to and with /scim/v2",
            )?,
            owner: owner.map(EmailAddress::new),
        })
    }

    fn tables(&self) -> &Tables {
        &self.engine.tables
    }
}

/// The addresses of the function.
pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    served()
        .into_router()
        .fallback(async || refusal::Refusal::no_address())
        .method_not_allowed_fallback(async || refusal::Refusal::wrong_method())
        .layer(middleware::from_fn_with_state(app.clone(), caller::recognise))
        .layer(middleware::from_fn_with_state(app.clone(), answer::finish))
        .with_state(app)
}

/// Everything that is served, with the role that it takes.
pub fn routes() -> Vec<Route> {
    served().list().to_vec()
}

fn served() -> Routes {
    Routes::default()
        .and(assets::routes())
        .and(sign_in::routes())
        .and(home::routes())
        .and(attention::routes())
        .and(applications::routes())
        .and(onboarding::routes())
        .and(mails::routes())
        .and(operators::routes())
        .and(imports::routes())
        .and(csv_imports::routes())
        .and(reports::routes())
        .and(users::routes())
        .and(profile_fields::routes())
        .and(mapping::routes())
        .and(clients::routes())
        .and(changes::routes())
}
