//! The address of a list of users: what is looked for stands in it, so that it can be kept and sent
//! to others.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::{
    search::{LONGEST_TEXT, Place, Reach, Search},
    store::{Order, Sense},
};

use crate::refusal::Refusal;

/// What is asked of the list, as its address says it; what is empty is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Asked {
    /// What was typed.
    pub(crate) q: String,
    /// `anywhere`, or else where an index answers.
    pub(crate) reach: String,
    /// `active` or `inactive`.
    pub(crate) status: String,
    /// `linked`, `blocked` or `unlinked`.
    pub(crate) standing: String,
    /// An application's identifier.
    pub(crate) application: String,
    /// `name` or `userName`.
    pub(crate) order: String,
    /// `ascending` or `descending`.
    pub(crate) sense: String,
    /// After which place.
    #[serde(skip_serializing)]
    pub(crate) after: String,
    /// How many are wanted.
    #[serde(skip_serializing)]
    pub(crate) count: Option<usize>,
}

/// How many users a page has, and the most that are given.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 250;

impl Asked {
    /// The search that this is.
    pub(crate) fn search(&self) -> Result<Search, Refusal> {
        if self.q.chars().count() > LONGEST_TEXT {
            return Err(Refusal::bad(format!("Look for {LONGEST_TEXT} characters at most.")));
        }
        let application = Some(&self.application).filter(|id| !id.is_empty());
        let application = application.map(|id| id.parse()).transpose();
        Ok(Search {
            text: self.q.clone(),
            reach: one_of("reach", &self.reach)?.unwrap_or(Reach::Indexed),
            status: one_of("status", &self.status)?,
            standing: one_of("standing", &self.standing)?,
            application: application.map_err(|_| Refusal::bad("There is no store of this identifier."))?,
            order: one_of("order", &self.order)?.unwrap_or(Order::Name),
            sense: one_of("sense", &self.sense)?.unwrap_or(Sense::Ascending),
        })
    }

    pub(crate) fn place(&self) -> Result<Option<Place>, Refusal> {
        let after = Some(&self.after).filter(|after| !after.is_empty());
        let place = after.map(|after| after.parse()).transpose();
        place.map_err(|_| Refusal::bad("This page of the list is not known. Start again from its beginning."))
    }

    pub(crate) fn limit(&self) -> usize {
        self.count.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
    }

    /// As the query of an address: without what is not asked.
    pub(crate) fn query(&self) -> String {
        let Ok(Value::Object(asked)) = serde_json::to_value(self) else { return String::new() };
        let asked = asked.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
        let asked = asked.filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish()
    }

    /// The same list in the other order that a heading offers.
    pub(crate) fn sorted(&self, order: &str) -> String {
        let here = self.order == order || (self.order.is_empty() && order == "name");
        let turned = here && self.sense != "descending";
        let sense = if turned { "descending" } else { "" };
        Asked { order: order.to_owned(), sense: sense.to_owned(), ..self.clone() }.query()
    }

    /// The same list, looked through for what was typed.
    pub(crate) fn anywhere(&self) -> String {
        Asked { reach: "anywhere".to_owned(), ..self.clone() }.query()
    }
}

/// One of the words that `T` is written as; none for no text.
fn one_of<T: DeserializeOwned>(name: &'static str, text: &str) -> Result<Option<T>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = |_| Refusal::bad(format!("The list knows no such {name}. Choose one that it offers."));
    serde_json::from_value(Value::String(text.to_owned())).map(Some).map_err(unknown)
}

#[cfg(test)]
mod tests {
    use shared::search::{Standing, Status};

    use super::*;

    fn asked(query: &str) -> Asked {
        serde_html_form::from_str(query).unwrap()
    }

    #[test]
    fn an_address_says_what_is_looked_for_and_reads_back() {
        let asked = asked("q=Ada+K%26&status=inactive&standing=blocked&application=main-store&after=x");
        let search = asked.search().unwrap();
        assert_eq!((search.text.as_str(), search.status), ("Ada K&", Some(Status::Inactive)));
        assert_eq!(search.standing, Some(Standing::Blocked));
        assert_eq!(asked.query(), "application=main-store&q=Ada+K%26&standing=blocked&status=inactive");
        assert!(asked.place().is_err() && Asked::default().place().unwrap().is_none());
    }

    #[test]
    fn a_heading_turns_the_order_it_stands_for_and_else_begins_with_it() {
        assert_eq!(asked("").sorted("name"), "order=name&sense=descending");
        assert_eq!(asked("order=name&sense=descending").sorted("name"), "order=name");
        assert_eq!(asked("sense=descending").sorted("userName"), "order=userName");
    }

    #[test]
    fn what_no_list_knows_is_refused() {
        for query in ["status=gone", "order=age", "application=A", &format!("q={}", "x".repeat(201))] {
            assert!(asked(query).search().is_err(), "{query}");
        }
    }
}
