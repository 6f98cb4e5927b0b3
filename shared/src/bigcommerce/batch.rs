//! Writes of ten rows that the store takes or refuses whole: which rows to send next, until each has
//! an outcome of its own. Pure.

use std::collections::HashSet;

use super::{
    blame::{named, refusal},
    error::{Error, Reasons},
};

/// More rows in one request are refused (413).
pub(super) const ROWS: usize = 10;

/// How a row is told from the others.
pub(super) struct Row {
    /// No two rows of one key are sent in one request.
    pub(super) key: String,
    /// The folded e-mail address by which the store's errors may name the row.
    pub(super) email: Option<String>,
}

/// Rows to be sent in one request, by their positions among all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) rows: Vec<usize>,
    /// Sent before, and the answer was lost: a refusal may be of what was done then.
    pub(super) in_doubt: bool,
}

impl Batch {
    fn fresh(rows: Vec<usize>) -> Batch {
        Batch { rows, in_doubt: false }
    }

    /// The rows to send, of `all`.
    pub(super) fn of<'a, T>(&'a self, all: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.rows.iter().map(|&row| &all[row])
    }
}

/// The rows that wait, and the outcomes of those that were sent.
pub(super) struct Batches<T> {
    rows: Vec<Row>,
    waiting: Vec<Batch>,
    outcomes: Vec<Option<Result<T, Error>>>,
}

impl<T> Batches<T> {
    pub(super) fn new(rows: impl IntoIterator<Item = Row>) -> Batches<T> {
        let rows: Vec<Row> = rows.into_iter().collect();
        let outcomes = rows.iter().map(|_| None).collect();
        let waiting = distinct(&rows).into_iter().rev().map(Batch::fresh).collect();
        Batches { rows, waiting, outcomes }
    }

    /// What to send next.
    pub(super) fn take(&mut self) -> Option<Batch> {
        self.waiting.pop()
    }

    /// Puts `batch` before all that waits.
    pub(super) fn put_back(&mut self, batch: Batch) {
        if !batch.rows.is_empty() {
            self.waiting.push(batch);
        }
    }

    pub(super) fn settle(&mut self, row: usize, outcome: Result<T, Error>) {
        self.outcomes[row] = Some(outcome);
    }

    /// Settles each row of `batch` that `found` has a value for; the others are returned.
    pub(super) fn settle_found(
        &mut self,
        batch: Batch,
        mut found: impl FnMut(usize, &Row) -> Option<T>,
    ) -> Batch {
        let (mut rest, rows) = (Vec::new(), batch.rows);
        for row in rows {
            match found(row, &self.rows[row]) {
                Some(value) => self.outcomes[row] = Some(Ok(value)),
                None => rest.push(row),
            }
        }
        Batch { rows: rest, ..batch }
    }

    pub(super) fn settle_all(&mut self, batch: &Batch, error: &Error) {
        for &row in &batch.rows {
            self.outcomes[row] = Some(Err(error.clone()));
        }
    }

    /// Nothing more is tried on `batch`, nor on what waits when the error is not of these rows.
    pub(super) fn give_up(&mut self, batch: &Batch, error: &Error) {
        self.settle_all(batch, error);
        if error.concerns_the_store() {
            while let Some(batch) = self.take() {
                self.settle_all(&batch, error);
            }
        }
    }

    /// The store took none of `batch`. A refusal is of a row that it names, or else the batch is halved.
    pub(super) fn failed(&mut self, batch: Batch, error: &Error) {
        match error {
            Error::Refused { status, title, errors } => self.refused(batch.rows, *status, title, errors),
            _ => self.give_up(&batch, error),
        }
    }

    fn refused(&mut self, rows: Vec<usize>, status: u16, title: &str, errors: &Reasons) {
        let sent: Vec<&Row> = rows.iter().map(|&row| &self.rows[row]).collect();
        let named = named(&sent, title, errors);
        if named.is_empty() && rows.len() > 1 {
            let (left, right) = rows.split_at(rows.len() / 2);
            self.put_back(Batch::fresh(right.to_vec()));
            return self.put_back(Batch::fresh(left.to_vec()));
        }
        let alone = rows.len() == 1;
        let mut rest = Vec::new();
        for (position, row) in rows.into_iter().enumerate() {
            match named.get(&position) {
                Some(named) => self.settle(row, Err(refusal(status, title, named))),
                None if alone => self.settle(row, Err(refusal(status, title, errors))),
                None => rest.push(row),
            }
        }
        self.put_back(Batch::fresh(rest));
    }

    /// The outcomes in the order of the rows.
    ///
    /// # Errors
    /// When nothing was even tried on any row: what stopped the first of them.
    pub(super) fn finish(self) -> Result<Vec<Result<T, Error>>, Error> {
        let outcomes: Vec<_> =
            self.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(Error::Unconfirmed))).collect();
        let told = |outcome: &Result<T, Error>| {
            matches!(outcome, Ok(_) | Err(Error::Refused { .. } | Error::NotFound | Error::Unconfirmed))
        };
        match outcomes.first() {
            Some(Err(error)) if !outcomes.iter().any(told) => Err(error.clone()),
            _ => Ok(outcomes),
        }
    }
}

