//! Strict clients: what a connected store would refuse is refused at once, instead of being kept
//! and told.

use super::{Refused, Writer};
use crate::{
    application::Application,
    mapping::Refusal,
    plan::store_refusals,
    scim::{Filter, user_resource},
    user::User,
};

impl Writer<'_> {
    /// Whether a strict client may write the user so: every store that the user is or would be a
    /// customer of takes it.
    pub(super) async fn accepts(&self, user: &User) -> Result<(), Refused> {
        if !self.client.strict {
            return Ok(());
        }
        let applications = self.tables.applications().await?;
        match self.refused_by(user, &applications) {
            Some((application, refusal)) => {
                Err(Refused::ByStore { store: application.name.clone(), refusal })
            }
            None => Ok(()),
        }
    }

    /// The first of these stores that the user is or would be a customer of and that would refuse a
    /// value, and which.
    pub(crate) fn refused_by<'b>(
        &self,
        user: &User,
        applications: &'b [Application],
    ) -> Option<(&'b Application, Refusal)> {
        let in_scope = |one: &&Application| self.is_in_scope(user, one.policies.scope.as_deref());
        let refusal = |one: &'b Application| Some((one, store_refusals(user, one).into_iter().next()?));
        applications.iter().filter(in_scope).find_map(refusal)
    }

    /// A scope that cannot be read holds nobody out here: that it cannot is told where it is applied.
    fn is_in_scope(&self, user: &User, scope: Option<&str>) -> bool {
        let Some(Ok(filter)) = scope.map(Filter::parse) else { return true };
        let groups: Vec<_> = user.groups.iter().map(|id| (id.clone(), id.to_string())).collect();
        filter.matches(&user_resource(user, &self.client.id, "", &groups, self.fields), self.schemas)
    }
}
