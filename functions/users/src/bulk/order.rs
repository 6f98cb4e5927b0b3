//! In which order operations are carried out: as they were sent, but after what they refer to.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::Value;

use super::{
    operation::Operation,
    references::{resolved, resolved_in},
};
use crate::refusal::Refusal;

/// What is still to be carried out, and what was created so far.
pub(super) struct Order<'a> {
    waiting: Vec<Waiting<'a>>,
    /// What the names of operations stand for.
    created: BTreeMap<&'a str, String>,
    names: Vec<Option<&'a str>>,
}

struct Waiting<'a> {
    place: usize,
    /// The names of the operations to come before, as far as they are still to be carried out.
    after: BTreeSet<&'a str>,
    turn: Option<String>,
}

impl<'a> Order<'a> {
    pub(super) fn of(operations: &[Operation<'a>]) -> Order<'a> {
        let names: Vec<Option<&str>> = operations.iter().map(|operation| operation.name).collect();
        let known: BTreeSet<&str> = names.iter().flatten().copied().collect();
        let waiting = operations.iter().enumerate().map(|(place, operation)| Waiting {
            place,
            after: operation.references().into_iter().filter(|name| known.contains(name)).collect(),
            turn: operation.turn(),
        });
        Order { waiting: waiting.collect(), created: BTreeMap::new(), names }
    }

    /// The next ones, at most `most`, that can be under way at once. When all wait for one another,
    /// the first of them, which finds out that what it refers to is not there.
    pub(super) fn next(&mut self, most: usize) -> Vec<usize> {
        let mut turns = BTreeSet::new();
        let mut next = Vec::new();
        for waiting in &self.waiting {
            let first = waiting.turn.as_ref().is_none_or(|turn| turns.insert(turn.clone()));
            if first && waiting.after.is_empty() && next.len() < most {
                next.push(waiting.place);
            }
        }
        if next.is_empty() {
            next.extend(self.waiting.first().map(|waiting| waiting.place));
        }
        self.waiting.retain(|waiting| !next.contains(&waiting.place));
        next
    }

    /// Notes that an operation is done, and the identifier of what it created.
    pub(super) fn finished(&mut self, place: usize, created: Option<String>) {
        let Some(name) = self.names[place] else { return };
        self.waiting.iter_mut().for_each(|waiting| {
            waiting.after.remove(name);
        });
        if let Some(created) = created {
            self.created.insert(name, created);
        }
    }

    /// The data of an operation with what each reference stands for.
    pub(super) fn resolved(&self, data: &'a Value) -> Result<Cow<'a, Value>, Refusal> {
        self.check(super::references::named(data))?;
        Ok(if self.created.is_empty() {
            Cow::Borrowed(data)
        } else {
            Cow::Owned(resolved(data, &self.created))
        })
    }

    /// A part of an address with what its references stand for.
    pub(super) fn resolved_text(&self, text: &str) -> Result<String, Refusal> {
        self.check(super::references::named_in(text))?;
        Ok(resolved_in(text, &self.created))
    }

    fn check(&self, names: Vec<&str>) -> Result<(), Refusal> {
        match names.iter().all(|name| self.created.contains_key(name)) {
            true => Ok(()),
            false => Err(Refusal::unresolved()),
        }
    }
}
