//! Strict clients: what a connected store would refuse is refused at once, instead of being kept
//! and told.

use super::{Refused, Writer};
use crate::{
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
        for application in self.tables.applications().await? {
            if !self.is_in_scope(user, application.policies.scope.as_deref()) {
                continue;
            }
            if let Some(refusal) = store_refusals(user, &application).into_iter().next() {
                return Err(Refused::ByStore { store: application.name, refusal });
            }
        }
        Ok(())
    }

    /// A scope that cannot be read holds nobody out here: that it cannot is told where it is applied.
    fn is_in_scope(&self, user: &User, scope: Option<&str>) -> bool {
        let Some(Ok(filter)) = scope.map(Filter::parse) else { return true };
        let groups: Vec<_> = user.groups.iter().map(|id| (id.clone(), id.to_string())).collect();
        filter.matches(&user_resource(user, &self.client.id, "", &groups, self.fields), self.schemas)
    }
}
