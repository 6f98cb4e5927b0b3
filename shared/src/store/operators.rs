//! Operators of the console and their sessions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, number, text, written},
    notes::row_key,
    token_hash,
};
use crate::{
    amendment::Amendment,
    operator::{Operator, Role, Session},
    secret::{EmailAddress, Secret},
};

const OPERATOR: &str = "operator";
const SESSION: &str = "session";

#[derive(Serialize, Deserialize)]
struct Row {
    operator: Operator,
}

impl Tables {
    /// Lets an operator in, or changes what they may do.
    pub async fn put_operator(&self, operator: &Operator, amendment: &Amendment) -> Result<(), Error> {
        let row = Row { operator: operator.clone() };
        self.remember_with(OPERATOR, &operator.email.folded(), &row, amendment).await
    }

    /// The operator with this e-mail address.
    pub async fn operator(&self, email: &EmailAddress) -> Result<Option<Operator>, Error> {
        let row: Option<Row> = self.recall(OPERATOR, &email.folded()).await?;
        Ok(row.map(|row| row.operator))
    }

    /// All operators, in the order of their addresses.
    pub async fn operators(&self) -> Result<Vec<Operator>, Error> {
        let rows: Vec<Row> = self.recall_all(OPERATOR).await?;
        Ok(rows.into_iter().map(|row| row.operator).collect())
    }

    /// Lets an operator in no more; their sessions open nothing from then on.
    pub async fn remove_operator(&self, email: &EmailAddress, amendment: &Amendment) -> Result<(), Error> {
        self.forget_with(OPERATOR, &email.folded(), amendment).await
    }

    /// Sees that there is an owner: `email`, unless there is one already.
    pub async fn seed_owner(&self, email: &EmailAddress) -> Result<(), Error> {
        if self.operators().await?.iter().any(|operator| operator.role == Role::Owner) {
            return Ok(());
        }
        let now = self.clock.now();
        let added_by = "the deployment".to_owned();
        let owner = Operator { email: email.clone(), role: Role::Owner, added_at: now, added_by };
        let what = format!("operator {}", email.as_str());
        let amendment =
            Amendment::new(&owner.added_by, what, &Value::Null, &json!({ "role": owner.role }), now);
        self.put_operator(&owner, &amendment).await
    }

    /// Keeps the session that `token` opens; the token itself is kept nowhere.
    pub async fn put_session(&self, token: &Secret, session: &Session) -> Result<(), Error> {
        let key = row_key(SESSION, &token_hash(token.expose()));
        let mut row: Item = written(session)?.into_iter().chain(key).collect();
        row.insert("expiresAt".to_owned(), number(session.ends().as_second()));
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await
    }

    /// The session that `token` opens, if it has not ended by `now`.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, Error> {
        let session: Option<Session> = self.recall(SESSION, &token_hash(token)).await?;
        Ok(session.filter(|session| session.is_valid(now)))
    }

    /// Notes that the session is used; one that was ended meanwhile stays so.
    pub async fn touch_session(&self, token: &str, session: &Session, now: Timestamp) -> Result<(), Error> {
        let session = Session { seen: now, ..session.clone() };
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(SESSION, &token_hash(token))))
            .update_expression("SET seen = :now, expiresAt = :ends")
            .condition_expression("attribute_exists(kind)")
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":ends", number(session.ends().as_second()));
        held(self.update(Table::Settings, update).await).map(drop)
    }

    /// Ends the session that `token` opens.
    pub async fn end_session(&self, token: &str) -> Result<(), Error> {
        self.forget(SESSION, &token_hash(token)).await
    }
}
