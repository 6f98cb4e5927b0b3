//! When activations are to be looked at: a row each, in the order of time, so that what is due is
//! read without reading what is not.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Error, Table, Tables,
    item::{instant, item, key_of, text},
    notes::row_key,
    step::Step,
};
use crate::{activation::Activation, application::ApplicationId, user::UserId};

const LOOK: &str = "activation-look";

/// How many are read at a time.
const MOST_LOOKS: i32 = 100;

/// An activation that is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whose.
    pub user: UserId,
    /// Where.
    pub application: ApplicationId,
    /// When.
    pub at: Timestamp,
    /// The row's key.
    id: String,
}

impl Tables {
    /// The step that keeps when an activation is to be looked at, where it is.
    pub(super) fn look_step(
        &self,
        user: &UserId,
        application: &ApplicationId,
        activation: &Activation,
    ) -> Result<Option<Step>, Error> {
        let Some(at) = activation.look_at else { return Ok(None) };
        let id = format!("{}#{application}#{user}", instant(at));
        let (key, values) = (row_key(LOOK, &id), item([(":user", text(user.as_str()))]));
        let names = HashMap::from([("#user".to_owned(), "user".to_owned())]);
        self.update_step(Table::Settings, key, "SET #user = :user", names, values).map(Some)
    }

    /// The first activations that are to be looked at by `now`.
    pub async fn looks_due(&self, now: Timestamp) -> Result<Vec<Look>, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind AND id < :now")
            .expression_attribute_values(":kind", text(LOOK))
            // All of the instant itself are before its successor.
            .expression_attribute_values(":now", text(format!("{}$", instant(now))))
            .limit(MOST_LOOKS);
        let rows = self.query(query).await?.items;
        rows.iter().map(|row| look(key_of(row, "id")?)).collect()
    }

    /// A look was had, or is had at another time.
    pub async fn looked(&self, look: &Look) -> Result<(), Error> {
        self.forget(LOOK, &look.id).await
    }
}

fn look(id: String) -> Result<Look, Error> {
    let unreadable = || Error::unreadable("a look of nothing that is known");
    let mut parts = id.splitn(3, '#');
    let (at, application, user) = (parts.next(), parts.next(), parts.next());
    let at = at.and_then(|at| at.parse().ok()).ok_or_else(unreadable)?;
    let application = application.and_then(|id| id.parse().ok()).ok_or_else(unreadable)?;
    let user = UserId::from(user.ok_or_else(unreadable)?.to_owned());
    Ok(Look { user, application, at, id })
}
