//! Groups: rows of their own, with a row for each name and reservations of what clients call them.
//! Of groups there are thousands at most; of [members](Tables::members) there may be many more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Error, Reservation, Table, Tables,
    item::{Item, LONGEST_KEY, aliases, item, key_of, number, read, size, text, written},
    order::{DIGITS, ordered_key},
    step::{Condition, Refusal, Step},
};
use crate::{
    client::ClientId,
    group::{Group, GroupId},
    secret::fold,
};

const KIND: &str = "group";
const COUNT: &str = "group-count";

/// The longest name as it is found, in bytes.
const LONGEST_NAME: usize = 1024;

/// How many clients may call one group something.
const MOST_EXTERNAL_IDS: usize = 5;

/// Some groups and how many there are in all.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPage {
    /// The groups, in the order of their identifiers.
    pub groups: Vec<Group>,
    /// How many groups there are.
    pub total: u64,
}

pub(super) fn group_key(id: &GroupId) -> Option<Item> {
    ordered_key(KIND, id.as_str())
}

pub(super) fn known_key(id: &GroupId) -> Result<Item, Error> {
    group_key(id).ok_or_else(|| Error::rejected("a group's identifier must begin with a hexadecimal digit"))
}

fn name_partition(folded: &str) -> String {
    format!("groupName#{folded}")
}

fn external_key(client: &ClientId, value: &str) -> Item {
    item([("pk", text(format!("groupExternalId#{client}#{value}"))), ("sk", text("-"))])
}

