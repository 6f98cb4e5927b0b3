//! What dry runs foresee: page by page beside the report's entries, for as long as those.

use serde::{Deserialize, Serialize};

use super::{
    Error, Table, Tables,
    item::{item, key_of, read, text, written},
};
use crate::import::{Forecast, Run, RunId};

/// How many forecasts one item holds: a row of addresses that all change weighs a few kilobytes.
const FORECASTS_AN_ITEM: usize = 50;

/// Some forecasts of a run.
pub struct ForecastPage {
    /// Who they are about, in the order of the run.
    pub forecasts: Vec<Forecast>,
    /// Where the next page begins; `None`: there are no more.
    pub next: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    forecasts: Vec<Forecast>,
}

fn partition(run: &RunId) -> String {
    format!("run#{run}")
}

impl Tables {
    /// Keeps what `run` foresees for the page that it is at; a page that comes again takes the
    /// place of the one before.
    pub async fn keep_forecasts(&self, run: &Run, forecasts: &[Forecast]) -> Result<(), Error> {
        let mut rows = Vec::new();
        for (part, forecasts) in forecasts.chunks(FORECASTS_AN_ITEM).enumerate() {
            let mut row = written(&Row { forecasts: forecasts.to_vec() })?;
            row.extend(item([
                ("pk", text(partition(&run.id))),
                ("sk", text(format!("{:08}#{part:04}", run.pages))),
            ]));
            row.extend(self.expiry(run)?);
            rows.push(row);
        }
        self.batch_put(Table::Reports, rows).await
    }

    /// What a run foresaw, `items` items of up to 50 customers from the place `after`.
    pub async fn forecasts(
        &self,
        run: &RunId,
        after: Option<&str>,
        items: i32,
    ) -> Result<ForecastPage, Error> {
        let start = after.map(|after| item([("pk", text(partition(run))), ("sk", text(after))]));
        let query = self
            .query_of(Table::Reports)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition(run)))
            .set_exclusive_start_key(start)
            .limit(items);
        let slice = self.query(query).await?;
        let next = slice.last.map(|last| key_of(&last, "sk")).transpose()?;
        let rows: Vec<Row> = slice.items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(ForecastPage { forecasts: rows.into_iter().flat_map(|row| row.forecasts).collect(), next })
    }
}
