//! Which users an application is for.

use crate::{
    application::Application,
    client::ClientId,
    profile::ProfileField,
    scim::{Filter, Schemas, user_resource},
    store::{self, Tables},
    user::User,
};

/// Which users an application is for: everyone, unless its policies say otherwise.
pub struct Scope(Option<Filtered>);

struct Filtered {
    filter: Filter,
    schemas: Schemas,
    fields: Vec<ProfileField>,
    reader: ClientId,
}

/// Why it cannot be told who is in scope.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What its filter may name could not be read.
    #[error("the profile fields could not be read")]
    Tables(#[from] store::Error),
    /// It is no filter.
    #[error("the application's scope could not be read (a SCIM filter)")]
    NotAFilter,
}

impl Scope {
    /// The scope of `application`; what its filter may name is read only where it has one.
    ///
    /// # Errors
    /// When its filter is none, or what it may name cannot be read.
    pub async fn of(application: &Application, tables: &Tables) -> Result<Scope, Error> {
        let Some(text) = &application.policies.scope else { return Ok(Scope(None)) };
        let filter = Filter::parse(text).map_err(|_| Error::NotAFilter)?;
        let fields = tables.profile_fields().await?;
        // What each client calls a user is that client's own: no scope is about it.
        let reader = ClientId::try_from("scope".to_owned()).map_err(|_| Error::NotAFilter)?;
        Ok(Scope(Some(Filtered { filter, schemas: Schemas::user(&fields), fields, reader })))
    }

    /// Whether the user is there and in scope; everyone is where there is none.
    pub fn is_met_by(&self, user: Option<&User>) -> bool {
        let Some(scope) = &self.0 else { return true };
        user.is_some_and(|user| {
            let groups: Vec<_> = user.groups.iter().map(|id| (id.clone(), id.to_string())).collect();
            let resource = user_resource(user, &scope.reader, "", &groups, &scope.fields);
            scope.filter.matches(&resource, &scope.schemas)
        })
    }
}
