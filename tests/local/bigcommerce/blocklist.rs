//! Domains that answer badly are blocked for a while, all their hooks together.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

const WINDOW: SignedDuration = SignedDuration::from_secs(120);
const BLOCKED_FOR: SignedDuration = SignedDuration::from_secs(180);
/// Fewer requests in a window tell too little.
const ENOUGH: usize = 100;

/// How the domains answered of late.
#[derive(Default)]
pub(super) struct Blocklist {
    domains: BTreeMap<String, Domain>,
}

#[derive(Default)]
struct Domain {
    answers: VecDeque<(Timestamp, bool)>,
    bad: usize,
    blocked_until: Option<Timestamp>,
    failed: usize,
}

/// A blocked domain as `GET /hooks/admin` tells it.
#[derive(Serialize)]
pub(super) struct Blocked {
    destination: String,
    time_left: i64,
    reasons: [Reason; 1],
}

#[derive(Serialize)]
struct Reason {
    failure_description: &'static str,
    count: usize,
    timestamp: i64,
}

impl Blocklist {
    /// Whether nothing is sent to `domain` at `now`.
    pub(super) fn is_blocked(&self, domain: &str, now: Timestamp) -> bool {
        self.domains.get(domain).and_then(|domain| domain.blocked_until).is_some_and(|until| now < until)
    }

    /// Notes an answer; under 90 % of good ones block the domain.
    pub(super) fn note(&mut self, domain: &str, now: Timestamp, good: bool) {
        let domain = self.domains.entry(domain.to_owned()).or_default();
        domain.answers.push_back((now, good));
        domain.bad += usize::from(!good);
        while let Some((_, good)) = domain.answers.pop_front_if(|(at, _)| *at + WINDOW <= now) {
            domain.bad -= usize::from(!good);
        }
        if domain.answers.len() >= ENOUGH && domain.bad * 10 > domain.answers.len() {
            let (blocked_until, failed) = (Some(now + BLOCKED_FOR), domain.bad);
            *domain = Domain { blocked_until, failed, ..Domain::default() };
        }
    }

    /// What is blocked at `now`.
    pub(super) fn blocked(&self, now: Timestamp) -> Vec<Blocked> {
        let blocked = |(name, domain): (&String, &Domain)| {
            let until = domain.blocked_until.filter(|until| now < *until)?;
            let reason = Reason {
                failure_description: "Receiver did not answer with a status from 200 to 299 in time",
                count: domain.failed,
                timestamp: (until - BLOCKED_FOR).as_second(),
            };
            let time_left = until.duration_since(now).as_secs();
            Some(Blocked { destination: name.clone(), time_left, reasons: [reason] })
        };
        self.domains.iter().filter_map(blocked).collect()
    }
}

/// The domain of a destination, by which it is blocked.
pub(super) fn domain(destination: &str) -> String {
    let url = reqwest::Url::parse(destination);
    url.ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(good: usize, bad: usize) -> Blocklist {
        let mut blocklist = Blocklist::default();
        for at in 0..good + bad {
            blocklist.note("shop.example", Timestamp::UNIX_EPOCH, at >= bad);
        }
        blocklist
    }

    #[test]
    fn under_ninety_percent_of_a_hundred_blocks_for_three_minutes() {
        let blocklist = noted(89, 11);
        let second = |n| Timestamp::from_second(n).unwrap();
        assert!(blocklist.is_blocked("shop.example", second(179)));
        assert!(!blocklist.is_blocked("shop.example", second(180)));
        assert!(!blocklist.is_blocked("other.example", second(0)));
    }

    #[test]
    fn ninety_percent_or_fewer_than_a_hundred_block_nothing() {
        assert!(!noted(90, 10).is_blocked("shop.example", Timestamp::UNIX_EPOCH));
        assert!(!noted(0, 99).is_blocked("shop.example", Timestamp::UNIX_EPOCH));
    }
}
