//! Filters by more values than one request may carry. The cap is not documented: what the store refuses
//! is halved, and what it takes is remembered. Pure.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::Error;

/// How many values a filter may have at first; addresses of requests are bounded as well.
const VALUES: usize = 50;
const BYTES: usize = 4_000;

/// How many values the store takes in one filter, as far as is known.
pub(super) struct ChunkSize(AtomicUsize);

impl Default for ChunkSize {
    fn default() -> ChunkSize {
        ChunkSize(AtomicUsize::new(VALUES))
    }
}

impl ChunkSize {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn remember(&self, size: usize) {
        self.0.fetch_min(size.max(1), Ordering::Relaxed);
    }
}

/// How many of `values` go into one request: `most`, as far as their text is not too long, and one at least.
fn chunk(values: &[String], most: usize) -> usize {
    let mut bytes = 0;
    let fitting = values.iter().take(most).take_while(|value| {
        bytes += value.len() + 3;
        bytes <= BYTES
    });
    fitting.count().max(1)
}

/// The way through the values of a filter: a size that the store refuses is halved, one that it then
/// takes is remembered for the store.
pub(super) struct Chunks<'a> {
    rest: &'a [String],
    most: usize,
    known: &'a ChunkSize,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(values: &'a [String], known: &'a ChunkSize) -> Chunks<'a> {
        Chunks { rest: values, most: known.get(), known }
    }

    /// The next values, joined.
    pub(super) fn current(&self) -> Option<String> {
        (!self.rest.is_empty()).then(|| self.rest[..chunk(self.rest, self.most)].join(","))
    }

    /// Goes on after an answer; `None` is a refused size, and [`Chunks::current`] is smaller now.
    pub(super) fn advance<T>(&mut self, answer: Result<T, Error>) -> Result<Option<T>, Error> {
        let size = chunk(self.rest, self.most);
        match answer {
            Err(error) if size > 1 && error.may_mean_too_many() => {
                self.most = size / 2;
                Ok(None)
            }
            answer => {
                let taken = answer?;
                self.rest = &self.rest[size..];
                self.known.remember(self.most);
                Ok(Some(taken))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_size_is_halved_and_the_taken_one_remembered_g21() {
        let (known, values) = (ChunkSize::default(), (0..60).map(|n| n.to_string()).collect::<Vec<_>>());
        let mut chunks = Chunks::new(&values, &known);
        let refused = || Error::Refused { status: 414, title: String::new(), errors: Default::default() };
        let mut sizes = Vec::new();
        while let Some(joined) = chunks.current() {
            let size = joined.split(',').count();
            sizes.push(size);
            chunks.advance(if size > 20 { Err(refused()) } else { Ok(()) }).unwrap();
        }
        assert_eq!(sizes, [50, 25, 12, 12, 12, 12, 12]);
        assert_eq!(known.get(), 12);
    }

    #[test]
    fn a_refusal_that_is_not_of_size_is_handed_back_and_not_remembered() {
        let (known, values) = (ChunkSize::default(), vec!["a".to_owned(); 50]);
        let mut chunks = Chunks::new(&values, &known);
        let refused = || Error::Refused { status: 422, title: String::new(), errors: Default::default() };
        let calls = (1..).find(|_| chunks.advance::<()>(Err(refused())).is_err());
        assert_eq!((calls, known.get()), (Some(6), VALUES));
    }

    proptest::proptest! {
        #[test]
        fn every_value_is_sent_once_and_in_order(lengths in proptest::collection::vec(1_usize..300, 0..200)) {
            let values: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            let known = ChunkSize::default();
            let mut chunks = Chunks::new(&values, &known);
            let mut sent = Vec::new();
            while let Some(joined) = chunks.current() {
                proptest::prop_assert!(joined.len() <= BYTES);
                sent.extend(joined.split(',').map(str::to_owned));
                chunks.advance(Ok(())).unwrap();
            }
            proptest::prop_assert_eq!(sent, values);
        }
    }
}
