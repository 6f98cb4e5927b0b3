//! Attention: a row for each thing that only a person can decide.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Also, Error, Reservation, Table, Tables,
    call::held,
    item::{Item, instant, item, read, text, written},
};
use crate::{
    application::ApplicationId,
    report::{Attention, AttentionKind, attention_id},
    work::Subject,
};

const LARGEST_PAGE: i32 = 100;

/// How many who wait are woken in one transaction, which has 100 steps at most.
const MOST_WOKEN: usize = 50;

/// Some of what asks for a person, in the order of its keys.
#[derive(Clone, PartialEq)]
pub struct AttentionPage {
    /// What asks.
    pub attention: Vec<Attention>,
    /// The key after which the next page begins; `None`: there is no more.
    pub next: Option<String>,
}

/// Attention as it lies in the table, where `kind` is the key of the table.
#[derive(Deserialize)]
struct Row {
    about: String,
    matter: AttentionKind,
    application: ApplicationId,
    since: Timestamp,
    detail: String,
    #[serde(default)]
    waiting: Vec<Subject>,
}

fn row_key(id: &str) -> Item {
    item([("kind", text("attention")), ("id", text(id))])
}

fn attention(row: Item) -> Result<Attention, Error> {
    let Row { about, matter: kind, application, since, detail, waiting } = read(row)?;
    Ok(Attention { about, kind, application, since, detail, waiting })
}

impl Tables {
    /// Asks for a person; gives whether nobody had asked about it before. Asked again, it keeps
    /// its `since`, its detail is the latest, and who waits for it are all who ever asked.
    pub async fn raise(&self, attention: &Attention) -> Result<bool, Error> {
        let mut values = item([
            (":about", text(&attention.about)),
            (":application", text(attention.application.as_str())),
            (":since", text(instant(attention.since))),
            (":detail", text(&attention.detail)),
        ]);
        values.extend(written(&serde_json::json!({ ":matter": attention.kind }))?);
        let mut expression = "SET about = :about, matter = :matter, application = :application, \
            detail = :detail, since = if_not_exists(since, :since)"
            .to_owned();
        // A set merges by itself, however many ask at once; DynamoDB knows no empty set.
        if !attention.waiting.is_empty() {
            let waiting: BTreeSet<String> = attention.waiting.iter().map(Subject::to_string).collect();
            values.insert(":waiting".to_owned(), AttributeValue::Ss(waiting.into_iter().collect()));
            expression.push_str(" ADD waiting :waiting");
        }
        let update = self
            .client
            .update_item()
            .set_key(Some(row_key(&attention.id())))
            .update_expression(expression)
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::AllOld);
        let before = self.update(Table::Settings, update).await?;
        Ok(before.is_none_or(|before| !before.contains_key("since")))
    }

    /// Ends what was asked about `about`, and gives it: who waits is to be looked at again.
    pub async fn settle_attention(
        &self,
        kind: AttentionKind,
        about: &str,
    ) -> Result<Option<Attention>, Error> {
        let delete = self
            .client
            .delete_item()
            .set_key(Some(row_key(&attention_id(kind, about))))
            .return_values(ReturnValue::AllOld);
        self.delete(Table::Settings, delete).await?.filter(|row| !row.is_empty()).map(attention).transpose()
    }

    /// These subjects wait no longer; what nobody waits for any more is over.
    pub async fn withdraw(
        &self,
        kind: AttentionKind,
        about: &str,
        subjects: &BTreeSet<Subject>,
    ) -> Result<(), Error> {
        let key = row_key(&attention_id(kind, about));
        let subjects = subjects.iter().map(Subject::to_string).collect();
        let update = self
            .client
            .update_item()
            .set_key(Some(key.clone()))
            .update_expression("DELETE waiting :gone")
            .condition_expression("attribute_exists(since)")
            .expression_attribute_values(":gone", AttributeValue::Ss(subjects));
        if held(self.update(Table::Settings, update).await)? {
            let delete = self.client.delete_item().set_key(Some(key));
            let delete = delete.condition_expression("attribute_not_exists(waiting)");
            held(self.delete(Table::Settings, delete).await)?;
        }
        Ok(())
    }

    /// `also`, and that whoever waits for a value that is set free is looked at again.
    pub(super) async fn and_who_waits(
        &self,
        released: &[Reservation],
        also: &[Also],
    ) -> Result<Vec<Also>, Error> {
        let mut also = also.to_vec();
        if released.is_empty() {
            return Ok(also);
        }
        let keys: Vec<_> = released.iter().map(|value| (AttentionKind::Taken, value.key())).collect();
        let waiting = self.attentions(&keys).await?.into_iter().flat_map(|asked| asked.waiting);
        // Who is beyond what a transaction takes is woken by the one who then takes the value.
        also.extend(waiting.take(MOST_WOKEN).map(|subject| Also::Work {
            subject,
            cause: "released".to_owned(),
            asked_at: self.clock.now(),
        }));
        Ok(also)
    }

    /// What is asked about these, in no order; what nobody asked about is left out.
    pub async fn attentions(&self, ids: &[(AttentionKind, String)]) -> Result<Vec<Attention>, Error> {
        let ids: BTreeSet<String> = ids.iter().map(|(kind, about)| attention_id(*kind, about)).collect();
        let rows = self.batch_get(Table::Settings, ids.iter().map(|id| row_key(id)).collect()).await?;
        rows.into_iter().map(attention).collect()
    }

    /// How many things of a kind ask for a person; a hundred stands for more.
    pub async fn count_attention(&self, kind: AttentionKind) -> Result<usize, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind AND begins_with(id, :prefix)")
            .expression_attribute_values(":kind", text("attention"))
            .expression_attribute_values(":prefix", text(attention_id(kind, "")))
            .limit(LARGEST_PAGE);
        Ok(self.query(query).await?.items.len())
    }

    /// A page of everything that asks for a person, from the key after `after`.
    pub async fn all_attention(&self, after: Option<&str>, limit: usize) -> Result<AttentionPage, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text("attention"))
            .set_exclusive_start_key(after.map(row_key))
            .limit(i32::try_from(limit).unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE));
        let slice = self.query(query).await?;
        let attention: Vec<_> = slice.items.into_iter().map(attention).collect::<Result<_, _>>()?;
        let next = slice.last.and_then(|_| attention.last().map(Attention::id));
        Ok(AttentionPage { attention, next })
    }
}
