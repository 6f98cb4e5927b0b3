//! Who is in a group: a row a member, and on the user the groups it is in.
//!
//! A change is written in steps of a few members each, and each step whole: the group's version,
//! the members' rows, what the users know of it, and a row of work for each user. A change that is
//! cut off between two steps is completed by repeating it: what is done already is left alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Also, Error, Table, Tables,
    item::{key_of, read, text},
    membership::{Row, member_key, members_partition, row_item, user_id},
    step::{Condition, Refusal, Step},
    users::user_key,
};
use crate::{
    client::ClientId,
    group::{Group, GroupId, Member, MemberKind},
    secret::fold,
};

/// How many members one step changes: each takes three of its hundred rows at most.
const MEMBERS_A_STEP: usize = 25;

/// The longest value of a member, in bytes: with the group's identifier it is a sort key.
const LONGEST_VALUE: usize = 900;

/// Some of a group's members, in the order of their values.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberPage {
    /// The members.
    pub members: Vec<Member>,
    /// The value after which the next page begins; `None`: there is no more.
    pub next: Option<String>,
}

/// What becomes of one member.
#[derive(Clone)]
enum Turn {
    /// Whoever is none of the users is pending for this client.
    Comes(Row, ClientId),
    Goes(Row),
}

impl Tables {
    /// A page of a group's direct members, from the one after `after`.
    pub async fn members(
        &self,
        group: &GroupId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<MemberPage, Error> {
        // A sort key must not be empty, and no value is before this one.
        let after = after.filter(|after| !after.is_empty()).unwrap_or("\0").to_owned();
        let rows = self.rows_after(&members_partition(group), after, limit).await?;
        let full = rows.len() == limit;
        let member = |row| read::<Row>(row).map(|Row { value, kind, .. }| Member { value, kind });
        let members: Vec<Member> = rows.into_iter().map(member).collect::<Result<_, _>>()?;
        let next = members.last().filter(|_| full).map(|member| member.value.clone());
        Ok(MemberPage { members, next })
    }

    /// Which of these are members of the group.
    pub async fn members_among(&self, group: &GroupId, values: &[String]) -> Result<Vec<Member>, Error> {
        let rows = self.member_rows(group, values.iter().map(String::as_str)).await?;
        Ok(rows.into_values().map(|Row { value, kind, .. }| Member { value, kind }).collect())
    }

    async fn member_rows(
        &self,
        group: &GroupId,
        values: impl Iterator<Item = &str>,
    ) -> Result<BTreeMap<String, Row>, Error> {
        let values: BTreeSet<&str> = values.filter(|value| is_value(value)).collect();
        let keys = values.into_iter().map(|value| member_key(group, value)).collect();
        let rows = self.batch_get(Table::Users, keys).await?.into_iter();
        rows.map(|row| Ok((key_of(&row, "sk")?, read(row)?))).collect()
    }

    /// Writes a group that is not there yet; its version grows with each step of its members. A
    /// member who is said to be a user and is none is kept as pending, for `client`.
    ///
    /// # Errors
    /// [`Error::GroupTaken`] when a client calls another group so, [`Error::Moved`] when a group of
    /// this identifier is there.
    pub async fn create_group(
        &self,
        group: &Group,
        members: &[Member],
        client: &ClientId,
        also: &[Also],
    ) -> Result<Group, Error> {
        self.write_group(None, group, (members, &[]), client, also).await
    }

    /// Writes a group over the version that was read, and changes its members by those that come
    /// and those that go (by their values); see [`Tables::create_group`]. What changes nothing
    /// writes nothing. When it was last modified is the caller's to say.
    ///
    /// # Errors
    /// [`Error::Moved`] when it was written or deleted since it was read: some of the members may
    /// have come and gone; [`Error::GroupTaken`] as when it is created.
    pub async fn update_group(
        &self,
        before: &Group,
        after: &Group,
        add: &[Member],
        remove: &[Member],
        client: &ClientId,
        also: &[Also],
    ) -> Result<Group, Error> {
        let after = Group { id: before.id.clone(), ..after.clone() };
        self.write_group(Some(before), &after, (add, remove), client, also).await
    }

    /// Deletes a group of the version that was read, its members first.
    ///
    /// # Errors
    /// [`Error::Moved`] when it was written or deleted since it was read, as by a deletion that was
    /// cut off: repeated, it goes on.
    pub async fn delete_group(&self, group: &Group, also: &[Also]) -> Result<(), Error> {
        let mut group = group.clone();
        loop {
            let partition = members_partition(&group.id);
            let query =
                self.query_of(Table::Users).consistent_read(true).key_condition_expression("pk = :pk");
            let query = query.expression_attribute_values(":pk", text(partition));
            let slice = self.query(query.limit(i32::try_from(MEMBERS_A_STEP).unwrap_or(1))).await?;
            let gone = slice.items.into_iter().map(|row| read(row).map(Turn::Goes));
            let gone: Vec<Turn> = gone.collect::<Result<_, _>>()?;
            if gone.is_empty() {
                break;
            }
            let after = Group { version: group.version + 1, ..group.clone() };
            self.take_turns(Some(&group), Some(&after), gone, &[]).await?;
            group = after;
        }
        self.take_turns(Some(&group), None, Vec::new(), also).await
    }

    async fn write_group(
        &self,
        before: Option<&Group>,
        after: &Group,
        (add, remove): (&[Member], &[Member]),
        client: &ClientId,
        also: &[Also],
    ) -> Result<Group, Error> {
        if add.iter().any(|member| !is_value(&member.value)) {
            return Err(Error::TooLarge("a member's value is not empty and has 900 bytes at most"));
        }
        let turns = self.turns(&after.id, (add, remove), client).await?;
        let same = |before: &Group| {
            turns.is_empty()
                && before.display_name == after.display_name
                && before.external_ids == after.external_ids
        };
        if let Some(before) = before.filter(|before| same(before)) {
            return Ok(before.clone());
        }
        let mut chunks = turns.chunks(MEMBERS_A_STEP);
        let mut last = before.cloned();
        let (mut turns, mut also) = (chunks.next().unwrap_or_default(), also);
        loop {
            let next = Group { version: last.as_ref().map_or(1, |last| last.version + 1), ..after.clone() };
            self.take_turns(last.as_ref(), Some(&next), turns.to_vec(), also).await?;
            (turns, also) = match chunks.next() {
                Some(turns) => (turns, &[]),
                None => return Ok(next),
            };
            last = Some(next);
        }
    }

    /// What is left to be done: who is there already does not come, and who is not does not go.
    async fn turns(
        &self,
        group: &GroupId,
        (add, remove): (&[Member], &[Member]),
        client: &ClientId,
    ) -> Result<Vec<Turn>, Error> {
        let values = add.iter().chain(remove).map(|member| member.value.as_str());
        let mut there = self.member_rows(group, values).await?;
        let gone: BTreeSet<&str> = remove.iter().map(|member| member.value.as_str()).collect();
        let coming: BTreeMap<&str, MemberKind> =
            add.iter().map(|member| (member.value.as_str(), member.kind)).collect();
        let leaving = gone.iter().filter(|value| !coming.contains_key(*value));
        let mut turns: Vec<Turn> = leaving.filter_map(|value| there.remove(*value)).map(Turn::Goes).collect();
        for (value, kind) in coming.into_iter().filter(|(value, _)| !there.contains_key(*value)) {
            let is_user = kind == MemberKind::User && user_key(&user_id(value)).is_some();
            let row = match is_user || kind == MemberKind::Group {
                true => Row { value: value.to_owned(), kind, client: None },
                false => pending(value.to_owned(), client),
            };
            turns.push(Turn::Comes(row, client.clone()));
        }
        Ok(turns)
    }

    /// Carries out one step. A user who comes and is not there is pending, and one who goes and is
    /// not there goes.
    async fn take_turns(
        &self,
        before: Option<&Group>,
        after: Option<&Group>,
        mut turns: Vec<Turn>,
        also: &[Also],
    ) -> Result<(), Error> {
        let Some(group) = after.or(before) else { return Ok(()) };
        let mut absent = BTreeSet::new();
        for _ in 0..self.attempts {
            let mut steps = self.group_steps(before, after)?;
            let mut work = also.to_vec();
            for turn in &turns {
                let row = turn.row();
                steps.extend(self.turn_steps(&group.id, turn)?);
                if row.kind == MemberKind::User && !absent.contains(&row.value) {
                    let (user, groups) = (user_id(&row.value), [group.id.clone()].into());
                    steps.push(match turn {
                        Turn::Comes(..) => self.join_step(&user, &groups)?,
                        Turn::Goes(_) => self.leave_step(&user, &groups)?,
                    });
                    work.push(self.look_at_user(user));
                }
            }
            steps.extend(self.also_steps(&work)?);
            let nobody = self.transact_or_nobody(steps).await?;
            if nobody.is_empty() {
                return Ok(());
            }
            turns.iter_mut().for_each(|turn| turn.without(&nobody));
            absent.extend(nobody);
        }
        Err(Error::Moved)
    }

    fn turn_steps(&self, group: &GroupId, turn: &Turn) -> Result<Vec<Step>, Error> {
        let row = turn.row();
        match turn {
            Turn::Comes(..) => {
                let put = self.put_step(Table::Users, row_item(group, row)?, None, Refusal::Moved)?;
                Ok([put].into_iter().chain(self.pending_step(group, row)?).collect())
            }
            Turn::Goes(_) => {
                let (key, there) = (member_key(group, &row.value), Condition::Present("pk"));
                let delete = self.delete_step(Table::Users, key, &there, Refusal::Moved)?;
                Ok([delete].into_iter().chain(self.unpend_step(group, row)?).collect())
            }
        }
    }
}

impl Turn {
    fn row(&self) -> &Row {
        match self {
            Turn::Comes(row, _) | Turn::Goes(row) => row,
        }
    }

    /// Who comes and is none of the users is pending.
    fn without(&mut self, nobody: &BTreeSet<String>) {
        if let Turn::Comes(row, client) = self
            && nobody.contains(&row.value)
        {
            *row = pending(row.value.clone(), client);
        }
    }
}

fn is_value(value: &str) -> bool {
    // As it is looked for, it may be longer.
    !value.is_empty() && value.len().max(fold(value).len()) <= LONGEST_VALUE
}

fn pending(value: String, client: &ClientId) -> Row {
    Row { value, kind: MemberKind::Pending, client: Some(client.clone()) }
}
