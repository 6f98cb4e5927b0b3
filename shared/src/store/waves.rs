//! Waves: a record each, kept as long as entries of the report are, and a row of the jobs table as
//! long as there are users to go over. Counts are added to the record by whoever sends.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue::Bool;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    call::held,
    item::{Item, aliases, instant, item, key_of, number, read, text, written},
    notes::row_key,
};
use crate::{
    activation::{Wave, WaveState},
    application::ApplicationId,
    clock::random_id,
    import::RunId,
};

const PREFIX: &str = "wave#";

/// The most waves that a list gives.
const MOST_WAVES: i32 = 100;

/// How long nobody else takes up a wave that is at work.
const HELD: SignedDuration = SignedDuration::from_mins(5);

#[derive(Serialize, Deserialize)]
struct Row {
    wave: Wave,
    #[serde(flatten)]
    added: Added,
}

/// What senders count, beside what the walk writes.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Added {
    sent: u64,
    dropped: u64,
    bounced: u64,
}

/// What is counted of a wave's mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaveMails {
    /// They were sent.
    Sent,
    /// They were not sent after all.
    Dropped,
    /// They came back, or were called unwanted.
    Bounced,
}

fn record_key(id: &RunId) -> Item {
    row_key(&kind(id.application()), id.rest())
}

fn kind(application: &ApplicationId) -> String {
    format!("{PREFIX}{application}")
}

fn job_key(id: &RunId) -> Item {
    item([("subject", text(format!("{PREFIX}{id}")))])
}

fn wave(row: Item) -> Result<Wave, Error> {
    let Row { mut wave, added } = read(row)?;
    wave.counts.sent = added.sent;
    wave.counts.dropped = added.dropped;
    wave.counts.bounced = added.bounced;
    Ok(wave)
}

impl Tables {
    /// Begins a wave, or begins one again that stopped: who was sent a mail of it gets no second.
    pub async fn begin_wave(&self, wave: &Wave) -> Result<(), Error> {
        let now = self.clock.now();
        let expires = wave.begun_at.checked_add(self.retention).map_err(Error::rejected)?;
        let wave = Wave { token: random_id(), ..wave.clone() };
        let added = Added { sent: wave.counts.sent, dropped: 0, bounced: wave.counts.bounced };
        let id = wave.id.clone();
        let mut row = written(&Row { wave, added })?;
        row.extend(record_key(&id));
        row.extend(item([("expiresAt", number(expires.as_second()))]));
        // Who is cut off between the two has begun nothing: the caller is told so.
        self.put(Table::Settings, self.client.put_item().set_item(Some(row))).await?;
        let update = self
            .client
            .update_item()
            .set_key(Some(job_key(&id)))
            .update_expression("SET #token = :token, dueAt = :now, waiting = :waiting, dead = :dead")
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .set_expression_attribute_values(Some(item([
                (":token", text(random_id())),
                (":now", text(instant(now))),
                (":waiting", Bool(true)),
                (":dead", Bool(false)),
            ])));
        self.update(Table::Jobs, update).await.map(drop)
    }

    /// The wave of this identifier.
    pub async fn wave(&self, id: &RunId) -> Result<Option<Wave>, Error> {
        self.get(Table::Settings, record_key(id)).await?.map(wave).transpose()
    }

    /// The last waves of an application, newest first.
    pub async fn waves(&self, application: &ApplicationId, limit: i32) -> Result<Vec<Wave>, Error> {
        let query = self
            .query_of(Table::Settings)
            .key_condition_expression("kind = :kind")
            .expression_attribute_values(":kind", text(kind(application)))
            .scan_index_forward(false)
            .limit(limit.clamp(1, MOST_WAVES));
        self.query(query).await?.items.into_iter().map(wave).collect()
    }

    /// Writes a wave over what was read, counts of mails left alone: as written, or `None` where
    /// somebody wrote it meanwhile.
    pub async fn put_wave(&self, before: &Wave, after: &Wave) -> Result<Option<Wave>, Error> {
        let after = Wave { token: random_id(), ..after.clone() };
        let mut values = written(&serde_json::json!({ ":wave": after }))?;
        values.insert(":token".to_owned(), text(&before.token));
        let update = self
            .client
            .update_item()
            .set_key(Some(record_key(&before.id)))
            .update_expression("SET wave = :wave")
            .condition_expression("wave.#token = :token")
            .set_expression_attribute_names(Some(aliases(&["token"])))
            .set_expression_attribute_values(Some(values));
        Ok(held(self.update(Table::Settings, update).await)?.then_some(after))
    }

