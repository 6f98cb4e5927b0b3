//! Customer groups: they live in the v2 API alone.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{answer::Answer, client::Client, error::Error, list::PAGE};

/// A group that customers may be in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CustomerGroup {
    /// Its identifier, the `customer_group_id` of its customers.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Whether whoever signs up is in it.
    #[serde(default)]
    pub is_default: bool,
}

/// An end to a list that would never end.
const PAGES: u32 = 100;

impl Client {
    /// The store's customer groups.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn customer_groups(&self) -> Result<Vec<CustomerGroup>, Error> {
        let (mut groups, mut seen) = (Vec::new(), BTreeSet::new());
        for page in 1..=PAGES {
            let query = [("page", page.to_string()), ("limit", PAGE.to_string())];
            let call = self.get("v2/customer_groups", &query)?;
            // A v2 list tells no number of pages; past its end is 204, an empty page or the first once more.
            let listed: Vec<CustomerGroup> = self.send(call, Answer::json_or_default).await?;
            let before = groups.len();
            groups.extend(listed.into_iter().filter(|group| seen.insert(group.id)));
            if groups.len() == before {
                return Ok(groups);
            }
        }
        Err(Error::Garbled { status: 200, rule: "a list comes to an end" })
    }
}
