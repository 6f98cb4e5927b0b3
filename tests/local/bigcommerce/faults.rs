//! Faults to order: what a test, or a person with `curl`, makes the store do wrong.

use rand::{RngExt, rngs::StdRng};
use serde::{Deserialize, Serialize};

use super::poison::Blame;

/// Something to go wrong, where, how often and how likely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only at endpoints (`PUT /v3/customers`) or webhook scopes that begin so; everywhere if absent.
    #[serde(default)]
    pub on: Option<String>,
    /// How many times; for ever if absent.
    #[serde(default)]
    pub times: Option<u32>,
    /// How likely each time, from 0 to 1.
    #[serde(default = "always")]
    pub chance: f64,
}

fn always() -> f64 {
    1.0
}

fn unprocessable() -> u16 {
    422
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", rename_all_fields = "snake_case")]
pub enum FaultKind {
    /// 429 though quota is left, with the usual rate headers or none at all.
    TooManyRequests {
        /// Whether the rate headers are sent.
        #[serde(default)]
        headers: bool,
        /// Seconds in `X-Retry-After`.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// A gateway's error, with a page or nothing in it.
    ServerError {
        /// 500 to 599.
        status: u16,
        /// Whether the body is a page; else it is empty.
        #[serde(default)]
        html: bool,
        /// Whether the write is carried out all the same.
        #[serde(default)]
        applied: bool,
    },
    /// The connection is closed without an answer.
    Drop {
        /// Whether the write is carried out all the same: the answer is lost.
        #[serde(default)]
        applied: bool,
    },
    /// There is no answer for as long as the caller waits.
    Hang,
    /// The answer is made at once and takes longer, by the simulator's clock.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// The answer stops in the middle.
    Truncate,
    /// A page with status 200 in the place of the answer.
    HtmlOk,
    /// More identifiers in `id:in` are refused.
    ManyIds {
        /// How many are taken.
        most: usize,
        /// 414 or 422.
        status: u16,
    },
    /// The first of the customers asked for, or written, are missing in the answer.
    MissingIds {
        /// How many.
        count: usize,
    },
    /// Customers that nobody asked for are in the answer.
    ForeignIds {
        /// How many.
        count: usize,
    },
    /// This customer is not of the documented shape wherever it is in an answer.
    GarbleCustomer {
        /// Which.
        id: u32,
    },
    /// A customer of this e-mail address is refused (422), and with it all that is sent in one call.
    RefuseEmail {
        /// The address.
        email: String,
        /// How the refusal tells which it is about.
        blame: Blame,
    },
    /// Shorter passwords are refused (422), in words that quote them.
    StrictPasswords {
        /// How many characters, at least.
        minimum: usize,
    },
    /// The answer is in reverse order.
    Shuffle,
    /// A cursor is refused.
    RefuseCursor {
        /// 400 or 422.
        #[serde(default = "unprocessable")]
        status: u16,
    },
    /// No page is longer than this.
    ShortPages {
        /// How many items.
        most: usize,
    },
    /// New e-mail addresses are kept in lower case.
    LowercaseEmails,
    /// Other apps spend this much of every window's quota.
    OtherApps {
        /// How many calls.
        requests: u32,
    },
    /// The store is suspended: 403.
    Suspend,
    /// The token is revoked: 401.
    RevokeToken,
    /// Every hook is deactivated, now.
    DeactivateHooks,
    /// A delivery never happens.
    LoseWebhook,
    /// A delivery happens more than once.
    DuplicateWebhook {
        /// How many more.
        copies: u32,
    },
    /// A delivery is late.
    DelayWebhook {
        /// Milliseconds.
        ms: u64,
    },
    /// What is due together is sent in any order.
    ReorderWebhooks,
}

/// When a fault is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Call,
    Delivery,
    Sending,
    Window,
    Once,
}

impl FaultKind {
    fn moment(&self) -> Moment {
        match self {
            FaultKind::LoseWebhook | FaultKind::DuplicateWebhook { .. } | FaultKind::DelayWebhook { .. } => {
                Moment::Delivery
            }
            FaultKind::ReorderWebhooks => Moment::Sending,
            FaultKind::OtherApps { .. } => Moment::Window,
            FaultKind::DeactivateHooks => Moment::Once,
            _ => Moment::Call,
        }
    }
}

impl Fault {
    /// Goes wrong everywhere, always.
    pub fn new(kind: FaultKind) -> Fault {
        Fault { kind, on: None, times: None, chance: 1.0 }
    }

    /// Only at endpoints, or webhook scopes, that begin with `on`.
    pub fn on(mut self, on: &str) -> Fault {
        self.on = Some(on.to_owned());
        self
    }

    /// Only the next `times` times.
    pub fn times(mut self, times: u32) -> Fault {
        self.times = Some(times);
        self
    }

    /// With this likelihood, from 0 to 1.
    pub fn chance(mut self, chance: f64) -> Fault {
        self.chance = chance;
        self
    }

    /// Whether it is carried out when it is ordered, and then over.
    pub(super) fn is_once(&self) -> bool {
        self.kind.moment() == Moment::Once
    }
}

/// The faults on order.
#[derive(Default)]
pub(super) struct Faults {
    ordered: Vec<Fault>,
}

impl Faults {
    /// Orders one more.
    pub(super) fn order(&mut self, fault: Fault) {
        self.ordered.push(fault);
    }

    /// Nothing goes wrong any more.
    pub(super) fn clear(&mut self) {
        self.ordered.clear();
    }

    /// What is on order.
    pub(super) fn ordered(&self) -> &[Fault] {
        &self.ordered
    }

    /// What goes wrong this time.
    pub(super) fn draw(&mut self, moment: Moment, subject: &str, rng: &mut StdRng) -> Vec<FaultKind> {
        let mut drawn = Vec::new();
        for fault in &mut self.ordered {
            let here = fault.on.as_deref().is_none_or(|on| subject.starts_with(on));
            if fault.kind.moment() != moment || !here || !rng.random_bool(fault.chance.clamp(0.0, 1.0)) {
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times = times.saturating_sub(1);
            }
            drawn.push(fault.kind.clone());
        }
        self.ordered.retain(|fault| fault.times != Some(0));
        drawn
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_fault_counts_down_only_where_it_is_ordered() {
        let mut faults = Faults::default();
        faults.order(Fault::new(FaultKind::Truncate).on("GET /v3").times(1));
        let rng = &mut StdRng::seed_from_u64(1);
        assert!(faults.draw(Moment::Call, "PUT /v3/customers", rng).is_empty());
        assert_eq!(faults.draw(Moment::Call, "GET /v3/customers", rng), [FaultKind::Truncate]);
        assert!(faults.draw(Moment::Call, "GET /v3/customers", rng).is_empty());
    }

    #[test]
    fn a_fault_is_ordered_in_json() {
        let json = r#"{"fault":"server_error","status":503,"on":"GET","times":2}"#;
        let kind = FaultKind::ServerError { status: 503, html: false, applied: false };
        assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), Fault::new(kind).on("GET").times(2));
    }
}
