//! The applications as this process last read them, so that a delivery costs no read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use shared::application::{Application, ApplicationId};

/// For how long what was read is trusted: a withdrawn secret opens no longer than this.
pub(crate) const TRUSTED: SignedDuration = SignedDuration::from_secs(30);

/// For how long what was read is trusted by a delivery that it would refuse. This, and that there
/// is no such application, is asked of the table once a second at most: a rotated secret works at
/// once, and a wrong secret costs as much as an unknown application.
pub(crate) const DOUBTED: SignedDuration = SignedDuration::from_secs(1);

/// How many identifiers are kept, known and unknown.
const CAPACITY: usize = 256;

/// The applications as this process last read them.
#[derive(Default)]
pub(crate) struct Applications {
    entries: Mutex<Entries>,
    reading: tokio::sync::Mutex<()>,
}

impl Applications {
    /// The application, from memory if it was read less than `trust` ago, else by `read`; those
    /// who wait for one read share it.
    pub(crate) async fn get<E>(
        &self,
        id: &ApplicationId,
        now: Timestamp,
        trust: SignedDuration,
        read: impl AsyncFnOnce(&ApplicationId) -> Result<Option<Application>, E>,
    ) -> Result<Option<Arc<Application>>, E> {
        if let Some(remembered) = self.entries(|entries| entries.recall(id, now, trust)) {
            return Ok(remembered);
        }
        let _reading = self.reading.lock().await;
        if let Some(remembered) = self.entries(|entries| entries.recall(id, now, trust)) {
            return Ok(remembered);
        }
        let application = read(id).await?.map(Arc::new);
        self.entries(|entries| entries.keep(id.clone(), application.clone(), now));
        Ok(application)
    }

    fn entries<T>(&self, with: impl FnOnce(&mut Entries) -> T) -> T {
        with(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Default)]
struct Entries(HashMap<ApplicationId, Entry>);

struct Entry {
    application: Option<Arc<Application>>,
    read_at: Timestamp,
}

impl Entries {
    fn recall(
        &self,
        id: &ApplicationId,
        now: Timestamp,
        trust: SignedDuration,
    ) -> Option<Option<Arc<Application>>> {
        let entry = self.0.get(id)?;
        let trust = if entry.application.is_some() { trust } else { trust.min(DOUBTED) };
        // A clock that was set back must not make an entry last longer.
        let age = now.duration_since(entry.read_at);
        (!age.is_negative() && age < trust).then(|| entry.application.clone())
    }

    fn keep(&mut self, id: ApplicationId, application: Option<Arc<Application>>, now: Timestamp) {
        if self.0.len() >= CAPACITY && !self.0.contains_key(&id) {
            self.drop_one();
        }
        self.0.insert(id, Entry { application, read_at: now });
    }

    /// Unknown ones go first, so that guessing at names does not displace the known.
    fn drop_one(&mut self) {
        let oldest = self.0.iter().min_by_key(|(_, entry)| (entry.application.is_some(), entry.read_at));
        if let Some(id) = oldest.map(|(id, _)| id.clone()) {
            self.0.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible};

    use super::*;
    use crate::sample;

    /// How many reads it takes to ask for `id` at each of `seconds` with `trust`.
    async fn reads(answer: Option<Application>, trust: SignedDuration, seconds: &[i64]) -> usize {
        let (applications, count) = (Applications::default(), Cell::new(0));
        let id = "main-store".parse().unwrap();
        for second in seconds {
            let now = Timestamp::from_second(*second).unwrap();
            let read = async |_: &ApplicationId| {
                count.set(count.get() + 1);
                Ok::<_, Infallible>(answer.clone())
            };
            let found = applications.get(&id, now, trust, read).await.unwrap();
            assert_eq!(found.is_some(), answer.is_some());
        }
        count.get()
    }

    #[tokio::test]
    async fn a_known_application_is_read_again_after_30_s() {
        let application = Some(sample::application());
        assert_eq!(reads(application.clone(), TRUSTED, &[0, 0, 1, 29]).await, 1);
        assert_eq!(reads(application, TRUSTED, &[0, 29, 30, 31, 60]).await, 3);
    }

    #[tokio::test]
    async fn a_doubted_and_an_unknown_application_are_read_again_after_a_second() {
        assert_eq!(reads(Some(sample::application()), DOUBTED, &[0, 0, 0, 1, 1, 2]).await, 3);
        assert_eq!(reads(None, TRUSTED, &[0, 0, 0, 1, 1, 2]).await, 3);
    }

    #[tokio::test]
    async fn g86_a_clock_that_is_set_back_does_not_make_an_entry_last() {
        assert_eq!(reads(Some(sample::application()), TRUSTED, &[100, 95, 96]).await, 2);
    }

    #[tokio::test]
    async fn a_read_that_failed_is_not_remembered() {
        let (applications, id) = (Applications::default(), "main-store".parse().unwrap());
        let now = Timestamp::UNIX_EPOCH;
        let failed = applications.get(&id, now, TRUSTED, async |_| Err("unavailable")).await;
        assert_eq!(failed.err(), Some("unavailable"));
        let read = async |_: &ApplicationId| Ok::<_, &str>(Some(sample::application()));
        assert!(applications.get(&id, now, TRUSTED, read).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn waiting_deliveries_share_one_read() {
        let (applications, count) = (Applications::default(), Cell::new(0));
        let id = "main-store".parse().unwrap();
        let ask = || {
            applications.get(&id, Timestamp::UNIX_EPOCH, TRUSTED, async |_| {
                count.set(count.get() + 1);
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(Some(sample::application()))
            })
        };
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert!([a, b, c].iter().all(|found| matches!(found, Ok(Some(_)))));
        assert_eq!(count.get(), 1);
    }

    #[test]
    fn guessing_at_names_displaces_no_known_application_and_takes_no_more_room() {
        let mut entries = Entries::default();
        let known: ApplicationId = "main-store".parse().unwrap();
        entries.keep(known.clone(), Some(Arc::new(sample::application())), Timestamp::UNIX_EPOCH);
        for n in 0..10_000_i64 {
            let now = Timestamp::from_millisecond(n).unwrap();
            entries.keep(format!("guess-{n}").parse().unwrap(), None, now);
        }
        assert_eq!(entries.0.len(), CAPACITY);
        assert!(entries.recall(&known, Timestamp::from_second(10).unwrap(), TRUSTED).is_some());
    }
}
