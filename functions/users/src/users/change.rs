//! Creating, changing and deleting users.

use serde_json::Value;
use shared::{
    directory::Writer,
    group::GroupId,
    scim::user_resource,
    user::{User, UserId},
};

use crate::{caller::Caller, precondition::Precondition, query::Shown, refusal::Refusal};

impl Caller {
    pub(crate) async fn create_user(&self, resource: &Value) -> Result<Value, Refusal> {
        let user = self.writer().create(resource).await?;
        if user.version > 1 {
            // Who was deactivated before is back.
            return self.one_user(&user, &Shown::default()).await;
        }
        let names = self.names_of_groups(std::slice::from_ref(&user)).await?;
        Ok(self.bare_user(&user, &names.into_iter().collect::<Vec<_>>()))
    }

    pub(crate) async fn replace_user(
        &self,
        id: &UserId,
        precondition: &Precondition,
        resource: &Value,
    ) -> Result<Value, Refusal> {
        let user = self.writer().replace(id, &precondition.0, resource).await?;
        self.one_user(&user, &Shown::default()).await
    }

    pub(crate) async fn patch_user(
        &self,
        id: &UserId,
        precondition: &Precondition,
        message: &Value,
    ) -> Result<Value, Refusal> {
        let user = self.writer().patch(id, &precondition.0, message).await?;
        self.one_user(&user, &Shown::default()).await
    }

    pub(crate) async fn delete_user(&self, id: &UserId, precondition: &Precondition) -> Result<(), Refusal> {
        Ok(self.writer().delete(id, &precondition.0).await?)
    }

    fn writer(&self) -> Writer<'_> {
        Writer {
            tables: &self.app.tables,
            clock: &self.app.clock,
            client: &self.client,
            fields: &self.settings.fields,
            schemas: &self.settings.users,
            cause: "scim",
        }
    }

    /// A user in these groups as a resource, which says nothing of links that are not there.
    fn bare_user(&self, user: &User, groups: &[(GroupId, String)]) -> Value {
        user_resource(user, &self.client.id, &self.app.url, groups, &self.settings.fields)
    }
}
