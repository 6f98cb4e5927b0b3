//! Strict clients: what a connected store would refuse is refused at once, instead of being kept
//! and told.

use shared::{
    plan::store_refusals,
    scim::{Filter, Schemas, user_resource},
    user::User,
};

use crate::{caller::Caller, refusal::Refusal};

impl Caller {
    /// Whether a strict client may write the user so: every store that the user is or would be a
    /// customer of takes it.
    pub(super) async fn accepts(&self, user: &User) -> Result<(), Refusal> {
        if !self.client.strict {
            return Ok(());
        }
        for application in self.app.tables.applications().await? {
            if !self.is_in_scope(user, application.policies.scope.as_deref()) {
                continue;
            }
            if let Some(refused) = store_refusals(user, &application).first() {
                return Err(Refusal::by_store(&application.name, refused));
            }
        }
        Ok(())
    }

    /// A scope that cannot be read holds nobody out here: that it cannot is told where it is applied.
    fn is_in_scope(&self, user: &User, scope: Option<&str>) -> bool {
        let Some(Ok(filter)) = scope.map(Filter::parse) else { return true };
        let schemas: &Schemas = &self.settings.users;
        let groups: Vec<_> = user.groups.iter().map(|id| (id.clone(), id.to_string())).collect();
        let fields = &self.settings.fields;
        filter.matches(&user_resource(user, &self.client.id, &self.app.url, &groups, fields), schemas)
    }
}
