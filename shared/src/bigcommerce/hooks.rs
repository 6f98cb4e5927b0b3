//! The store's webhooks. They belong to the API account that made them and are visible to it alone.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    client::{Client, Repeat},
    error::Error,
    list::PAGE,
};

const PATH: &str = "v3/hooks";

/// The store's identifier of a webhook.
pub type HookId = u64;

/// The headers that the store sends with each delivery: one of them is our secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HookHeaders(pub BTreeMap<String, String>);

/// A webhook that is there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hook {
    /// Its identifier.
    pub id: HookId,
    /// Which events it is for.
    pub scope: String,
    /// Where they are sent.
    pub destination: String,
    /// The headers sent with them.
    #[serde(default)]
    pub headers: Option<HookHeaders>,
    /// Whether they are sent at all; the store ends it after two days of failure.
    #[serde(default)]
    pub is_active: bool,
}

/// A webhook as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewHook {
    /// Which events it is for.
    pub scope: String,
    /// Where they are sent: https, port 443.
    pub destination: String,
    /// The headers sent with them.
    pub headers: HookHeaders,
    /// Whether they are sent at all.
    pub is_active: bool,
}

/// How the store stands to the account's webhooks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HooksAdmin {
    /// Who is told of failures, by e-mail.
    pub emails: Vec<crate::secret::EmailAddress>,
    /// Each webhook and its status.
    pub hooks_list: Vec<HookStatus>,
    /// The hosts that the store has stopped sending to for a while.
    pub blocked_domains: Vec<BlockedDomain>,
}

/// A webhook and its status.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HookStatus {
    /// The webhook.
    #[serde(flatten)]
    pub hook: Hook,
    /// `active`, `inactive` or, after failures or 90 days of silence, `deactivated`.
    #[serde(default)]
    pub status: String,
}

/// A host that the store has stopped sending to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BlockedDomain {
    /// Which.
    pub destination: String,
    /// For how many more seconds.
    pub time_left: i64,
}

/// What has to be done for a webhook to be as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookRepair {
    step: Step,
    wanted: NewHook,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Keep,
    Correct(HookId),
    Create,
}

impl Client {
    /// The account's webhooks.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn hooks(&self) -> Result<Vec<Hook>, Error> {
        self.all(PATH, &[("limit", PAGE.to_string())]).await
    }

    /// Creates a webhook. What the store answers when there is one alike is not documented.
    ///
    /// # Errors
    /// As of any request.
    pub async fn create_hook(&self, hook: &NewHook) -> Result<Hook, Error> {
        self.data(self.post(PATH, hook, Repeat::Unsent)).await
    }

    /// Makes a webhook as it is to be.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn update_hook(&self, id: HookId, hook: &NewHook) -> Result<Hook, Error> {
        self.data(self.put(&format!("{PATH}/{id}"), hook)).await
    }

    /// Deletes a webhook; one that does not exist is as good as deleted.
    ///
    /// # Errors
    /// When the store did not confirm it.
    pub async fn delete_hook(&self, id: HookId) -> Result<(), Error> {
        match self.tell(self.delete(&format!("{PATH}/{id}"), &[])?).await {
            Err(Error::NotFound) => Ok(()),
            outcome => outcome,
        }
    }

    /// How the store stands to the account's webhooks.
    ///
    /// # Errors
    /// As of any request.
    pub async fn hooks_admin(&self) -> Result<HooksAdmin, Error> {
        self.data(self.get("v3/hooks/admin", &[])).await
    }

    /// What has to be done for there to be an active webhook for each of `scopes`, sent to
    /// `destination` with `headers`; nothing where all of them are so.
    ///
    /// # Errors
    /// When any part of the answer could not be had.
    pub async fn hooks_amiss(
        &self,
        scopes: &[&str],
        destination: &str,
        headers: &HookHeaders,
    ) -> Result<Vec<HookRepair>, Error> {
        let there = self.hooks().await?;
        let repairs = scopes.iter().map(|scope| {
            let (scope, destination) = ((*scope).to_owned(), destination.to_owned());
            let wanted = NewHook { scope, destination, headers: headers.clone(), is_active: true };
            HookRepair { step: step(&there, &wanted), wanted }
        });
        Ok(repairs.filter(|repair| repair.step != Step::Keep).collect())
    }

    /// Creates what is missing and corrects what is not as it is to be. Doing it again changes nothing.
    ///
    /// # Errors
    /// At the first webhook that could not be had; those before it stand.
    pub async fn repair_hooks(&self, repairs: &[HookRepair]) -> Result<(), Error> {
        for HookRepair { step, wanted } in repairs {
            match step {
                Step::Keep => {}
                Step::Correct(id) => self.correct(*id, wanted).await?,
                Step::Create => self.create_or_find(wanted).await?,
            }
        }
        Ok(())
    }

    /// One that was deleted since it was looked at is created.
    async fn correct(&self, id: HookId, wanted: &NewHook) -> Result<(), Error> {
        match self.update_hook(id, wanted).await {
            Err(Error::NotFound) => self.create_or_find(wanted).await,
            outcome => outcome.map(drop),
        }
    }

    async fn create_or_find(&self, wanted: &NewHook) -> Result<(), Error> {
        match self.create_hook(wanted).await {
            Err(error) if may_mean_there_is_one(&error) => self.find_or_fail(wanted, error).await,
            outcome => outcome.map(drop),
        }
    }

    async fn find_or_fail(&self, wanted: &NewHook, error: Error) -> Result<(), Error> {
        match step(&self.hooks().await?, wanted) {
            Step::Keep => Ok(()),
            Step::Correct(id) => self.update_hook(id, wanted).await.map(drop),
            Step::Create => Err(error),
        }
    }
}