fn given(group: &Group) -> BTreeSet<(&ClientId, &String)> {
    group.external_ids.iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl Tables {
    /// The group, as last written.
    pub async fn group(&self, id: &GroupId) -> Result<Option<Group>, Error> {
        let Some(key) = group_key(id) else { return Ok(None) };
        self.get(Table::Users, key).await?.map(read).transpose()
    }

    /// The groups of these identifiers, as last written; those that are not there are left out.
    pub async fn groups(&self, ids: &[GroupId]) -> Result<HashMap<GroupId, Group>, Error> {
        let ids: BTreeSet<_> = ids.iter().collect();
        let keys = ids.into_iter().filter_map(group_key).collect();
        let groups = self.batch_get(Table::Users, keys).await?.into_iter().map(read::<Group>);
        groups.map(|group| group.map(|group| (group.id.clone(), group))).collect()
    }

    /// The groups of this name, folded: several may have it.
    pub async fn groups_by_name(&self, folded: &str) -> Result<Vec<GroupId>, Error> {
        if folded.len() > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let query = self.query_of(Table::Users).consistent_read(true).key_condition_expression("pk = :pk");
        let query = query.expression_attribute_values(":pk", text(name_partition(folded)));
        self.query_all(query).await?.iter().map(|row| key_of(row, "sk").map(GroupId::from)).collect()
    }

    /// Which group this client calls so.
    pub async fn group_by_external_id(
        &self,
        client: &ClientId,
        value: &str,
    ) -> Result<Option<GroupId>, Error> {
        if value.len() > LONGEST_NAME {
            return Ok(None);
        }
        let row = self.get(Table::Users, external_key(client, value)).await?;
        row.map(|row| key_of(&row, "group").map(GroupId::from)).transpose()
    }

    /// At most `limit` groups in the order of their identifiers, from the one after `after`.
    pub async fn page_of_groups(&self, after: Option<&GroupId>, limit: usize) -> Result<Vec<Group>, Error> {
        let after = after.map(GroupId::as_str).unwrap_or_default();
        self.in_order(KIND, after, limit).await?.into_iter().map(read).collect()
    }

    /// How many groups there are.
    pub async fn count_groups(&self) -> Result<u64, Error> {
        Ok(self.group_counts().await?.into_values().sum())
    }

    /// At most `limit` groups in the order of their identifiers, from the one before which there
    /// are `start` others. It reads those of the same first digit too: a sixteenth of the groups.
    pub async fn page_of_groups_from(&self, start: u64, limit: usize) -> Result<GroupPage, Error> {
        let counts = self.group_counts().await?;
        let (total, mut before) = (counts.values().sum(), 0);
        for (digit, count) in counts {
            if start < before + count && limit > 0 {
                let skipped = usize::try_from(start - before).unwrap_or(usize::MAX);
                let rows = self.in_order(KIND, &digit, limit.saturating_add(skipped)).await?;
                let groups = rows.into_iter().skip(skipped).map(read).collect::<Result<_, _>>()?;
                return Ok(GroupPage { groups, total });
            }
            before += count;
        }
        Ok(GroupPage { groups: Vec::new(), total })
    }

    async fn group_counts(&self) -> Result<BTreeMap<String, u64>, Error> {
        let query = self.query_of(Table::Users).key_condition_expression("pk = :pk");
        let rows = self.query_all(query.expression_attribute_values(":pk", text(COUNT))).await?;
        let count = |row: &Item| row.get("groups").and_then(|count| count.as_n().ok()?.parse().ok());
        let counted = |row: &Item| Ok((key_of(row, "sk")?, count(row).unwrap_or_default()));
        rows.iter().map(counted).collect()
    }

    /// The steps that make the group's row, its name and its external identifiers what they become.
    pub(super) fn group_steps(
        &self,
        before: Option<&Group>,
        after: Option<&Group>,
    ) -> Result<Vec<Step>, Error> {
        let mut steps = vec![self.group_step(before, after)?];
        let name = |group: Option<&Group>| group.map(|group| fold(&group.display_name));
        if name(before) != name(after) {
            steps.extend(before.map(|group| self.unname_step(group)).transpose()?);
            steps.extend(after.map(|group| self.name_step(group)).transpose()?);
        }
        let (held, wanted) = (before.map(given).unwrap_or_default(), after.map(given).unwrap_or_default());
        for (client, value) in held.difference(&wanted) {
            let unreserved = Condition::Present("pk");
            steps.push(self.delete_step(
                Table::Users,
                external_key(client, value),
                &unreserved,
                Refusal::Moved,
            )?);
        }
        for (client, value) in wanted.difference(&held) {
            steps.push(self.reserve_step(after, client, value)?);
        }
        if (before.is_some(), after.is_some()) != (true, true) {
            steps.extend(before.or(after).map(|group| self.count_group_step(group, after)).transpose()?);
        }
        Ok(steps)
    }

    fn group_step(&self, before: Option<&Group>, after: Option<&Group>) -> Result<Step, Error> {
        let condition = before.map_or(Condition::Absent, |group| Condition::Version(group.version));
        let Some(group) = after else {
            let key = before.map(|group| known_key(&group.id)).transpose()?.unwrap_or_default();
            return self.delete_step(Table::Users, key, &condition, Refusal::Moved);
        };
        if group.external_ids.len() > MOST_EXTERNAL_IDS {
            return Err(Error::TooLarge("a group has 5 external identifiers at most"));
        }
        let row: Item = written(group)?.into_iter().chain(known_key(&group.id)?).collect();
        if size(&row) > LONGEST_KEY * 8 {
            return Err(Error::TooLarge("a group without its members has 16 KB at most"));
        }
        self.put_step(Table::Users, row, Some(condition), Refusal::Moved)
    }

    fn name_step(&self, group: &Group) -> Result<Step, Error> {
        let folded = fold(&group.display_name);
        if folded.len() > LONGEST_NAME {
            return Err(Error::TooLarge("a group's name has 1 KB at most"));
        }
        let row = item([("pk", text(name_partition(&folded))), ("sk", text(group.id.as_str()))]);
        self.put_step(Table::Users, row, None, Refusal::Moved)
    }

    fn unname_step(&self, group: &Group) -> Result<Step, Error> {
        let partition = name_partition(&fold(&group.display_name));
        let key = item([("pk", text(partition)), ("sk", text(group.id.as_str()))]);
        self.delete_step(Table::Users, key, &Condition::Present("pk"), Refusal::Moved)
    }

    fn reserve_step(&self, group: Option<&Group>, client: &ClientId, value: &str) -> Result<Step, Error> {
        if value.len() > LONGEST_NAME {
            return Err(Error::TooLarge("what a client calls a group has 1 KB at most"));
        }
        let mut row = external_key(client, value);
        row.extend(group.map(|group| ("group".to_owned(), text(group.id.as_str()))));
        let refusal = Refusal::Taken(Reservation::external_id(client, value));
        self.put_step(Table::Users, row, Some(Condition::Absent), refusal)
    }

    fn count_group_step(&self, group: &Group, after: Option<&Group>) -> Result<Step, Error> {
        let digit = group.id.as_str().chars().next().filter(|digit| DIGITS.contains(*digit));
        let key = item([("pk", text(COUNT)), ("sk", text(digit.unwrap_or('0')))]);
        let change: AttributeValue = number(if after.is_some() { 1 } else { -1 });
        let values = item([(":change", change)]);
        self.update_step(Table::Users, key, "ADD #groups :change", aliases(&["groups"]), values)
    }
}
