//! What the tables consume, counted where it is asked for: by tests and benches.

use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

use super::{Table, TableNames};

/// Counts the capacity that the tables consume.
#[derive(Debug, Default)]
pub struct Meter {
    running: bool,
    usage: Mutex<[Usage; 5]>,
}

/// What was consumed of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Read capacity units.
    pub read: f64,
    /// Write capacity units.
    pub write: f64,
    /// Writes refused by their condition: each costs at least a write unit, which DynamoDB does
    /// not tell.
    pub refused: u64,
}

impl Meter {
    pub(super) fn running() -> Meter {
        Meter { running: true, ..Meter::default() }
    }

    /// What was consumed of this table since the last time it was asked.
    pub fn take(&self, table: Table) -> Usage {
        self.with(|usage| std::mem::take(&mut usage[table as usize]))
    }

    pub(super) fn asked(&self) -> Option<ReturnConsumedCapacity> {
        self.running.then_some(ReturnConsumedCapacity::Total)
    }

    pub(super) fn read<'a>(
        &self,
        names: &TableNames,
        consumed: impl IntoIterator<Item = &'a ConsumedCapacity>,
    ) {
        self.count(names, consumed, |usage, units| usage.read += units);
    }

    pub(super) fn wrote<'a>(
        &self,
        names: &TableNames,
        consumed: impl IntoIterator<Item = &'a ConsumedCapacity>,
    ) {
        self.count(names, consumed, |usage, units| usage.write += units);
    }

    pub(super) fn refused(&self, table: Table) {
        if self.running {
            self.with(|usage| usage[table as usize].refused += 1);
        }
    }

    fn count<'a>(
        &self,
        names: &TableNames,
        consumed: impl IntoIterator<Item = &'a ConsumedCapacity>,
        add: impl Fn(&mut Usage, f64),
    ) {
        for consumed in consumed {
            let name = consumed.table_name().unwrap_or_default();
            let table = Table::ALL.into_iter().find(|table| names.of(*table) == name);
            if let (Some(table), Some(units)) = (table, consumed.capacity_units()) {
                self.with(|usage| add(&mut usage[table as usize], units));
            }
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut [Usage; 5]) -> T) -> T {
        change(&mut self.usage.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
