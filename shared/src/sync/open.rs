//! What a person was asked about a pair and has not mended yet. The link remembers it, or a note
//! where there is no link. What is over is settled before the pair is written, so that whoever is
//! cut off between the two still finds it remembered.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
    plan::Plan,
    report::{Attention, AttentionKey, AttentionKind},
    store,
    user::User,
    work::{Subject, Work},
};

use super::{
    Engine,
    case::Case,
    rows::customer_of,
    tell::{Scene, about, about_user, attention_keys},
};

/// The kind of setting under which notes are kept, by what the attention is about.
const NOTE: &str = "asked";

/// What is open about a pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    /// By its key; the words in which it was told, where they are known.
    asked: BTreeMap<AttentionKey, Option<String>>,
    /// The notes in which it is remembered.
    notes: BTreeSet<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Note {
    asked: BTreeSet<AttentionKey>,
}

impl Open {
    /// Whether this was told in these words.
    pub(super) fn tells(&self, attention: &Attention) -> bool {
        self.asked.get(&attention.key()).is_some_and(|told| told.as_ref() == Some(&attention.detail))
    }
}

impl Engine {
    /// What is open about each planned pair.
    pub(super) async fn open(
        &self,
        application: &Application,
        rows: &[Work],
        planned: &[(Case, Plan)],
    ) -> Result<Vec<Open>, store::Error> {
        let ids: BTreeSet<String> =
            planned.iter().flat_map(|(case, _)| note_ids(application, case, &rows[case.row])).collect();
        let notes: BTreeMap<String, Note> = self.tables.recall_each(NOTE, &ids).await?;
        let mut open: Vec<Open> =
            planned.iter().map(|(case, _)| remembered(application, case, &rows[case.row], &notes)).collect();
        let keys: Vec<AttentionKey> = open.iter().flat_map(|open| open.asked.keys().cloned()).collect();
        if !keys.is_empty() {
            let raised = self.tables.attentions(&keys).await?;
            let details: BTreeMap<AttentionKey, String> =
                raised.into_iter().map(|raised| (raised.key(), raised.detail)).collect();
            for (key, told) in open.iter_mut().flat_map(|open| &mut open.asked) {
                *told = details.get(key).cloned().or(told.take());
            }
        }
        Ok(open)
    }

    /// Ends what was asked before and is over, and notes what is asked of a pair without a link.
    pub(super) async fn settle_and_note(
        &self,
        scene: &Scene<'_>,
        case: &Case,
        plan: &Plan,
        after: Option<&User>,
    ) -> Result<(), store::Error> {
        let asked = attention_keys(scene, case, plan);
        for (kind, about) in scene.open.asked.keys().filter(|key| !asked.contains(key)) {
            match kind {
                // Others may wait for the same value.
                AttentionKind::Taken => {
                    self.tables.withdraw(*kind, about, &subjects(scene, case)).await?;
                }
                _ => drop(self.tables.settle_attention(*kind, about).await?),
            }
        }
        let id = about(scene, case);
        let linked = after.is_some_and(|user| user.links.contains_key(&scene.application().id));
        let wanted = (!asked.is_empty() && !linked).then_some(&id);
        for id in scene.open.notes.iter().filter(|id| Some(*id) != wanted) {
            self.tables.forget(NOTE, id).await?;
        }
        if let Some(id) =
            wanted.filter(|id| !scene.open.notes.contains(*id) || !scene.open.asked.keys().eq(asked.iter()))
        {
            self.tables.remember(NOTE, id, &Note { asked }).await?;
        }
        Ok(())
    }
}

fn remembered(application: &Application, case: &Case, row: &Work, notes: &BTreeMap<String, Note>) -> Open {
    let link = case.link(application);
    let of_link = link
        .into_iter()
        .flat_map(|link| link.attention.iter().map(|key| (key.clone(), link.last_error.clone())));
    let ids = note_ids(application, case, row).into_iter().filter(|id| notes.contains_key(id));
    let ids: BTreeSet<String> = ids.collect();
    let of_notes = ids.iter().filter_map(|id| notes.get(id)).flat_map(|note| &note.asked);
    let asked = of_notes.map(|key| (key.clone(), None)).chain(of_link).collect();
    Open { asked, notes: ids }
}

/// Where notes about a pair may be: the same pair may have been met as a customer, as a user, or
/// while several customers could be the user.
fn note_ids(application: &Application, case: &Case, row: &Work) -> BTreeSet<String> {
    if case.link(application).is_some() {
        return BTreeSet::new();
    }
    let customers = case.customers.iter().filter_map(|customer| customer.id);
    let customers = customers.map(|id| Subject::Customer(application.id.clone(), id).to_string());
    let user = case.own_user(application).map(|user| about_user(application, user));
    let row = customer_of(row).map(|_| row.subject.to_string());
    customers.chain(user).chain(row).collect()
}

/// The subjects under which a pair may wait.
fn subjects(scene: &Scene<'_>, case: &Case) -> BTreeSet<Subject> {
    let linked = case.link(scene.application()).map(|link| link.customer);
    let customers = case.customers.iter().filter_map(|customer| customer.id).chain(linked);
    customers
        .map(|id| Subject::Customer(scene.application().id.clone(), id))
        .chain(case.own_user(scene.application()).map(|user| Subject::User(user.id.clone())))
        .chain([scene.row.subject.clone()])
        .collect()
}
