//! The rows that tell of one membership: the member's, the user's and that of the work.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::{
    Also, Error, Table, Tables,
    groups::known_key,
    item::{Item, aliases, item, number, text, written},
    step::{Change, Refusal, Step},
    users::user_key,
};
use crate::{
    client::ClientId,
    group::{GroupId, MemberKind},
    user::{User, UserId},
    work::Subject,
};

/// How many groups one step takes a user out of: each takes two of its hundred rows.
const GROUPS_A_STEP: usize = 40;

/// What asks for a look at a user whose groups have changed.
const CAUSE: &str = "group";

/// A member as it lies in the table.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Row {
    #[serde(rename = "sk")]
    pub(super) value: String,
    #[serde(rename = "type")]
    pub(super) kind: MemberKind,
    /// Whose value it is, of a pending one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<ClientId>,
}

pub(super) fn members_partition(group: &GroupId) -> String {
    format!("members#{group}")
}

pub(super) fn member_key(group: &GroupId, value: &str) -> Item {
    item([("pk", text(members_partition(group))), ("sk", text(value))])
}

pub(super) fn row_item(group: &GroupId, row: &Row) -> Result<Item, Error> {
    Ok(written(row)?.into_iter().chain(member_key(group, &row.value)).collect())
}

pub(super) fn user_id(value: &str) -> UserId {
    UserId::from(value.to_owned())
}

impl Tables {
    /// That the user is in these groups; refused where there is no such user.
    pub(super) fn join_step(&self, user: &UserId, groups: &BTreeSet<GroupId>) -> Result<Step, Error> {
        self.groups_step(user, groups, "ADD #version :one, #groups :groups")
    }

    /// That the user is no longer in these groups; refused where there is no such user.
    pub(super) fn leave_step(&self, user: &UserId, groups: &BTreeSet<GroupId>) -> Result<Step, Error> {
        self.groups_step(user, groups, "ADD #version :one DELETE #groups :groups")
    }

    fn groups_step(&self, user: &UserId, groups: &BTreeSet<GroupId>, how: &str) -> Result<Step, Error> {
        let groups = groups.iter().map(|group| group.as_str().to_owned()).collect();
        let step = self.change_step(Change {
            table: Table::Users,
            key: user_key(user).ok_or_else(|| Error::rejected("no user has this identifier"))?,
            expression: &format!("SET lastModified = :now {how}"),
            condition: Some("attribute_exists(pk)"),
            names: aliases(&["version", "groups"]),
            values: item([
                (":now", text(self.clock.now().to_string())),
                (":one", number(1)),
                (":groups", AttributeValue::Ss(groups)),
            ]),
        })?;
        Ok(Step { refusal: Refusal::Nobody(user.to_string()), ..step })
    }

    /// That a group's members have changed, whatever its version; refused where there is no such group.
    pub(super) fn touch_group_step(&self, group: &GroupId) -> Result<Step, Error> {
        let step = self.change_step(Change {
            table: Table::Users,
            key: known_key(group)?,
            expression: "SET lastModified = :now ADD #version :one",
            condition: Some("attribute_exists(pk)"),
            names: aliases(&["version"]),
            values: item([(":now", text(self.clock.now().to_string())), (":one", number(1))]),
        })?;
        Ok(Step { refusal: Refusal::Nobody(group.to_string()), ..step })
    }

    pub(super) fn look_at_user(&self, user: UserId) -> Also {
        Also::Work { subject: Subject::User(user), cause: CAUSE.to_owned(), asked_at: self.clock.now() }
    }

    /// Takes a user of the version that was read out of all its groups, and gives it as it is then.
    pub(super) async fn leave_groups(&self, user: &User) -> Result<User, Error> {
        let mut user = user.clone();
        while !user.groups.is_empty() {
            let groups: BTreeSet<GroupId> = user.groups.iter().take(GROUPS_A_STEP).cloned().collect();
            let mut gone = BTreeSet::new();
            loop {
                let nobody = self.transact_or_nobody(self.leaving_steps(&user, &groups, &gone)?).await?;
                if nobody.is_empty() {
                    break;
                }
                gone.extend(nobody);
            }
            user.groups.retain(|group| !groups.contains(group));
            user.version += 1;
        }
        Ok(user)
    }

    /// Groups that are `gone` meanwhile are not told.
    fn leaving_steps(
        &self,
        user: &User,
        groups: &BTreeSet<GroupId>,
        gone: &BTreeSet<String>,
    ) -> Result<Vec<Step>, Error> {
        let left = groups.iter().map(|group| group.as_str().to_owned()).collect();
        let mut steps = vec![self.change_step(Change {
            table: Table::Users,
            key: user_key(&user.id).ok_or_else(|| Error::rejected("no user has this identifier"))?,
            expression: "ADD #version :one DELETE #groups :groups",
            condition: Some("#version = :version"),
            names: aliases(&["version", "groups"]),
            values: item([
                (":version", number(user.version)),
                (":one", number(1)),
                (":groups", AttributeValue::Ss(left)),
            ]),
        })?];
        for group in groups {
            steps.push(self.delete_any_step(Table::Users, member_key(group, user.id.as_str()))?);
            if !gone.contains(group.as_str()) {
                steps.push(self.touch_group_step(group)?);
            }
        }
        Ok(steps)
    }
}
