//! Mappings as they are worked on: a draft an application, and what was live before, with who made it
//! live. The live one lies with the application.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    item::{item, number, read, text, written},
    notes::row_key,
    step::{Change, Condition, Refusal},
};
use crate::{
    amendment::Amendment,
    application::{Application, ApplicationId},
    mapping::Mapping,
};

const DRAFT: &str = "mapping-draft";
const VERSION: &str = "mapping";

/// How many versions of a mapping are kept.
pub const MOST_VERSIONS: u64 = 100;

/// A mapping that is worked on and not live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// As it would be.
    pub mapping: Mapping,
    /// Who wrote it last.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Grows by one with each write: the condition of the next.
    pub revision: u64,
}

/// A mapping that is or was live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingVersion {
    /// From 1 on.
    pub number: u64,
    /// As it is or was.
    pub mapping: Mapping,
    /// Who made it live.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, in the words of who made it live.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

fn version_id(application: &ApplicationId, number: u64) -> String {
    format!("{application}#{number:08}")
}

/// What the log of changes tells: the rules in words, by what they are about.
fn amendment(application: &Application, version: &MappingVersion) -> Amendment {
    let told = |mapping: &Mapping| serde_json::json!(mapping.in_words());
    let what = format!("attribute mapping of {}", application.id);
    Amendment::new(&version.by, what, &told(&application.mapping), &told(&version.mapping), version.at)
}

impl Tables {
    /// The draft of the application's mapping.
    pub async fn mapping_draft(&self, application: &ApplicationId) -> Result<Option<Draft>, Error> {
        self.recall(DRAFT, application.as_str()).await
    }

    /// Writes a draft over the one of the revision before its own; of revision 1: where there is none.
    ///
    /// # Errors
    /// [`Error::Moved`] when somebody else wrote it since it was read.
    pub async fn put_mapping_draft(&self, application: &ApplicationId, draft: &Draft) -> Result<(), Error> {
        let row = written(draft)?.into_iter().chain(row_key(DRAFT, application.as_str())).collect();
        let put = self.client.put_item().set_item(Some(row));
        let put = match draft.revision {
            0 | 1 => put.condition_expression("attribute_not_exists(revision)"),
            revision => put
                .condition_expression("revision = :before")
                .expression_attribute_values(":before", number(revision - 1)),
        };
        self.put(Table::Settings, put).await
    }

    /// Takes the draft away, if there is one.
    pub async fn drop_mapping_draft(&self, application: &ApplicationId) -> Result<(), Error> {
        self.forget(DRAFT, application.as_str()).await
    }

    /// What is and was live, newest first, before version `before`.
    pub async fn mapping_versions(
        &self,
        application: &ApplicationId,
        before: Option<u64>,
        limit: i32,
    ) -> Result<Vec<MappingVersion>, Error> {
        let before = before.unwrap_or(u64::from(u32::MAX)).saturating_sub(1).min(99_999_999);
        let query = self
            .query_of(Table::Settings)
            .consistent_read(true)
            .key_condition_expression("kind = :kind AND id BETWEEN :first AND :last")
            .set_expression_attribute_values(Some(item([
                (":kind", text(VERSION)),
                (":first", text(version_id(application, 0))),
                (":last", text(version_id(application, before))),
            ])))
            .scan_index_forward(false)
            .limit(limit.clamp(1, 100));
        self.query(query).await?.items.into_iter().map(read).collect()
    }

    /// The version of this number, as long as it is kept.
    pub async fn mapping_version(
        &self,
        application: &ApplicationId,
        number: u64,
    ) -> Result<Option<MappingVersion>, Error> {
        self.recall(VERSION, &version_id(application, number)).await
    }

    /// Makes `mapping` live and takes the draft away; where the customers say whose they are stays as
    /// it is. With the first version, the mapping before it is kept as well.
    ///
    /// # Errors
    /// [`Error::Moved`] when another mapping became live since `latest` was the number of the
    /// newest version (0: there was none), or the application is gone.
    pub async fn publish_mapping(
        &self,
        application: &Application,
        mapping: &Mapping,
        latest: u64,
        by: &str,
        note: &str,
    ) -> Result<MappingVersion, Error> {
        let at = self.clock.now();
        let mapping = Mapping { identity: application.mapping.identity.clone(), ..mapping.clone() };
        let mut steps = Vec::new();
        let mut before = latest;
        if latest == 0 {
            let (mapping, by) = (application.mapping.clone(), by.to_owned());
            let note = "What was live before the first change here.".to_owned();
            let first = MappingVersion { number: 1, mapping, by, at, note };
            steps.push(self.version_step(&application.id, &first)?);
            before = 1;
        }
        let (by, note) = (by.to_owned(), note.to_owned());
        let version = MappingVersion { number: before + 1, mapping, by, at, note };
        steps.push(self.version_step(&application.id, &version)?);
        steps.push(self.change_step(Change {
            table: Table::Settings,
            key: row_key("application", application.id.as_str()),
            expression: "SET mapping = :mapping",
            condition: Some("attribute_exists(id)"),
            names: Default::default(),
            values: written(&serde_json::json!({ ":mapping": version.mapping }))?,
        })?);
        steps.push(self.delete_any_step(Table::Settings, row_key(DRAFT, application.id.as_str()))?);
        steps.push(self.amendment_step(&amendment(application, &version))?);
        if let Some(old) = version.number.checked_sub(MOST_VERSIONS).filter(|old| *old > 0) {
            let key = row_key(VERSION, &version_id(&application.id, old));
            steps.push(self.delete_any_step(Table::Settings, key)?);
        }
        self.transact(steps).await?;
        Ok(version)
    }

    fn version_step(
        &self,
        application: &ApplicationId,
        version: &MappingVersion,
    ) -> Result<super::step::Step, Error> {
        let key = row_key(VERSION, &version_id(application, version.number));
        let row = written(version)?.into_iter().chain(key).collect();
        self.put_step(Table::Settings, row, Some(Condition::Unset), Refusal::Moved)
    }
}
