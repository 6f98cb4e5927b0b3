//! Activations: a row a user and application, and how many there are in each state, kept in the
//! same transaction and never counted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Error, Table, Tables,
    item::{Item, aliases, item, key_of, number, read, text, written},
    notes::row_key,
    step::{Change, Step as Write},
};
use crate::{
    activation::{Activation, ActivationState, Step},
    application::ApplicationId,
    user::UserId,
};

/// How often a change is tried again that somebody else came before.
const MOST_ATTEMPTS: u32 = 6;

const LARGEST_PAGE: i32 = 200;

const TALLIES: &str = "activation-tallies";

#[derive(Default, Deserialize)]
struct Row {
    #[serde(default)]
    activation: Activation,
    #[serde(default)]
    version: u64,
}

/// Some activations of an application, in the order of the users' identifiers.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivationPage {
    /// Those that were wanted; there may be none while more follow, as a page reads a bounded amount.
    pub activations: Vec<(UserId, Activation)>,
    /// The user after whom the next page begins; `None`: there are no more.
    pub next: Option<UserId>,
}

fn kind(application: &ApplicationId) -> String {
    format!("activation#{application}")
}

/// The tallies lie in 16 rows, by the users' first digits: many change at once.
fn tallies_key(application: &ApplicationId, user: &UserId) -> Item {
    let digit = user.as_str().chars().next().unwrap_or('0');
    row_key(TALLIES, &format!("{application}#{digit}"))
}

fn with_user(row: Item) -> Result<(UserId, Activation), Error> {
    let user = UserId::from(key_of(&row, "id")?);
    Ok((user, read::<Row>(row)?.activation))
}

impl Tables {
    /// A user's activation at an application; where nothing ever happened, the default.
    pub async fn activation(&self, user: &UserId, application: &ApplicationId) -> Result<Activation, Error> {
        Ok(self.activation_row(user, application).await?.activation)
    }

    async fn activation_row(&self, user: &UserId, application: &ApplicationId) -> Result<Row, Error> {
        let row = self.get(Table::Settings, row_key(&kind(application), user.as_str())).await?;
        row.map(read).transpose().map(Option::unwrap_or_default)
    }

    /// The activations of these users at an application; who never had one is left out.
    pub async fn activations_of(
        &self,
        application: &ApplicationId,
        users: &[UserId],
    ) -> Result<BTreeMap<UserId, Activation>, Error> {
        let users: BTreeSet<&UserId> = users.iter().collect();
        let kind = kind(application);
        let keys = users.into_iter().map(|user| row_key(&kind, user.as_str())).collect();
        self.batch_get(Table::Settings, keys).await?.into_iter().map(with_user).collect()
    }

    /// Moves an activation on; gives it as it is then, and `None` where the step changes nothing.
    pub async fn set_activation(
        &self,
        user: &UserId,
        application: &ApplicationId,
        step: &Step,
        now: Timestamp,
    ) -> Result<Option<Activation>, Error> {
        for _ in 0..MOST_ATTEMPTS {
            let before = self.activation_row(user, application).await?;
            let Some(after) = before.activation.after(step, now) else { return Ok(None) };
            match self.transact(self.activation_steps(user, application, &before, &after)?).await {
                Ok(()) => return Ok(Some(after)),
                Err(Error::Moved) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Moved)
    }

    fn activation_steps(
        &self,
        user: &UserId,
        application: &ApplicationId,
        before: &Row,
        after: &Activation,
    ) -> Result<Vec<Write>, Error> {
        let mut values = written(&serde_json::json!({ ":activation": after }))?;
        values.extend(item([(":read", number(before.version)), (":next", number(before.version + 1))]));
        let written = self.change_step(Change {
            table: Table::Settings,
            key: row_key(&kind(application), user.as_str()),
            expression: "SET activation = :activation, #version = :next",
            condition: Some("attribute_not_exists(#version) OR #version = :read"),
            names: aliases(&["version"]),
            values,
        })?;
        let mut steps = vec![written];
        steps.extend(self.tally_step(user, application, before, after)?);
        if before.activation.look_at != after.look_at {
            steps.extend(self.look_step(user, application, after)?);
        }
        Ok(steps)
    }

    fn tally_step(
        &self,
        user: &UserId,
        application: &ApplicationId,
        before: &Row,
        after: &Activation,
    ) -> Result<Option<Write>, Error> {
        let left = (before.version > 0).then_some(before.activation.state);
        if left == Some(after.state) {
            return Ok(None);
        }
        let mut names = aliases(&[after.state.as_str()]);
        let mut values = item([(":one", number(1))]);
        let mut expression = format!("ADD #{} :one", after.state.as_str());
        if let Some(left) = left {
            names.extend(aliases(&[left.as_str()]));
            values.extend(item([(":less", number(-1))]));
            expression.push_str(&format!(", #{} :less", left.as_str()));
        }
        let key = tallies_key(application, user);
        self.update_step(Table::Settings, key, &expression, names, values).map(Some)
    }

    /// How many users of an application are in each state; those who never had a mail are not
    /// counted, and neither is a link counted as expired before it is looked at.
    pub async fn activation_tallies(
        &self,
        application: &ApplicationId,
    ) -> Result<BTreeMap<ActivationState, u64>, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind AND begins_with(id, :application)")
            .expression_attribute_values(":kind", text(TALLIES))
            .expression_attribute_values(":application", text(format!("{application}#")));
        let mut tallies: BTreeMap<ActivationState, i64> = BTreeMap::new();
        for row in self.query_all(query).await? {
            for state in ActivationState::ALL {
                let count = row.get(state.as_str()).and_then(|count| count.as_n().ok()?.parse().ok());
                *tallies.entry(state).or_default() += count.unwrap_or(0_i64);
            }
        }
        let known =
            tallies.into_iter().filter_map(|(state, count)| Some((state, u64::try_from(count).ok()?)));
        Ok(known.collect())
    }

    /// A page of the activations of an application, only those in `state` if one is given.
    pub async fn activations(
        &self,
        application: &ApplicationId,
        state: Option<ActivationState>,
        after: Option<&UserId>,
        limit: i32,
    ) -> Result<ActivationPage, Error> {
        let kind = kind(application);
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(&kind))
            .set_exclusive_start_key(after.map(|user| row_key(&kind, user.as_str())))
            .limit(limit.clamp(1, LARGEST_PAGE));
        let query = match state {
            None => query,
            Some(state) => query
                .filter_expression("activation.#state = :state")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":state", text(state.as_str())),
        };
        let slice = self.query(query).await?;
        let activations = slice.items.into_iter().map(with_user).collect::<Result<_, _>>()?;
        let next = slice.last.map(|last| key_of(&last, "id")).transpose()?;
        Ok(ActivationPage { activations, next: next.map(UserId::from) })
    }
}
