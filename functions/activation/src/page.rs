//! The page where a person sets a password.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /activate/{token}` | takes the token out of the address: into a cookie of this path, that no script reads |
//! | `GET /activate` | shows the form that the link opens, or why it opens none; changes nothing but that the page was opened |
//! | `POST /activate` | sets the password at every store, then uses up the link |
//! | `POST /activate/again` | asks for a new link in the place of one that is known |
//! | `GET`, `POST /activate/forgot` | asks for a link by e-mail address |
//!
//! * `visit`: who asks, with which link, from where; `fields`: what a form says
//! * `case`: what a link leads to; `dead`: why it leads nowhere
//! * `set`: the password to the stores; `ending`: what came of it; `tell`: what is kept of that
//! * `again`: new links, and how often; `throttle`: how often anything
//! * `answer`, `words`: what is answered

mod again;
mod answer;
mod case;
mod dead;
mod ending;
mod fields;
mod set;
mod tell;
mod throttle;
mod visit;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, RawQuery, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::Method,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use shared::{
    bigcommerce::Api,
    clock::Clock,
    env,
    one_time::Token,
    secret::Secret,
    store::{self, Tables},
};

use answer::Answer;
use dead::Dead;
use fields::Fields;
use visit::Visit;

/// The longest form, in bytes: a password of the widest characters takes less than a tenth.
const LONGEST_FORM: usize = 16 * 1024;

/// What the page needs.
#[derive(Clone, Debug)]
pub struct App {
    /// The tables.
    pub tables: Tables,
    /// The stores.
    pub bigcommerce: Api,
    /// The time.
    pub clock: Clock,
    /// The address that people see, without a slash at its end.
    pub public_url: Arc<str>,
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
        let public_url =
            env::address("PUBLIC_URL", "the address of the site, such as https://login.example.com")?;
        Ok(App {
            tables: Tables::from_env().await?,
            bigcommerce: api.map_err(|_| env::Error::Bad { name, looks_like })?,
            clock,
            public_url: public_url.into(),
        })
    }
}

/// The page's addresses.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/activate", get(page).post(set_password))
        .route("/activate/again", post(again))
        .route("/activate/forgot", get(forgot).post(ask))
        .route("/activate/page.css", get(answer::style))
        .route("/activate/page.js", get(answer::script))
        .route("/activate/icon.svg", get(answer::icon))
        .route("/activate/{token}", get(open))
        .fallback(lost)
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(Arc::new(app))
}

/// Why nothing could be done, for the log: the person is told to try again.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be answered")]
struct Trouble(#[from] store::Error);

async fn open(
    State(app): State<Arc<App>>,
    visit: Visit,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let token = path.ok().and_then(|Path(text)| Token::try_from(text.as_str()).ok());
    // What is no token goes the way of one that nobody has: the same steps, the same answer.
    let token = token.unwrap_or_else(Token::random);
    Answer::new(&app, &visit).take_token(&token)
}

async fn page(State(app): State<Arc<App>>, method: Method, visit: Visit) -> Response {
    let answer = Answer::new(&app, &visit);
    let Some(token) = &visit.link else { return answer.ask(None) };
    match app.case(token).await {
        Ok(Ok(case)) => {
            if method == Method::GET
                && let Err(trouble) = app.note_opened(&case).await
            {
                return answer.broken(&trouble);
            }
            answer.choose(&case, None)
        }
        Ok(Err(dead)) => answer.dead(dead),
        Err(trouble) => answer.broken(&trouble),
    }
}

async fn set_password(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let answer = Answer::new(&app, &visit);
    let Some(fields) = read(&visit, body, &["form", "password"]) else { return answer.bad() };
    let Some(token) = visit.link.as_ref().filter(|_| app.is_own(&visit, &fields)) else {
        return answer.foreign();
    };
    let password = Secret::new(fields.get("password"));
    drop(fields);
    match app.set(token, &visit, &password).await {
        Ok(ending) => answer.ending(ending),
        Err(trouble) => answer.broken(&trouble),
    }
}

async fn again(State(app): State<Arc<App>>, visit: Visit, body: Result<Bytes, BytesRejection>) -> Response {
    let answer = Answer::new(&app, &visit);
    let Some(fields) = read(&visit, body, &["form"]) else { return answer.bad() };
    let Some(token) = visit.link.as_ref().filter(|_| app.is_own(&visit, &fields)) else {
        return answer.foreign();
    };
    answer.asked(app.ask_again(token, &visit).await)
}

async fn forgot(State(app): State<Arc<App>>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes(), &["application"]);
    let answer = Answer::new(&app, &visit);
    match query.map(|query| query.get("application").parse().ok()) {
        Some(application) => answer.ask(application),
        None => answer.bad(),
    }
}

async fn ask(State(app): State<Arc<App>>, visit: Visit, body: Result<Bytes, BytesRejection>) -> Response {
    let answer = Answer::new(&app, &visit);
    let Some(fields) = read(&visit, body, &["form", "email", "application"]) else { return answer.bad() };
    let Some(email) = fields.email() else { return answer.bad() };
    if !app.is_own(&visit, &fields) {
        return answer.foreign();
    }
    answer.asked(app.ask_by_email(email, fields.get("application").parse().ok(), &visit).await)
}

async fn lost(State(app): State<Arc<App>>, visit: Visit) -> Response {
    Answer::new(&app, &visit).dead(Dead::Unknown).into_response()
}

/// What the form says, where it is one and has no fields but these, each at most once.
fn read(visit: &Visit, body: Result<Bytes, BytesRejection>, names: &[&'static str]) -> Option<Fields> {
    let body = body.ok().filter(|_| visit.is_form)?;
    Fields::read(&body, names)
}