/// The rows in order, ten a batch, no key twice in one.
fn distinct(rows: &[Row]) -> Vec<Vec<usize>> {
    let (mut batches, mut keys) = (vec![Vec::new()], HashSet::new());
    for (position, row) in rows.iter().enumerate() {
        let full = batches.last().is_some_and(|batch: &Vec<usize>| batch.len() == ROWS);
        if full || keys.contains(row.key.as_str()) {
            batches.push(Vec::new());
            keys.clear();
        }
        keys.insert(row.key.as_str());
        batches.last_mut().into_iter().for_each(|batch| batch.push(position));
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<Row> {
        (0..count).map(|n| Row { key: n.to_string(), email: Some(format!("p{n}@x.example")) }).collect()
    }

    fn refused(errors: &[(&str, &str)]) -> Error {
        let errors = errors.iter().map(|(about, words)| ((*about).to_owned(), (*words).to_owned())).collect();
        Error::Refused { status: 422, title: "Create customers failed.".to_owned(), errors }
    }

    /// A store that refuses a batch whole for one bad row, and how often it was asked.
    fn run(count: usize, bad: &[usize], explain: impl Fn(usize, usize) -> Error) -> (Vec<bool>, usize) {
        let (mut work, mut calls) = (Batches::new(rows(count)), 0);
        while let Some(batch) = work.take() {
            calls += 1;
            match batch.rows.iter().position(|row| bad.contains(row)) {
                Some(position) => {
                    let error = explain(position, batch.rows[position]);
                    work.failed(batch, &error);
                }
                None => assert!(work.settle_found(batch, |_, _| Some(())).rows.is_empty()),
            }
        }
        (work.finish().unwrap().iter().map(Result::is_ok).collect(), calls)
    }

    #[test]
    fn one_unnamed_poison_in_ten_costs_eight_calls_more_at_most_g46() {
        for bad in 0..10 {
            let (done, calls) = run(10, &[bad], |_, _| refused(&[]));
            assert_eq!(done, (0..10).map(|row| row != bad).collect::<Vec<_>>());
            assert!(calls <= 9, "{calls} calls for a poison at {bad}");
        }
    }

    #[test]
    fn a_named_poison_costs_one_call_more_g47() {
        let by_position = |position: usize, _| refused(&[(&format!("{position}.email"), "is bad")]);
        let by_email = |_, row: usize| {
            let words = format!("Error creating customers: email P{row}@X.example already in use");
            refused(&[(".customer_create", &words)])
        };
        for bad in 0..10 {
            assert_eq!(run(10, &[bad], by_position).1, 2);
            assert_eq!(run(10, &[bad], by_email).1, 2);
        }
    }

    #[test]
    fn a_row_is_told_its_own_errors_only() {
        let mut work: Batches<()> = Batches::new(rows(2));
        let batch = work.take().unwrap();
        work.failed(batch, &refused(&[("0.email", "bad"), ("1.first_name", "missing")]));
        let outcomes = work.finish().unwrap();
        let told: Vec<String> =
            outcomes.iter().map(|outcome| outcome.as_ref().unwrap_err().message()).collect();
        assert_eq!(told[0], "Create customers failed. (0.email: bad)");
        assert_eq!(told[1], "Create customers failed. (1.first_name: missing)");
    }

    #[test]
    fn a_record_that_is_not_there_any_more_is_gone_and_not_refused_g49() {
        let mut work: Batches<()> = Batches::new(rows(1));
        let batch = work.take().unwrap();
        work.failed(batch, &refused(&[("0.id", "invalid customer ID")]));
        assert!(matches!(work.finish().unwrap()[0], Err(Error::NotFound)));
    }

    #[test]
    fn a_batch_that_the_store_fails_at_does_not_end_the_work() {
        let mut work: Batches<()> = Batches::new(rows(25));
        let batch = work.take().unwrap();
        work.failed(batch, &Error::Unavailable { status: 500, retry_after: None });
        assert_eq!(work.take().map(|batch| batch.rows), Some((10..20).collect()));
    }

    #[test]
    fn what_concerns_the_store_ends_the_work() {
        let mut work: Batches<()> = Batches::new(rows(25));
        let batch = work.take().unwrap();
        work.failed(batch, &Error::Unauthorized);
        assert!(work.take().is_none());
        assert!(matches!(work.finish(), Err(Error::Unauthorized)));
    }

    #[test]
    fn what_was_done_before_the_end_is_told() {
        let mut work: Batches<()> = Batches::new(rows(25));
        let batch = work.take().unwrap();
        work.settle_found(batch, |_, _| Some(()));
        let batch = work.take().unwrap();
        work.failed(batch, &Error::Unauthorized);
        let outcomes = work.finish().unwrap();
        assert!(outcomes[..10].iter().all(Result::is_ok) && outcomes[10..].iter().all(Result::is_err));
    }

    #[test]
    fn no_key_is_sent_twice_in_one_request() {
        let row = |key: &str| Row { key: key.to_owned(), email: None };
        assert_eq!(distinct(&[row("a"), row("b"), row("a"), row("c")]), [vec![0, 1], vec![2, 3]]);
        assert!(distinct(&[]).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn every_row_gets_the_outcome_it_deserves(count in 0_usize..35, bad in proptest::collection::vec(0_usize..35, 0..12), explains in 0..3) {
            let (done, _) = run(count, &bad, |position, row| match explains {
                0 => refused(&[]),
                1 => refused(&[(&format!("{position}.first_name"), "is bad")]),
                _ => refused(&[(".customer_create", &format!("email p{row}@x.example already in use"))]),
            });
            let deserved: Vec<bool> = (0..count).map(|row| !bad.contains(&row)).collect();
            proptest::prop_assert_eq!(done, deserved);
        }
    }
}
