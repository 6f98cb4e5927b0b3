//! Reads the pairs that rows of work are about: the directory's side first, so that whoever
//! overtakes us is noticed by the version when we write.

use std::collections::{BTreeMap, HashMap};

use crate::{
    application::Application,
    bigcommerce::{Customer, CustomerId, Include},
    secret::{EmailAddress, fold},
    store::Pointer,
    user::{Link, User, UserId},
    work::{Subject, Work},
};

use super::{Engine, Failure};

/// One pair as it was read.
pub(super) struct Case {
    /// Which of the rows it belongs to.
    pub(super) row: usize,
    /// The user: the linked one, or else the one with the customer's e-mail address.
    pub(super) user: Option<User>,
    /// The customers: the linked one, or else those with the user's e-mail address.
    pub(super) customers: Vec<Customer>,
    /// Someone else changed the pair while it was read.
    pub(super) overtaken: bool,
}

impl Case {
    /// The user, unless it is another customer and only has this one's e-mail address.
    pub(super) fn own_user(&self, application: &Application) -> Option<&User> {
        let is_ours = |user: &&User| {
            let linked = linked_customer(user, application);
            let ours = |id| self.customers.iter().any(|customer| customer.id == Some(id));
            self.customers.is_empty() || linked.is_none_or(ours)
        };
        self.user.as_ref().filter(is_ours)
    }

    /// What makes the two a pair.
    pub(super) fn link(&self, application: &Application) -> Option<&Link> {
        self.own_user(application)?.links.get(&application.id)
    }
}

impl Engine {
    /// The pairs of customers `ids`, in their order.
    pub(super) async fn gather_customers(
        &self,
        application: &Application,
        ids: &[CustomerId],
    ) -> Result<Vec<Case>, Failure> {
        let mut pointers = self.tables.pointers(&application.id, ids).await?;
        pointers.retain(|_, pointer| pointer.gone.is_none());
        let mut users = self.pointed(&pointers).await?;
        let client = self.api.store(application);
        let mut customers: HashMap<CustomerId, Customer> = client
            .customers(ids, Include::of(&application.mapping))
            .await?
            .into_iter()
            .filter_map(|customer| customer.id.map(|id| (id, customer)))
            .collect();
        let unlinked =
            customers.iter().filter(|(id, _)| !pointers.contains_key(id)).map(|(_, customer)| customer);
        let mut by_email = self.with_emails_of(unlinked).await?;
        let case = |(row, id): (usize, &CustomerId)| {
            let customer = customers.remove(id);
            let (user, overtaken) = match pointers.get(id) {
                Some(pointer) => {
                    let user = users.remove(&pointer.user);
                    let overtaken = user.as_ref().is_none_or(|user| !is_linked(user, application, *id));
                    (user, overtaken)
                }
                None => {
                    let user = customer.as_ref().and_then(|customer| by_email.remove(&fold(&customer.email)));
                    let overtaken = user.as_ref().is_some_and(|user| is_linked(user, application, *id));
                    (user, overtaken)
                }
            };
            Case { row, user, customers: customer.into_iter().collect(), overtaken }
        };
        Ok(ids.iter().enumerate().map(case).collect())
    }

    /// The pairs of the users that `rows` are about, at one application.
    pub(super) async fn gather_users(
        &self,
        application: &Application,
        rows: &[Work],
    ) -> Result<Vec<Case>, Failure> {
        let ids: Vec<UserId> = rows.iter().filter_map(user_of).collect();
        let mut users = self.tables.users(&ids).await?;
        let client = self.api.store(application);
        let linked: Vec<CustomerId> =
            users.values().filter_map(|user| linked_customer(user, application)).collect();
        let unlinked: Vec<EmailAddress> = users
            .values()
            .filter(|user| linked_customer(user, application).is_none())
            .filter_map(|user| user.primary_email().map(|email| email.value.clone()))
            .collect();
        let include = Include::of(&application.mapping);
        let mut by_id = BTreeMap::new();
        for customer in client.customers(&linked, include).await? {
            by_id.insert(customer.id, customer);
        }
        let mut by_email: HashMap<String, Vec<Customer>> = HashMap::new();
        for customer in client.customers_by_email(&unlinked, include).await? {
            by_email.entry(fold(&customer.email)).or_default().push(customer);
        }
        let mut cases = Vec::new();
        for (row, id) in rows.iter().enumerate().filter_map(|(row, work)| Some((row, user_of(work)?))) {
            let Some(user) = users.remove(&id) else { continue };
            let customers = match linked_customer(&user, application) {
                Some(customer) => by_id.remove(&Some(customer)).into_iter().collect(),
                None => {
                    let email = user.primary_email().map(|email| email.value.folded());
                    email.and_then(|email| by_email.remove(&email)).unwrap_or_default()
                }
            };
            cases.push(Case { row, user: Some(user), customers, overtaken: false });
        }
        Ok(cases)
    }

    async fn pointed(
        &self,
        pointers: &HashMap<CustomerId, Pointer>,
    ) -> Result<HashMap<UserId, User>, Failure> {
        let ids: Vec<UserId> = pointers.values().map(|pointer| pointer.user.clone()).collect();
        Ok(self.tables.users(&ids).await?)
    }

    /// The users that have the e-mail addresses of `customers`, by folded address.
    async fn with_emails_of(
        &self,
        customers: impl Iterator<Item = &Customer>,
    ) -> Result<HashMap<String, User>, Failure> {
        let emails: Vec<String> = customers.map(|customer| fold(&customer.email)).collect();
        let owners = self.tables.users_by_email(&emails).await?;
        let ids: Vec<UserId> = owners.values().cloned().collect();
        let users = self.tables.users(&ids).await?;
        Ok(owners.into_iter().filter_map(|(email, id)| Some((email, users.get(&id)?.clone()))).collect())
    }
}

/// The user's customer at `application`.
pub(super) fn linked_customer(user: &User, application: &Application) -> Option<CustomerId> {
    user.links.get(&application.id).map(|link| link.customer)
}

fn is_linked(user: &User, application: &Application, customer: CustomerId) -> bool {
    linked_customer(user, application) == Some(customer)
}

fn user_of(row: &Work) -> Option<UserId> {
    match &row.subject {
        Subject::User(user) => Some(user.clone()),
        Subject::Customer(..) => None,
    }
}
