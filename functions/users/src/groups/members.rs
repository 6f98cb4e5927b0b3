//! The members of groups, of which there may be many.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    group::{GroupId, Member, MemberKind},
    scim::MemberChanges,
};

use crate::{caller::Caller, refusal::Refusal};

/// How many members an answer holds at most.
pub(super) const MOST_READ: usize = 10_000;
/// How many members the answer to a change holds at most: nobody asked for them.
pub(super) const MOST_TOLD: usize = 1_000;
/// How many members are read at once.
const PAGE: usize = 1_000;

/// Who joins a group and who leaves it.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) joining: Vec<Member>,
    pub(super) leaving: Vec<Member>,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.joining.is_empty() && self.leaving.is_empty()
    }

    fn between(held: Vec<Member>, wanted: &[Member]) -> Difference {
        let values: BTreeSet<&str> = wanted.iter().map(|member| member.value.as_str()).collect();
        let known: BTreeSet<&str> = held.iter().map(|member| member.value.as_str()).collect();
        let joining = wanted.iter().filter(|member| !known.contains(member.value.as_str())).cloned();
        let joining: BTreeMap<String, Member> =
            joining.map(|member| (member.value.clone(), member)).collect();
        let leaving = held.iter().filter(|member| !values.contains(member.value.as_str())).cloned().collect();
        Difference { joining: joining.into_values().collect(), leaving }
    }
}

impl Caller {
    /// All members of a group; `None`: there are more than `most`.
    pub(super) async fn some_members(
        &self,
        group: &GroupId,
        most: usize,
    ) -> Result<Option<Vec<Member>>, Refusal> {
        let (mut members, mut after) = (Vec::new(), None);
        loop {
            let page = self.app.tables.members(group, after.as_deref(), PAGE).await?;
            members.extend(page.members);
            match page.next {
                _ if members.len() > most => return Ok(None),
                None => return Ok(Some(members)),
                next => after = next,
            }
        }
    }

    /// All members of a group that has few enough of them for an answer.
    pub(crate) async fn few_members(&self, group: &GroupId) -> Result<Vec<Member>, Refusal> {
        self.some_members(group, MOST_READ).await?.ok_or_else(Refusal::too_many_members)
    }

    pub(super) async fn all_members(&self, group: &GroupId) -> Result<Vec<Member>, Refusal> {
        Ok(self.some_members(group, usize::MAX).await?.unwrap_or_default())
    }

    /// What makes the members of a group those that are wanted.
    pub(super) async fn difference(
        &self,
        group: &GroupId,
        wanted: Vec<Member>,
    ) -> Result<Difference, Refusal> {
        let held = self.all_members(group).await?;
        let Difference { joining, leaving } = Difference::between(held, &wanted);
        Ok(Difference { joining: self.known(joining).await?, leaving })
    }

    /// What the changes come to.
    pub(super) async fn changed(
        &self,
        group: &GroupId,
        changes: MemberChanges,
    ) -> Result<Difference, Refusal> {
        let MemberChanges { replaced, joining, leaving } = changes;
        if replaced {
            return self.difference(group, joining.into_values().collect()).await;
        }
        let named: Vec<String> = joining.keys().chain(&leaving).cloned().collect();
        let mut held = Vec::new();
        if !named.is_empty() {
            held = self.app.tables.members_among(group, &named).await?;
        }
        let (leaving, staying): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|member| leaving.contains(&member.value));
        let wanted: Vec<Member> = joining.into_values().collect();
        let Difference { joining, .. } = Difference::between(staying, &wanted);
        Ok(Difference { joining: self.known(joining).await?, leaving })
    }

    /// Members of the kind that they are: clients seldom tell. Whether a user is there is found out
    /// when the user is written.
    pub(super) async fn known(&self, members: Vec<Member>) -> Result<Vec<Member>, Refusal> {
        let unsure = members.iter().filter(|member| member.kind != MemberKind::User);
        let ids: Vec<GroupId> = unsure.map(|member| GroupId::from(member.value.clone())).collect();
        let groups = if ids.is_empty() { Default::default() } else { self.app.tables.groups(&ids).await? };
        let kind = |member: &Member| match member.kind {
            MemberKind::User => MemberKind::User,
            _ if groups.contains_key(&GroupId::from(member.value.clone())) => MemberKind::Group,
            MemberKind::Group => MemberKind::Pending,
            MemberKind::Pending => MemberKind::User,
        };
        Ok(members.into_iter().map(|member| Member { kind: kind(&member), ..member }).collect())
    }
}
