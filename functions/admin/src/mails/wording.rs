//! What one mail says in one language: edited, shown as its reader sees it, and tried out.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json,
    extract::{Path, State},
    http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS},
    response::{Html, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    mail::{Language, Letter, Mail, MailId, Recipient, Rendered, Template as Which, Wording},
    secret::EmailAddress,
};

use super::Shop;
use crate::{
    App,
    caller::Caller,
    format::Format,
    frame::{Frame, Place},
    input::Sent,
    refusal::Refusal,
};

/// A mail's style stands in the mail; it runs nothing, and goes nowhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; \
    frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox";

/// Which mail in which language, by an address.
struct Chosen {
    shop: Shop,
    mail: Which,
    language: Language,
}

type Address = Path<(String, String, String)>;

impl Chosen {
    async fn of(app: &App, Path((application, mail, language)): Address) -> Result<Chosen, Refusal> {
        let shop = Shop::of(app, &application).await?;
        let missing = || Refusal::missing("There is no such mail, or not in this language.");
        let mail = Which::named(&mail).filter(|mail| *mail != Which::SignIn).ok_or_else(missing)?;
        let language = Language::ALL.into_iter().find(|one| one.as_str() == language).ok_or_else(missing)?;
        Ok(Chosen { shop, mail, language })
    }

    fn address(&self) -> String {
        format!("{}/{}/{}", self.shop.address(), self.mail.as_str(), self.language.as_str())
    }

    fn own(&self) -> Option<&Wording> {
        self.shop.settings.wording.get(&self.mail)?.get(&self.language)
    }

    /// The mail as it would be, to a made-up person.
    fn rendered(&self, app: &App) -> Rendered {
        let settings = &self.shop.settings;
        let minutes = match self.mail {
            Which::Reset => settings.reset_minutes.into(),
            _ => u32::from(settings.expiry_days) * 24 * 60,
        };
        Letter {
            template: self.mail,
            language: self.language,
            settings,
            store: &self.shop.application.name,
            name: "Ada",
            link: Some(&app.url),
            minutes,
        }
        .render()
    }
}

#[derive(Template, Serialize)]
#[template(path = "mails/wording.html")]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    here: String,
    #[serde(skip)]
    all: String,
    wording: Wording,
    is_own: bool,
    rendered: Told,
    #[serde(skip)]
    has_link: bool,
    #[serde(skip)]
    to: String,
}

#[derive(Serialize)]
struct Told {
    subject: String,
    text: String,
    html: String,
}

impl From<Rendered> for Told {
    fn from(Rendered { subject, text, html }: Rendered) -> Told {
        Told { subject, text, html }
    }
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    address: Address,
) -> Result<Response, Refusal> {
    let chosen = Chosen::of(&app, address).await?;
    let own = chosen.own().cloned();
    let title = format!("{} in {}", name(chosen.mail), chosen.language.name());
    caller.show(&Page {
        frame: caller.frame(title, Place::Onboarding),
        here: chosen.address(),
        all: chosen.shop.address(),
        is_own: own.is_some(),
        wording: own.unwrap_or_else(|| Wording::standard(chosen.mail, chosen.language)),
        rendered: chosen.rendered(&app).into(),
        has_link: chosen.mail.has_link(),
        to: caller.name().to_owned(),
    })
}

fn name(mail: Which) -> &'static str {
    let named = super::OURS.iter().find(|(one, _)| *one == mail);
    named.map_or("Mail", |(_, name)| name)
}

/// The mail as its reader sees it, for a frame of the page.
pub(super) async fn preview(
    State(app): State<Arc<App>>,
    caller: Caller,
    address: Address,
) -> Result<Response, Refusal> {
    let rendered = Chosen::of(&app, address).await?.rendered(&app);
    Ok(match caller.format {
        Format::Html => {
            let headers = [(CONTENT_SECURITY_POLICY, POLICY), (X_FRAME_OPTIONS, "SAMEORIGIN")];
            (headers, Html(rendered.html)).into_response()
        }
        Format::Json | Format::Csv => Json(Told::from(rendered)).into_response(),
    })
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    button: String,
    /// Whether the standard wording is to stand again.
    #[serde(default)]
    standard: bool,
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    address: Address,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let chosen = Chosen::of(&app, address).await?;
    let Wanted { subject, body, button, standard } = wanted.value;
    let mut settings = chosen.shop.settings.clone();
    let own = settings.wording.entry(chosen.mail).or_default();
    if standard {
        own.remove(&chosen.language);
    } else {
        let body = body.replace("\r\n", "\n");
        own.insert(
            chosen.language,
            Wording { subject: subject.trim().to_owned(), body, button: button.trim().to_owned() },
        );
    }
    settings.wording.retain(|_, own| !own.is_empty());
    chosen.shop.keep(&app, &caller, &settings).await?;
    let flash = if standard { "The standard wording stands again." } else { "Saved. The next mail says so." };
    caller.done(&chosen.address(), flash, &json!({ "standard": standard }))
}

#[derive(Deserialize)]
pub(super) struct Try {
    email: String,
}

pub(super) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    address: Address,
    wanted: Sent<Try>,
) -> Result<Response, Refusal> {
    let chosen = Chosen::of(&app, address).await?;
    let email = wanted.value.email.trim().to_owned();
    if Recipient::new(&email).is_err() {
        let detail = "This is no e-mail address that can be sent to. Write it as name@example.com.";
        return Err(Refusal::bad(detail).go_on("Back", chosen.address()));
    }
    let mail = Mail::Test {
        email: EmailAddress::new(&email),
        application: chosen.shop.application.id.clone(),
        language: chosen.language.as_str().to_owned(),
        template: chosen.mail.as_str().to_owned(),
    };
    app.tables().queue_mail(&MailId::random(), &mail).await?;
    caller.done(&chosen.address(), &format!("A test is on its way to {email}."), &json!({ "queued": true }))
}
