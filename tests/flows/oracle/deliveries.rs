//! (c) Each delivery that was answered 200 became work, and its customer was looked at after it.

use std::collections::BTreeMap;

use local::bigcommerce::{Entry as Line, Outcome};
use shared::{bigcommerce::CustomerId, work::Subject};

use super::Evidence;

/// The deliveries that were accepted of one customer.
#[derive(Default)]
struct Accepted<'a> {
    /// How many, by what they told.
    by_scope: BTreeMap<&'a str, usize>,
    /// The last one's line.
    last: usize,
}

impl Evidence {
    /// (c)
    pub(super) fn unaccounted(&self) -> Vec<String> {
        let looks = self.looks();
        let mut found = Vec::new();
        for (customer, accepted) in self.accepted() {
            let subject = self.subject(customer);
            for (scope, deliveries) in accepted.by_scope {
                let kept = self.arrivals.iter().filter(|kept| kept.subject == subject && kept.cause == scope);
                let kept = kept.count();
                if kept < deliveries {
                    found.push(format!("(c) of {deliveries} {scope} of {subject} {kept} became work"));
                }
            }
            let looked = looks.iter().any(|look| look.line > accepted.last && look.is_at(customer));
            if !looked && !self.is_told_dead(&subject) {
                found.push(format!("(c) {subject} was not looked at after a delivery was accepted"));
            }
        }
        found
    }

    fn subject(&self, customer: u32) -> String {
        let id = CustomerId::try_from(i64::from(customer)).unwrap();
        Subject::Customer(self.application.id.clone(), id).to_string()
    }

    fn accepted(&self) -> BTreeMap<u32, Accepted<'_>> {
        let event = |line| match line {
            &Line::Event { ref hash, ref scope, customer, .. } => {
                Some((hash.as_str(), (scope.as_str(), customer)))
            }
            _ => None,
        };
        let events: BTreeMap<&str, (&str, u32)> = self.log.iter().filter_map(event).collect();
        let mut accepted: BTreeMap<u32, Accepted<'_>> = BTreeMap::new();
        for (line, entry) in self.log.iter().enumerate() {
            let Line::Delivery { hash, outcome: Outcome::Answered(200), .. } = entry else { continue };
            let (scope, customer) = events[hash.as_str()];
            let of_customer = accepted.entry(customer).or_default();
            *of_customer.by_scope.entry(scope).or_default() += 1;
            of_customer.last = line;
        }
        accepted
    }

    fn looks(&self) -> Vec<Look> {
        let look = |(line, entry): (usize, &Line)| match entry {
            Line::Call { endpoint, status: Some(200), uri, .. } if endpoint == "GET /v3/customers" => {
                Some(Look { line, at: asked_for(uri) })
            }
            _ => None,
        };
        self.log.iter().enumerate().filter_map(look).collect()
    }
}

/// A reading of customers that the store answered.
struct Look {
    line: usize,
    /// The identifiers asked for; `None` is a page of all customers.
    at: Option<Vec<u32>>,
}

impl Look {
    fn is_at(&self, customer: u32) -> bool {
        self.at.as_ref().is_none_or(|ids| ids.contains(&customer))
    }
}

/// Who is looked for by e-mail address is not looked at by identifier.
fn asked_for(uri: &str) -> Option<Vec<u32>> {
    let query = uri.replace("%3A", ":").replace("%2C", ",");
    let list = |name: &str| {
        let (_, list) = query.split_once(name)?;
        Some(list.split('&').next().unwrap_or_default().to_owned())
    };
    match (list("id:in="), list("email:in=")) {
        (Some(ids), _) => Some(ids.split(',').filter_map(|id| id.parse().ok()).collect()),
        (None, Some(_)) => Some(Vec::new()),
        (None, None) => None,
    }
}
