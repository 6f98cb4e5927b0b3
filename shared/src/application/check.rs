//! What policies must be for an application to work with them.

use std::collections::BTreeSet;

use super::{Offboarding, Policies};
use crate::scim::Filter;

/// Something that is wrong with policies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFlaw {
    /// The scope is no filter.
    #[error(
        "The scope is no SCIM filter. Write it as userType eq \"Customer\", or leave it empty for all users."
    )]
    Scope,
    /// The domain of those who cannot sign in is none.
    #[error(
        "The domain must be a name such as deactivated.invalid, of letters, digits, hyphens and full stops."
    )]
    TombstoneDomain,
    /// The reserve leaves nothing.
    #[error("The reserve must be 0 to 90 percent: with more, hardly a call would be left for the directory.")]
    Reserve,
    /// The brake's share is none.
    #[error("The brake's share must be 1 to 100 percent.")]
    BrakeShare,
    /// An interval is longer than it makes sense.
    #[error("The interval must be 0 (never) or at most {0}.")]
    Interval(u16),
    /// A group that the store does not have.
    #[error("The store has no customer group {0}. Choose one that it has.")]
    NoSuchGroup(u32),
    /// A number of days that is none.
    #[error("The days must be 1 to 3650; to delete at once, choose so.")]
    Days,
}

/// The longest intervals: a year, and a day.
const MOST_HOURS: u16 = 8760;
const MOST_MINUTES: u16 = 1440;

/// The longest name of a domain.
const LONGEST_DOMAIN: usize = 190;

impl Policies {
    /// What is wrong with them, by the name of the policy; `groups` are those that the store has,
    /// where it could be asked.
    pub fn check(&self, groups: Option<&BTreeSet<u32>>) -> Vec<(&'static str, PolicyFlaw)> {
        let mut flaws = Vec::new();
        let mut must = |holds: bool, name, flaw| {
            if !holds {
                flaws.push((name, flaw));
            }
        };
        must(
            self.scope.as_ref().is_none_or(|scope| Filter::parse(scope).is_ok()),
            "scope",
            PolicyFlaw::Scope,
        );
        must(is_domain(&self.tombstone_domain), "tombstoneDomain", PolicyFlaw::TombstoneDomain);
        must(self.quota_reserve_percent <= 90, "quotaReservePercent", PolicyFlaw::Reserve);
        must((1..=100).contains(&self.deletion_brake.percent), "deletionBrake", PolicyFlaw::BrakeShare);
        let hours = PolicyFlaw::Interval(MOST_HOURS);
        must(self.survey_every_hours <= MOST_HOURS, "surveyEveryHours", hours.clone());
        must(self.import_every_hours <= MOST_HOURS, "importEveryHours", hours);
        let minutes = PolicyFlaw::Interval(MOST_MINUTES);
        must(self.import_changes_every_minutes <= MOST_MINUTES, "importChangesEveryMinutes", minutes);
        let offboarding =
            [("onUserDeleted", self.on_user_deleted), ("onUserDeactivated", self.on_user_deactivated)];
        flaws.extend(offboarding.into_iter().filter_map(|(name, of)| Some((name, of.flaw(groups)?))));
        flaws
    }
}

impl Offboarding {
    fn flaw(self, groups: Option<&BTreeSet<u32>>) -> Option<PolicyFlaw> {
        let unknown = |group: u32| groups.is_some_and(|groups| !groups.contains(&group));
        match self {
            Offboarding::BlockSignIn { group: Some(group) } | Offboarding::MoveToGroup { group } => {
                unknown(group).then_some(PolicyFlaw::NoSuchGroup(group))
            }
            Offboarding::DeleteAfter { days } => (!(1..=3650).contains(&days)).then_some(PolicyFlaw::Days),
            Offboarding::Nothing | Offboarding::BlockSignIn { group: None } | Offboarding::DeleteCustomer => {
                None
            }
        }
    }
}

fn is_domain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= LONGEST_DOMAIN && name.contains('.') && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(policies: Policies) -> Vec<&'static str> {
        policies.check(Some(&BTreeSet::from([7]))).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_is_set_without_anybody_is_right() {
        assert_eq!(flaws(Policies::default()), [""; 0]);
    }

    #[test]
    fn each_policy_that_cannot_work_is_named() {
        for domain in
            ["", "localhost", "a..b", "-a.b", "a b.c", "A.example", &format!("{}.b", "a".repeat(64))]
        {
            let policies = Policies { tombstone_domain: domain.to_owned(), ..Policies::default() };
            assert_eq!(flaws(policies), ["tombstoneDomain"], "{domain}");
        }
        let scope = Some("userName eq".to_owned());
        assert_eq!(flaws(Policies { scope, ..Policies::default() }), ["scope"]);
        assert_eq!(
            flaws(Policies { quota_reserve_percent: 91, ..Policies::default() }),
            ["quotaReservePercent"]
        );
        assert_eq!(flaws(Policies { import_every_hours: 9000, ..Policies::default() }), ["importEveryHours"]);
        let moved =
            |group| Policies { on_user_deleted: Offboarding::MoveToGroup { group }, ..Policies::default() };
        assert_eq!((flaws(moved(8)), flaws(moved(7))), (vec!["onUserDeleted"], vec![]));
        let after =
            |days| Policies { on_user_deactivated: Offboarding::DeleteAfter { days }, ..Policies::default() };
        assert_eq!((flaws(after(0)), flaws(after(30))), (vec!["onUserDeactivated"], vec![]));
    }

    #[test]
    fn groups_that_could_not_be_asked_for_are_let_pass() {
        let policies =
            Policies { on_user_deleted: Offboarding::MoveToGroup { group: 8 }, ..Policies::default() };
        assert_eq!(policies.check(None), []);
    }
}
