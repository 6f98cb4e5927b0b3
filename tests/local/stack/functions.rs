//! The functions as the stack runs them: built with its own tables, store and clock, and woken as
//! the template says.

use std::{collections::BTreeMap, sync::Arc};

use axum::Router;
use shared::{
    bigcommerce::Api,
    clock::Clock,
    store::{TableNames, Tables},
};

use super::Error;
use crate::{
    engine::Engine,
    template::Template,
    triggers::{Failed, Function, Killer, Schedule, StreamPump, function},
};

pub(super) struct Functions {
    webhook: Router,
    sync: Function,
}

impl Functions {
    pub(super) fn new(tables: &Tables, bigcommerce: &Api, clock: &Clock) -> Functions {
        let webhook = webhook::router(webhook::App::new(tables.clone(), clock.clone()));
        let sync = Arc::new(sync::App::new(tables.clone(), bigcommerce.clone(), clock.clone()));
        let sync = function(move |event| {
            let app = sync.clone();
            async move { sync::handle(&app, event).await.map_err(|error| Failed(error.to_string())) }
        });
        Functions { webhook, sync }
    }

    /// Those that answer requests, by the names of their binaries.
    pub(super) fn routers(&self) -> BTreeMap<String, Router> {
        BTreeMap::from([("webhook".to_owned(), self.webhook.clone())])
    }

    /// The one with this binary among those that are woken by events.
    fn woken(&self, name: &str, killer: &Killer) -> Result<Function, Error> {
        match name {
            "sync" => Ok(killer.around(self.sync.clone())),
            _ => Err(Error::Missing("function of that name that events could wake")),
        }
    }

    pub(super) fn pumps(
        &self,
        template: &Template,
        engine: &Arc<Engine>,
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

    pub(super) fn schedules(
        &self,
        template: &Template,
        clock: &Clock,
        killer: &Killer,
    ) -> Result<Vec<Arc<Schedule>>, Error> {
        let mut schedules = Vec::new();
        for function in &template.functions {
            for every in &function.schedules {
                let woken = self.woken(&function.name, killer)?;
                schedules.push(Schedule::new(*every, woken, clock.clone()));
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