fn step(there: &[Hook], wanted: &NewHook) -> Step {
    let alike = |hook: &&Hook| hook.scope == wanted.scope && hook.destination == wanted.destination;
    match there.iter().find(alike) {
        Some(hook) if hook.is_active && wanted.headers.are_sent_by(hook) => Step::Keep,
        Some(hook) => Step::Correct(hook.id),
        None => Step::Create,
    }
}

/// A refusal may be of a second one alike; a lost answer may be of one that was created.
fn may_mean_there_is_one(error: &Error) -> bool {
    matches!(error, Error::Refused { status: 400 | 409 | 422, .. }) || error.leaves_in_doubt()
}

impl HookHeaders {
    /// Names of headers differ by more than their case, or not at all.
    fn are_sent_by(&self, hook: &Hook) -> bool {
        let lower = |headers: &HookHeaders| -> BTreeMap<String, String> {
            headers.0.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
        };
        lower(self) == hook.headers.as_ref().map(lower).unwrap_or_default()
    }
}

/// Tells the names, and no value.
impl fmt::Debug for HookHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, value: &str) -> HookHeaders {
        HookHeaders([(name.to_owned(), value.to_owned())].into_iter().collect())
    }

    fn wanted() -> NewHook {
        NewHook {
            scope: "store/customer/*".to_owned(),
            destination: "https://x.example/hook".to_owned(),
            headers: headers("X-Secret", "s"),
            is_active: true,
        }
    }

    fn there() -> Hook {
        let NewHook { scope, destination, .. } = wanted();
        Hook { id: 7, scope, destination, headers: Some(headers("x-secret", "s")), is_active: true }
    }

    #[test]
    fn a_webhook_as_it_is_to_be_is_kept() {
        assert_eq!(step(&[there()], &wanted()), Step::Keep);
    }

    #[test]
    fn an_inactive_webhook_or_one_with_other_headers_is_corrected() {
        let inactive = Hook { is_active: false, ..there() };
        let bare = Hook { headers: None, ..there() };
        let stale = Hook { headers: Some(headers("X-Secret", "old")), ..there() };
        for hook in [inactive, bare, stale] {
            assert_eq!(step(&[hook], &wanted()), Step::Correct(7));
        }
    }

    #[test]
    fn a_webhook_of_another_scope_or_destination_is_left_alone() {
        let other = Hook { destination: "https://y.example/hook".to_owned(), ..there() };
        let narrow = Hook { scope: "store/customer/created".to_owned(), ..there() };
        assert_eq!(step(&[other, narrow], &wanted()), Step::Create);
    }

    #[test]
    fn the_secret_in_the_headers_does_not_print() {
        assert!(!format!("{:?} {:?}", there(), wanted()).contains("\"s\""));
    }

    #[test]
    fn a_status_is_read_with_its_webhook() {
        let told = r#"{"emails":["a@x.example"],"hooks_list":[{"id":1,"client_id":"c","scope":"s","destination":"d",
            "headers":null,"is_active":false,"status":"deactivated"}],"blocked_domains":[{"destination":"d","time_left":9}]}"#;
        let admin: HooksAdmin = serde_json::from_str(told).unwrap();
        assert_eq!(admin.hooks_list[0].status, "deactivated");
        assert_eq!((admin.hooks_list[0].hook.id, admin.blocked_domains[0].time_left), (1, 9));
    }
}
