//! How an application's mails look: names, addresses and times; and what they say, with a preview
//! and a test.

mod wording;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    amendment::Amendment,
    application::{ActivationSettings, Application},
    mail::{Language, Template as Mail},
    operator::Role,
    password::StoreRule,
};

use crate::{
    App,
    caller::Caller,
    frame::{Frame, Place},
    input::Sent,
    onboarding::HERE,
    refusal::Refusal,
    routes::Routes,
};

pub(crate) fn routes() -> Routes {
    const ALL: &str = "/admin/onboarding/{application}/mails";
    const ONE: &str = "/admin/onboarding/{application}/mails/{mail}/{language}";
    Routes::default()
        .get(ALL, Role::Viewer, settings)
        .post(ALL, Role::Admin, save)
        .get(ONE, Role::Viewer, wording::one)
        .post(ONE, Role::Admin, wording::save)
        .get(
            "/admin/onboarding/{application}/mails/{mail}/{language}/preview",
            Role::Viewer,
            wording::preview,
        )
        .post("/admin/onboarding/{application}/mails/{mail}/{language}/test", Role::Operator, wording::test)
}

/// An application with how its mails look.
struct Shop {
    application: Application,
    settings: ActivationSettings,
}

impl Shop {
    async fn of(app: &App, id: &str) -> Result<Shop, Refusal> {
        let missing = || Refusal::missing("There is no such application.").go_on("Onboarding", HERE);
        let id = id.parse().map_err(|_| missing())?;
        let application = app.tables().application(&id).await?.ok_or_else(missing)?;
        let settings = app.tables().activation_settings(&id).await?;
        Ok(Shop { application, settings })
    }

    fn address(&self) -> String {
        format!("{HERE}/{}/mails", self.application.id)
    }

    /// Keeps other settings, if they can be used, and who set them.
    async fn keep(&self, app: &App, caller: &Caller, settings: &ActivationSettings) -> Result<(), Refusal> {
        if let Err(error) = settings.check() {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            return Err(Refusal::bad(format!("Not saved: {why}. Correct it and save again."))
                .go_on("Back", self.address()));
        }
        let what = format!("activation mails {}", self.application.id);
        let (before, after) = (json!(self.settings), json!(settings));
        let amendment = Amendment::new(caller.name(), what, &before, &after, caller.now);
        Ok(app.tables().put_activation_settings(&self.application.id, settings, &amendment).await?)
    }
}

#[derive(Template, Serialize)]
#[template(path = "mails/settings.html")]
struct Page {
    #[serde(skip)]
    frame: Frame,
    #[serde(skip)]
    application: String,
    #[serde(skip)]
    name: String,
    settings: ActivationSettings,
    #[serde(skip)]
    languages: Vec<(String, String)>,
    #[serde(skip)]
    mails: Vec<Row>,
}

struct Row {
    name: &'static str,
    id: &'static str,
    /// The language's code and name, and whether the wording is the application's own.
    languages: Vec<(&'static str, &'static str, bool)>,
}

/// The mails that an application sends in its own name.
const OURS: [(Mail, &str); 4] = [
    (Mail::Activation, "Activation"),
    (Mail::Reminder, "Reminder"),
    (Mail::Reset, "New password"),
    (Mail::Confirmation, "Confirmation"),
];

async fn settings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Response, Refusal> {
    let shop = Shop::of(&app, &application).await?;
    let is_own = |mail: &Mail, language: &Language| {
        shop.settings.wording.get(mail).is_some_and(|own| own.contains_key(language))
    };
    let row = |(mail, name): &(Mail, &'static str)| Row {
        name,
        id: mail.as_str(),
        languages: Language::ALL
            .iter()
            .map(|language| (language.as_str(), language.name(), is_own(mail, language)))
            .collect(),
    };
    caller.show(&Page {
        frame: caller.frame(format!("Mails of {}", shop.application.name), Place::Onboarding),
        application: shop.application.id.to_string(),
        name: shop.application.name.clone(),
        languages: languages(),
        mails: OURS.iter().map(row).collect(),
        settings: shop.settings,
    })
}

fn languages() -> Vec<(String, String)> {
    Language::ALL.iter().map(|one| (one.as_str().to_owned(), one.name().to_owned())).collect()
}

/// What may be set of how mails look; empty text is nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    logo: Option<String>,
    #[serde(default)]
    sender: Option<String>,
    #[serde(default)]
    reply_to: Option<String>,
    language: Language,
    expiry_days: u16,
    reset_minutes: u16,
    remind_after_days: u16,
    most_reminders: u8,
    minimum_length: u16,
    store_minimum: u16,
    #[serde(default)]
    store_capital: bool,
    #[serde(default)]
    store_small: bool,
    #[serde(default)]
    store_symbol: bool,
}

async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(application): Path<String>,
    wanted: Sent<Wanted>,
) -> Result<Response, Refusal> {
    let shop = Shop::of(&app, &application).await?;
    let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = wanted.value;
    let settings = ActivationSettings {
        display_name: text(wanted.display_name),
        logo: text(wanted.logo),
        sender: text(wanted.sender),
        reply_to: text(wanted.reply_to),
        language: wanted.language,
        expiry_days: wanted.expiry_days,
        reset_minutes: wanted.reset_minutes,
        remind_after_days: wanted.remind_after_days,
        most_reminders: wanted.most_reminders,
        minimum_length: wanted.minimum_length,
        store_rule: StoreRule {
            minimum: wanted.store_minimum,
            capital: wanted.store_capital,
            small: wanted.store_small,
            symbol: wanted.store_symbol,
        },
        wording: shop.settings.wording.clone(),
    };
    shop.keep(&app, &caller, &settings).await?;
    caller.done(&shop.address(), "Saved. It holds for the next mail.", &settings)
}
