//! The engine with customers already in hand: a page of an import is planned and carried out as any
//! look is, only that nobody reads the customers again.
//!
//! What is in hand is older than the directory that is read after it. So whatever was brought into
//! step since is left to a row of work, which reads the customer anew; and so is whatever has to be
//! written at the store: only looks at rows write there, so that all writers together stay few.

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::{
    Engine, Part, ROUNDS, WRITERS,
    case::Case,
    verdict::{Failure, Verdict as Look},
};
use crate::{
    application::Application,
    bigcommerce::{Customer, CustomerId},
    import::{Forecast, Verdict},
    plan::{Plan, StoreStep, plan},
    store,
    work::{Subject, Work},
};

/// How far the clocks of two functions may be apart.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// Customers of one store that are in hand.
pub struct Hand<'a> {
    /// Whose customers.
    pub application: &'a Application,
    /// As the store has them; those whose identifier is listed as `gone` it has no more.
    pub customers: Vec<Customer>,
    /// Known customers that the store no longer has.
    pub gone: Vec<CustomerId>,
    /// When they were asked for.
    pub read_at: Timestamp,
    /// What reports are to give as the cause.
    pub cause: &'a str,
}

/// What came of customers in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// What it came to for each.
    pub verdicts: Vec<(CustomerId, Verdict)>,
    /// Those that are left to rows of work.
    pub left: Vec<CustomerId>,
}

impl Engine {
    /// Brings the pairs of customers in hand into step, as far as nothing is written at the store;
    /// the rest, and those that are gone, become rows of work.
    ///
    /// # Errors
    /// When the tables do not answer; doing it again does nothing twice.
    pub async fn bring(&self, hand: Hand<'_>) -> Result<Brought, store::Error> {
        let Hand { application, mut customers, gone, read_at, cause } = hand;
        let mut brought = Brought { verdicts: Vec::new(), left: Vec::new() };
        for round in 1..=ROUNDS {
            let again = self.bring_once(application, &customers, (read_at, cause), &mut brought).await?;
            if round == ROUNDS || again.is_empty() {
                brought.verdicts.extend(again.iter().map(|id| (*id, Verdict::Left)));
                brought.left.extend(again);
                break;
            }
            customers.retain(|customer| customer.id.is_some_and(|id| again.contains(&id)));
        }
        brought.verdicts.extend(gone.iter().map(|id| (*id, Verdict::Delete)));
        brought.left.extend(gone);
        self.leave(application, &brought.left, cause).await?;
        Ok(brought)
    }

    /// Plans for customers in hand, and does nothing.
    ///
    /// # Errors
    /// When the tables do not answer.
    pub async fn foresee(&self, hand: Hand<'_>) -> Result<Vec<Forecast>, store::Error> {
        let Hand { application, customers, gone, read_at, .. } = hand;
        let mut ids = ids(&customers);
        ids.extend(gone);
        let cases = self.gather_in_hand(application, &ids, customers).await.map_err(of_tables)?;
        let foreseen = cases.into_iter().map(|case| {
            let (plan, verdict) = self.planned(application, &case, read_at);
            let user = case.own_user(application).map(|user| user.id.clone());
            Forecast::of(ids[case.row], user, verdict, &plan)
        });
        Ok(foreseen.collect())
    }

    /// Brings into step what can be; gives those that were overtaken.
    async fn bring_once(
        &self,
        application: &Application,
        customers: &[Customer],
        (read_at, cause): (Timestamp, &str),
        brought: &mut Brought,
    ) -> Result<Vec<CustomerId>, store::Error> {
        let ids = ids(customers);
        let cases = self.gather_in_hand(application, &ids, customers.to_vec()).await.map_err(of_tables)?;
        let mut verdicts = vec![Verdict::Left; ids.len()];
        let mut now = Vec::new();
        for case in cases {
            let (plan, verdict) = self.planned(application, &case, read_at);
            verdicts[case.row] = verdict;
            match verdict == Verdict::Left || plan.store != StoreStep::Nothing {
                true if case.overtaken => now.push(case),
                true => brought.left.push(ids[case.row]),
                false => now.push(case),
            }
        }
        let mut rows: Vec<Work> = ids.iter().map(|id| row(application, *id, cause, read_at)).collect();
        let tried: Vec<usize> = now.iter().map(|case| case.row).collect();
        let applications = self.tables.applications().await?;
        let part = Part::customers(application, &applications);
        let looks = self.apply(part, &mut rows, now).await;
        let mut again = Vec::new();
        for index in tried {
            match looks[index] {
                Look::Done => {}
                Look::Again => again.push(ids[index]),
                // What is to be done later is done by whoever looks at a row.
                Look::Until(_) | Look::Shut | Look::Elsewhere | Look::Later(_) => {
                    brought.left.push(ids[index])
                }
            }
        }
        let decided = ids.into_iter().zip(verdicts).filter(|(id, _)| !again.contains(id));
        brought.verdicts.extend(decided);
        Ok(again)
    }

    fn planned(&self, application: &Application, case: &Case, read_at: Timestamp) -> (Plan, Verdict) {
        let link = case.link(application);
        let others = case.overtaken || case.waits || case.gone.is_some();
        if others || link.is_some_and(|link| link.synced_at + SKEW > read_at && !case.is_gone()) {
            return (Plan::default(), Verdict::Left);
        }
        let plan = plan(case.pair(application), self.clock.now());
        let verdict = Verdict::of(&plan, case.own_user(application).is_some(), link.is_some());
        (plan, verdict)
    }

    /// Notes work for customers, so that they are looked at as the store has them by then.
    ///
    /// # Errors
    /// When the tables do not answer; some of it may be noted.
    pub async fn leave(
        &self,
        application: &Application,
        customers: &[CustomerId],
        cause: &str,
    ) -> Result<(), store::Error> {
        let now = self.clock.now();
        stream::iter(customers.to_vec())
            .map(|customer| async move {
                let subject = Subject::Customer(application.id.clone(), customer);
                self.tables.enqueue(&subject, cause, now).await
            })
            .buffer_unordered(WRITERS)
            .try_collect()
            .await
    }
}

impl Case {
    fn is_gone(&self) -> bool {
        self.customers.is_empty()
    }
}

fn ids(customers: &[Customer]) -> Vec<CustomerId> {
    customers.iter().filter_map(|customer| customer.id).collect()
}

fn row(application: &Application, customer: CustomerId, cause: &str, asked_at: Timestamp) -> Work {
    Work::unwritten(Subject::Customer(application.id.clone(), customer), cause, asked_at)
}

/// With the customers in hand, nothing but the tables is asked.
fn of_tables(failure: Failure) -> store::Error {
    match failure {
        Failure::Tables(error) => error,
        other => store::Error::Rejected(Box::new(other)),
    }
}
