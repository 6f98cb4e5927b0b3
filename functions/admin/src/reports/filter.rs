//! Which entries are asked for.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use shared::{
    application::{Application, ApplicationId},
    http::Wrong,
    report::{Action, Outcome},
    store::{Cursor, EntryQuery, Of},
};
use url::form_urlencoded::Serializer;

use crate::refusal::Refusal;

/// What is looked at where no span is given.
const SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest text that is looked for.
const LONGEST: usize = 1024;

/// A form's or an address's values, as they came: an empty one is none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The user name or e-mail address of whom the entries are about.
    pub(super) identifier: String,
    pub(super) application: String,
    /// A day or a time; days are UTC's.
    pub(super) from: String,
    /// Up to and with a day, or before a time.
    pub(super) to: String,
    pub(super) action: String,
    pub(super) outcome: String,
    pub(super) way: String,
    pub(super) cursor: String,
    /// Of an export: `csv`, `jsonl` or `ocsf`.
    pub(super) format: String,
}

/// What they mean.
pub(super) struct Filter {
    of: Option<Of>,
    from: Timestamp,
    to: Timestamp,
    action: Option<Action>,
    outcome: Option<Outcome>,
    way: Option<String>,
    cursor: Option<Cursor>,
}

impl Asked {
    /// The values as the query of an address, but for the place in the list.
    pub(super) fn as_query(&self) -> String {
        let values = [
            ("identifier", &self.identifier),
            ("application", &self.application),
            ("from", &self.from),
            ("to", &self.to),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("way", &self.way),
        ];
        let given = values.into_iter().filter(|(_, value)| !value.is_empty());
        Serializer::new(String::new()).extend_pairs(given).finish()
    }
}

impl Filter {
    /// # Errors
    /// A refusal that names each value that cannot be, and how it must be.
    pub(super) fn read(
        asked: &Asked,
        applications: &[Application],
        now: Timestamp,
    ) -> Result<Filter, Refusal> {
        let mut wrong = Vec::new();
        let to = moment(&asked.to, true).unwrap_or_else(|| told(&mut wrong, "to", NO_TIME));
        // What happened this very instant is part of it.
        let to = to.unwrap_or_else(|| now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now));
        let from = moment(&asked.from, false).unwrap_or_else(|| told(&mut wrong, "from", NO_TIME));
        let from = from.unwrap_or_else(|| to.saturating_sub(SPAN).unwrap_or(Timestamp::MIN));
        if wrong.is_empty() && from >= to {
            wrong.push(because("from", "The span ends before it begins. Exchange the two times."));
        }
        if asked.identifier.len() > LONGEST || asked.way.len() > LONGEST {
            wrong.push(because("identifier", "This is longer than any identifier. Shorten it."));
        }
        let action = named(&asked.action).unwrap_or_else(|| {
            told(&mut wrong, "action", "There is no such action. Choose one of the list.")
        });
        let outcome = named(&asked.outcome).unwrap_or_else(|| {
            told(&mut wrong, "outcome", "There is no such result. Choose one of the list.")
        });
        let cursor = match asked.cursor.as_str() {
            "" => None,
            text => text.parse().ok().or_else(|| {
                told(&mut wrong, "cursor", "This is no place in the report. Begin at the first page.")
            }),
        };
        let of = of(asked, applications, &mut wrong);
        let way = Some(asked.way.trim()).filter(|way| !way.is_empty()).map(str::to_owned);
        match wrong.is_empty() {
            true => Ok(Filter { of, from, to, action, outcome, way, cursor }),
            false => Err(Refusal::wrong(wrong).go_on("All entries", super::HERE)),
        }
    }

    /// The query for at most `limit` entries; none where no store is connected and nobody is named.
    pub(super) fn query(&self, limit: usize) -> Option<EntryQuery> {
        Some(EntryQuery {
            of: self.of.clone()?,
            from: self.from,
            to: self.to,
            outcome: self.outcome,
            action: self.action,
            way: self.way.clone(),
            limit,
            cursor: self.cursor.clone(),
        })
    }

    /// Whose entries can be drawn over time, and of when: an application's, on the first page.
    pub(super) fn charted(&self) -> Option<(&ApplicationId, Timestamp, Timestamp)> {
        match &self.of {
            Some(Of::Application(id)) if self.cursor.is_none() => Some((id, self.from, self.to)),
            _ => None,
        }
    }

    /// What was asked, with what was chosen where nothing was said.
    pub(super) fn shown(&self, asked: Asked) -> Asked {
        let application = match (&self.of, asked.application.is_empty()) {
            (Some(Of::Application(chosen)), true) => chosen.to_string(),
            _ => asked.application,
        };
        let from = if asked.from.is_empty() { day(self.from) } else { asked.from };
        Asked { application, from, ..asked }
    }
}

