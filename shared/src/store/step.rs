//! One row of a transaction: the write, its condition, and what a refusal means.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update,
};

use super::{
    Error, Reservation, Table, Tables,
    item::{Item, aliases, item, number, size, text},
};
use crate::user::UserId;

/// One row of a transaction.
pub(super) struct Step {
    pub(super) table: Table,
    pub(super) write: TransactWriteItem,
    pub(super) bytes: usize,
    pub(super) refusal: Refusal,
}

/// What it means when a row's condition does not hold.
pub(super) enum Refusal {
    /// It was changed since it was read.
    Moved,
    /// It belongs to another user or group.
    Taken(Reservation),
    /// There is none of this identifier: what the write is about, and not all of it, is in vain.
    Nobody(String),
}

/// When a row may be written.
pub(super) enum Condition<'a> {
    /// When it is not there.
    Absent,
    /// When it is not there, of the settings.
    Unset,
    /// When it is there, as this part of its key tells.
    Present(&'static str),
    /// When it is a user of this version.
    Version(u64),
    /// When it is not there, or belongs to this user.
    OwnedBy(&'a UserId),
    /// When it is not there, belongs to this user, or the user whose it was is gone.
    OwnedByOrGone(&'a UserId),
}

/// A change of some of a row's attributes.
pub(super) struct Change<'a> {
    pub(super) table: Table,
    pub(super) key: Item,
    pub(super) expression: &'a str,
    pub(super) condition: Option<&'a str>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Condition<'_> {
    pub(super) fn expression(&self) -> String {
        let fixed = match self {
            Condition::Present(part) => return format!("attribute_exists({part})"),
            Condition::Absent => "attribute_not_exists(pk)",
            Condition::Unset => "attribute_not_exists(kind)",
            Condition::Version(_) => "#version = :version",
            Condition::OwnedBy(_) => "attribute_not_exists(pk) OR #user = :user",
            Condition::OwnedByOrGone(_) => {
                "attribute_not_exists(pk) OR #user = :user OR attribute_exists(gone)"
            }
        };
        fixed.to_owned()
    }

    /// The expression's names and values; DynamoDB refuses empty ones.
    pub(super) fn parameters(&self) -> (Option<HashMap<String, String>>, Option<Item>) {
        match self {
            Condition::Absent | Condition::Unset | Condition::Present(_) => (None, None),
            Condition::Version(version) => {
                (Some(aliases(&["version"])), Some(item([(":version", number(version))])))
            }
            Condition::OwnedBy(user) | Condition::OwnedByOrGone(user) => {
                (Some(aliases(&["user"])), Some(item([(":user", text(user.as_str()))])))
            }
        }
    }
}

impl Tables {
    pub(super) fn put_step(
        &self,
        table: Table,
        row: Item,
        condition: Option<Condition<'_>>,
        refusal: Refusal,
    ) -> Result<Step, Error> {
        let bytes = size(&row);
        let put = Put::builder().table_name(self.name(table)).set_item(Some(row));
        let put = match condition {
            None => put,
            Some(condition) => {
                let (names, values) = condition.parameters();
                put.condition_expression(condition.expression())
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(AllOld)
            }
        };
        let write = TransactWriteItem::builder().put(put.build().map_err(Error::rejected)?).build();
        Ok(Step { table, write, bytes, refusal })
    }

    pub(super) fn delete_step(
        &self,
        table: Table,
        key: Item,
        condition: &Condition<'_>,
        refusal: Refusal,
    ) -> Result<Step, Error> {
        let (names, values) = condition.parameters();
        let bytes = size(&key);
        let delete = Delete::builder()
            .table_name(self.name(table))
            .set_key(Some(key))
            .condition_expression(condition.expression())
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(AllOld);
        let write = TransactWriteItem::builder().delete(delete.build().map_err(Error::rejected)?).build();
        Ok(Step { table, write, bytes, refusal })
    }

    /// A deletion of whatever is there.
    pub(super) fn delete_any_step(&self, table: Table, key: Item) -> Result<Step, Error> {
        let bytes = size(&key);
        let delete = Delete::builder().table_name(self.name(table)).set_key(Some(key));
        let write = TransactWriteItem::builder().delete(delete.build().map_err(Error::rejected)?).build();
        Ok(Step { table, write, bytes, refusal: Refusal::Moved })
    }

    /// An update without condition: it cannot be refused.
    pub(super) fn update_step(
        &self,
        table: Table,
        key: Item,
        expression: &str,
        names: HashMap<String, String>,
        values: Item,
    ) -> Result<Step, Error> {
        self.change_step(Change { table, key, expression, condition: None, names, values })
    }

    /// An update; where its condition does not hold, the row was changed since it was read.
    pub(super) fn change_step(&self, change: Change<'_>) -> Result<Step, Error> {
        let Change { table, key, expression, condition, names, values } = change;
        let bytes = size(&key) + size(&values);
        let update = Update::builder()
            .table_name(self.name(table))
            .set_key(Some(key))
            .update_expression(expression)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(Some(names).filter(|names| !names.is_empty()))
            .set_expression_attribute_values(Some(values));
        let write = TransactWriteItem::builder().update(update.build().map_err(Error::rejected)?).build();
        Ok(Step { table, write, bytes, refusal: Refusal::Moved })
    }
}
