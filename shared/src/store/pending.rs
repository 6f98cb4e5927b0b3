//! Pending members: values that a client has put into a group before the user came that it knows
//! by them. A row a value leads to the groups.

use super::{
    Error, Table, Tables,
    item::{Item, item, key_of, text},
    membership::{Row, member_key, row_item},
    step::{Condition, Refusal, Step},
};
use crate::{
    client::ClientId,
    group::{GroupId, MemberKind},
    secret::fold,
    user::User,
};

/// The row's key: by the folded value, as a user name is known in any spelling.
fn pending_key(client: &ClientId, value: &str, group: &GroupId) -> Item {
    item([("pk", text(partition(client, value))), ("sk", text(format!("{group}#{value}")))])
}

fn partition(client: &ClientId, value: &str) -> String {
    format!("pending#{client}#{}", fold(value))
}

impl Tables {
    /// Makes the user a member of the groups in which `client` has put it by its external
    /// identifier or its user name before it was there, and gives them. To be called when the user
    /// is created or gets another of these values; a call that was cut off is completed by another.
    pub async fn admit(&self, client: &ClientId, user: &User) -> Result<Vec<GroupId>, Error> {
        let external = user.external_ids.get(client).map(String::as_str);
        let mut admitted = Vec::new();
        for value in [Some(user.user_name.as_str()), external].into_iter().flatten() {
            let query =
                self.query_of(Table::Users).consistent_read(true).key_condition_expression("pk = :pk");
            let query = query.expression_attribute_values(":pk", text(partition(client, value)));
            for row in self.query_all(query).await? {
                let (group, value) = (GroupId::from(key_of(&row, "group")?), key_of(&row, "value")?);
                let meant = external == Some(value.as_str()) || fold(&value) == user.folded_user_name();
                if meant && self.admit_to(&group, client, &value, user).await? {
                    admitted.push(group);
                }
            }
        }
        Ok(admitted)
    }

    /// `false` when the pending member or the group is gone meanwhile.
    async fn admit_to(
        &self,
        group: &GroupId,
        client: &ClientId,
        value: &str,
        user: &User,
    ) -> Result<bool, Error> {
        let there = Condition::Present("pk");
        let member = Row { value: user.id.to_string(), kind: MemberKind::User, client: None };
        let mut steps = vec![
            self.delete_any_step(Table::Users, pending_key(client, value, group))?,
            self.delete_step(Table::Users, member_key(group, value), &there, Refusal::Nobody(value.into()))?,
            self.put_step(Table::Users, row_item(group, &member)?, None, Refusal::Moved)?,
            self.join_step(&user.id, &[group.clone()].into())?,
            self.touch_group_step(group)?,
        ];
        steps.extend(self.also_steps(&[self.look_at_user(user.id.clone())])?);
        Ok(self.transact_or_nobody(steps).await?.is_empty())
    }

    /// The row that leads to a pending member; none of another.
    pub(super) fn pending_step(&self, group: &GroupId, row: &Row) -> Result<Option<Step>, Error> {
        let Some(client) = &row.client else { return Ok(None) };
        let mut pending = pending_key(client, &row.value, group);
        pending.extend(item([("group", text(group.as_str())), ("value", text(&row.value))]));
        self.put_step(Table::Users, pending, None, Refusal::Moved).map(Some)
    }

    pub(super) fn unpend_step(&self, group: &GroupId, row: &Row) -> Result<Option<Step>, Error> {
        let Some(client) = &row.client else { return Ok(None) };
        self.delete_any_step(Table::Users, pending_key(client, &row.value, group)).map(Some)
    }
}