const NO_TIME: &str = "This is neither a day nor a time. Write it as 2026-11-01 or 2026-11-01T12:00:00Z.";

fn because(field: &str, detail: &str) -> Wrong {
    Wrong { field: field.to_owned(), detail: detail.to_owned() }
}

fn told<T>(wrong: &mut Vec<Wrong>, field: &str, detail: &str) -> Option<T> {
    wrong.push(because(field, detail));
    None
}

/// Who is named goes before where: an application alone is all of its entries.
fn of(asked: &Asked, applications: &[Application], wrong: &mut Vec<Wrong>) -> Option<Of> {
    let application: Option<ApplicationId> = match asked.application.as_str() {
        "" => None,
        text => text
            .parse()
            .ok()
            .or_else(|| told(wrong, "application", "There is no such application. Choose one of the list.")),
    };
    match asked.identifier.trim() {
        "" => application.or_else(|| applications.first().map(|first| first.id.clone())).map(Of::Application),
        identifier => Some(Of::Identifier { identifier: identifier.to_owned(), application }),
    }
}

/// A name as JSON has it: `Some(None)` for none, `None` for one that there is not.
fn named<T: serde::de::DeserializeOwned>(text: &str) -> Option<Option<T>> {
    match text {
        "" => Some(None),
        text => serde_json::from_value(text.into()).ok().map(Some),
    }
}

/// A day (its beginning or its end) or a time; `Some(None)` for none, `None` for neither.
pub(super) fn moment(text: &str, is_end: bool) -> Option<Option<Timestamp>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Some(time));
    }
    let day: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    let day = if is_end { day.tomorrow().ok()? } else { day };
    format!("{day}T00:00:00Z").parse().ok().map(Some)
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(asked: Asked) -> Result<Filter, Refusal> {
        Filter::read(&asked, &[], "2026-11-20T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_day_is_taken_whole_and_no_span_is_the_last_week() {
        let days = Asked { from: "2026-11-01".into(), to: "2026-11-02".into(), ..Asked::default() };
        let filter = read(days).ok().unwrap();
        assert_eq!(filter.to.duration_since(filter.from), SignedDuration::from_hours(48));
        let filter = read(Asked::default()).ok().unwrap();
        assert_eq!(filter.to.duration_since(filter.from), SPAN);
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_next_step_g85() {
        let reversed =
            Asked { from: "2026-11-02".into(), to: "2026-11-01T00:00:00Z".into(), ..Asked::default() };
        for asked in [
            reversed,
            Asked { from: "yesterday".into(), ..Asked::default() },
            Asked { to: "2026-13-01".into(), ..Asked::default() },
            Asked { action: "explode".into(), ..Asked::default() },
            Asked { outcome: "fine".into(), ..Asked::default() },
            Asked { cursor: "x".into(), ..Asked::default() },
            Asked { identifier: "x".repeat(LONGEST + 1), ..Asked::default() },
        ] {
            assert!(read(asked.clone()).is_err(), "{asked:?}");
        }
    }
}
