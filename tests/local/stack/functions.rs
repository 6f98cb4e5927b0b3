//! The functions as the stack runs them: built with its own tables, store and clock, and woken as
//! the template says.

use std::{collections::BTreeMap, sync::Arc};

use axum::Router;
use shared::{
    bigcommerce::Api,
    clock::Clock,
    mail::Mailer,
    secret::EmailAddress,
    store::{TableNames, Tables},
    sync::Engine,
};

use super::Error;
use crate::{
    engine::Engine as Database,
    template::Template,
    triggers::{EventRule, Failed, Function, Killer, Schedule, StreamPump, function},
};

/// How long a call may take, as the template gives it.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(300);
/// How long a call of `import` may take, as the template gives it.
const IMPORT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(900);
/// How long a call of `activation-mail` may take, as the template gives it.
const MAIL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(120);

/// The console's first owner.
pub(super) const OWNER: &str = "owner@example.com";

pub(super) struct Functions {
    webhook: Router,
    users: Router,
    sync: Function,
    import: Function,
    mail: Function,
    admin: Router,
    page: Router,
}

impl Functions {
    /// The functions behind the API at `url`, each with tables of its own: it may do to them what
    /// the template lets it.
    pub(super) fn new(
        tables: impl Fn(&str) -> Tables,
        bigcommerce: &Api,
        mailer: &Mailer,
        clock: &Clock,
        url: &str,
    ) -> Functions {
        let webhook = webhook::router(webhook::App::new(tables("webhook"), clock.clone()));
        let users = users::App::new(tables("users"), clock.clone(), format!("{url}/scim/v2"));
        let engine = Engine::new(tables("sync"), bigcommerce.clone(), clock.clone());
        let sync = Arc::new(sync::App {
            engine,
            webhook_url: format!("{url}/webhooks"),
            identity_attribute: sync::IDENTITY_ATTRIBUTE.to_owned(),
            stack: None,
        });
        let sync = function(move |wake| {
            let app = sync.clone();
            async move {
                let deadline = app.engine.clock.now() + TIMEOUT;
                sync::handle(&app, wake, deadline).await.map_err(|error| Failed(error.to_string()))
            }
        });
        let admin = admin::router(admin::App {
            engine: Engine::new(tables("admin"), bigcommerce.clone(), clock.clone()),
            url: url.to_owned(),
            webhook_url: format!("{url}/webhooks"),
            scim_url: format!("{url}/scim/v2"),
            owner: Some(EmailAddress::new(OWNER)),
        });
        let engine = Engine::new(tables("import"), bigcommerce.clone(), clock.clone());
        let import = Arc::new(import::App { engine });
        let import = function(move |wake| {
            let app = import.clone();
            async move {
                let deadline = app.engine.clock.now() + IMPORT_TIMEOUT;
                import::handle(&app, wake, deadline).await.map_err(|error| Failed(error.to_string()))
            }
        });
        let page = activation::page::router(activation::page::App {
            tables: tables("activation-page"),
            bigcommerce: bigcommerce.clone(),
            clock: clock.clone(),
            public_url: url.into(),
        });
        let mail = Arc::new(activation::mail::App {
            tables: tables("activation-mail"),
            mailer: mailer.clone(),
            clock: clock.clone(),
            public_url: url.into(),
        });
        let mail = function(move |wake| {
            let app = mail.clone();
            async move {
                let deadline = app.clock.now() + MAIL_TIMEOUT;
                let sent = activation::mail::handle(&app, wake, deadline).await;
                sent.map_err(|error| Failed(format!("{error:?}")))
            }
        });
        Functions { webhook, users: users::router(users), sync, import, mail, admin, page }
    }

    /// The engine's function, to be called by hand.
    pub(super) fn sync(&self) -> Function {
        self.sync.clone()
    }

    /// Those that answer requests, by the names of their binaries.
    pub(super) fn routers(&self, killer: &Killer) -> BTreeMap<String, Router> {
        BTreeMap::from([
            ("admin".to_owned(), killer.in_front_of(self.admin.clone())),
            ("activation-page".to_owned(), killer.in_front_of(self.page.clone())),
            ("webhook".to_owned(), killer.in_front_of(self.webhook.clone())),
            ("users".to_owned(), killer.in_front_of(self.users.clone())),
        ])
    }

    /// The one with this binary among those that are woken by events.
    fn woken(&self, name: &str, killer: &Killer) -> Result<Function, Error> {
        match name {
            "sync" => Ok(killer.around(self.sync.clone())),
            "import" => Ok(killer.around(self.import.clone())),
            "activation-mail" => Ok(killer.around(self.mail.clone())),
            _ => Err(Error::Missing("function of that name that events could wake")),
        }
    }

    pub(super) fn pumps(
        &self,
        template: &Template,
        engine: &Arc<Database>,
        killer: &Killer,
    ) -> Result<Vec<Arc<StreamPump>>, Error> {
        let mut pumps = Vec::new();
        for function in &template.functions {
            for trigger in &function.streams {
                let woken = self.woken(&function.name, killer)?;
                pumps.push(StreamPump::new(engine.clone(), trigger.clone(), woken)?);
            }
        }
        Ok(pumps)
    }

    pub(super) fn rules(&self, template: &Template, killer: &Killer) -> Result<Vec<EventRule>, Error> {
        let mut rules = Vec::new();
        for function in &template.functions {
            for pattern in &function.events {
                let woken = self.woken(&function.name, killer)?;
                rules.push(EventRule::new(pattern, woken)?);
            }
        }
        Ok(rules)
    }

    pub(super) fn schedules(
        &self,
        template: &Template,
        clock: &Clock,
        killer: &Killer,
    ) -> Result<Vec<Arc<Schedule>>, Error> {
        let mut schedules = Vec::new();
        for function in &template.functions {
            for trigger in &function.schedules {
                let woken = self.woken(&function.name, killer)?;
                schedules.push(Schedule::new(trigger, woken, clock.clone()));
            }
        }
        Ok(schedules)
    }
}

/// The tables' names, as the functions' environment has them.
pub(super) fn table_names(template: &Template) -> Result<TableNames, Error> {
    let name = |variable| template.environment.get(variable).cloned().ok_or(Error::Missing(variable));
    Ok(TableNames {
        users: name("USERS_TABLE")?,
        work: name("WORK_TABLE")?,
        jobs: name("JOBS_TABLE")?,
        reports: name("REPORTS_TABLE")?,
        settings: name("SETTINGS_TABLE")?,
    })
}