    /// Sets whether a wave goes on, whoever is at it; `None` where there is none.
    pub async fn set_wave(&self, id: &RunId, state: WaveState, detail: &str) -> Result<Option<Wave>, Error> {
        loop {
            let Some(before) = self.wave(id).await? else { return Ok(None) };
            let after = Wave { state, detail: detail.to_owned(), ..before.clone() };
            if let Some(wave) = self.put_wave(&before, &after).await? {
                return Ok(Some(wave));
            }
        }
    }

    /// Counts mails of a wave.
    pub async fn count_wave(&self, id: &RunId, what: WaveMails, mails: u64) -> Result<(), Error> {
        let name = match what {
            WaveMails::Sent => "sent",
            WaveMails::Dropped => "dropped",
            WaveMails::Bounced => "bounced",
        };
        let update = self
            .client
            .update_item()
            .set_key(Some(record_key(id)))
            .update_expression("ADD #count :mails")
            // A record whose time is over is not to be made again.
            .condition_expression("attribute_exists(wave)")
            .expression_attribute_names("#count", name)
            .expression_attribute_values(":mails", number(mails));
        held(self.update(Table::Settings, update).await).map(drop)
    }

    /// The waves that have users left to go over and that nobody is at.
    pub async fn waves_due(&self, now: Timestamp) -> Result<Vec<RunId>, Error> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let scan = self
                .client
                .scan()
                .table_name(self.name(Table::Jobs))
                .filter_expression("begins_with(subject, :waves) AND dueAt <= :now")
                .projection_expression("subject")
                .expression_attribute_values(":waves", text(PREFIX))
                .expression_attribute_values(":now", text(instant(now)))
                .set_exclusive_start_key(after);
            let slice = self.scan(scan).await?;
            for row in &slice.items {
                let subject = key_of(row, "subject")?;
                found.extend(subject.strip_prefix(PREFIX).and_then(|id| id.parse().ok()));
            }
            match slice.last {
                Some(last) => after = Some(last),
                None => return Ok(found),
            }
        }
    }

    /// Has a wave at work for a while: `false` where somebody else has it, or it is walked.
    pub async fn hold_wave(&self, id: &RunId, now: Timestamp) -> Result<bool, Error> {
        let until = now.checked_add(HELD).map_err(Error::rejected)?;
        let update = self
            .client
            .update_item()
            .set_key(Some(job_key(id)))
            .update_expression("SET dueAt = :until, waiting = :waiting")
            .condition_expression("attribute_exists(subject) AND dueAt <= :now")
            .expression_attribute_values(":until", text(instant(until)))
            .expression_attribute_values(":waiting", Bool(false))
            .expression_attribute_values(":now", text(instant(now)));
        held(self.update(Table::Jobs, update).await)
    }

    /// A wave goes on with another call.
    pub async fn hand_back_wave(&self, id: &RunId) -> Result<(), Error> {
        let update = self
            .client
            .update_item()
            .set_key(Some(job_key(id)))
            .update_expression("SET dueAt = :now")
            .condition_expression("attribute_exists(subject)")
            .expression_attribute_values(":now", text(instant(self.clock.now())));
        held(self.update(Table::Jobs, update).await).map(drop)
    }

    /// A wave has no users left to go over.
    pub async fn finish_wave(&self, id: &RunId) -> Result<(), Error> {
        let delete = self.client.delete_item().set_key(Some(job_key(id)));
        self.delete(Table::Jobs, delete).await.map(drop)
    }

    /// The states of these waves; those that are no more are left out.
    pub async fn wave_states(&self, ids: &[RunId]) -> Result<BTreeMap<RunId, WaveState>, Error> {
        let keys: BTreeMap<&RunId, Item> = ids.iter().map(|id| (id, record_key(id))).collect();
        let rows = self.batch_get(Table::Settings, keys.into_values().collect()).await?;
        let waves = rows.into_iter().map(|row| wave(row).map(|wave| (wave.id, wave.state)));
        waves.collect()
    }
}
