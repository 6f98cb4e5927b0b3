//! Reads the pairs that rows of work are about: the directory's side first, so that whoever
//! overtakes us is noticed by the version when we write.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::{
    application::Application,
    bigcommerce::{Customer, CustomerId, Include},
    secret::{EmailAddress, fold},
    store::Pointer,
    user::{User, UserId},
    work::Work,
};

use super::{
    Engine,
    case::{Case, Gone},
    rows::user_of,
    scope::Scope,
    verdict::Failure,
};

/// What is known of some customers.
struct Known {
    pointers: HashMap<CustomerId, Pointer>,
    users: HashMap<UserId, User>,
    scope: Scope,
}

impl Engine {
    /// The pairs of customers `ids`, in their order.
    pub(super) async fn gather_customers(
        &self,
        application: &Application,
        ids: &[CustomerId],
    ) -> Result<Vec<Case>, Failure> {
        let known = self.known(application, ids).await?;
        let client = self.api.store(application);
        let customers = client.customers(ids, Include::of(&application.mapping)).await?;
        self.pair(application, ids, customers, known).await
    }

    /// The pairs of customers that are in hand, in their order.
    pub(super) async fn gather_in_hand(
        &self,
        application: &Application,
        ids: &[CustomerId],
        customers: Vec<Customer>,
    ) -> Result<Vec<Case>, Failure> {
        let known = self.known(application, ids).await?;
        self.pair(application, ids, customers, known).await
    }

    async fn known(&self, application: &Application, ids: &[CustomerId]) -> Result<Known, Failure> {
        let pointers = self.tables.pointers(&application.id, ids).await?;
        let users = self.pointed(&pointers).await?;
        let scope = Scope::of(application, &self.tables).await?;
        Ok(Known { pointers, users, scope })
    }

    async fn pair(
        &self,
        application: &Application,
        ids: &[CustomerId],
        customers: Vec<Customer>,
        Known { pointers, mut users, scope }: Known,
    ) -> Result<Vec<Case>, Failure> {
        let mut customers: HashMap<CustomerId, Customer> =
            customers.into_iter().filter_map(|customer| Some((customer.id?, customer))).collect();
        let unlinked = customers.values().filter(|customer| nobodys(customer, &pointers));
        let mut strangers = self.strangers(application, unlinked).await?;
        let case = |(row, id): (usize, &CustomerId)| {
            let customer = customers.remove(id);
            let case = match (pointers.get(id), &customer) {
                (Some(pointer), _) => pointed_case(pointer, &mut users, application, *id),
                (None, Some(customer)) => strangers.case_of(customer, application),
                (None, None) => Case::default(),
            };
            let in_scope = scope.is_met_by(case.user.as_ref());
            Case { row, customers: customer.into_iter().collect(), in_scope, ..case }
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
        let linked: Vec<CustomerId> =
            users.values().filter_map(|user| linked_customer(user, application)).collect();
        let mut pointers = self.tables.pointers(&application.id, &linked).await?;
        let scope = Scope::of(application, &self.tables).await?;
        let (mut by_id, mut by_email) = self.customers_of(application, &linked, &users).await?;
        let awaited = self.awaited(application, by_email.values().flatten()).await?;
        let mut cases = Vec::new();
        for (row, id) in rows.iter().enumerate().filter_map(|(row, work)| Some((row, user_of(work)?))) {
            let Some(user) = users.remove(&id) else { continue };
            let email = user.primary_email().map(|email| email.value.folded());
            let (customers, sent): (Vec<Customer>, _) = match linked_customer(&user, application) {
                Some(customer) => {
                    let sent = pointers.remove(&customer).and_then(|pointer| pointer.sent);
                    (by_id.remove(&customer).into_iter().collect(), sent)
                }
                None => (email.and_then(|email| by_email.remove(&email)).unwrap_or_default(), None),
            };
            let waits = customers.iter().any(|customer| customer.id.is_some_and(|id| awaited.contains(&id)));
            let in_scope = scope.is_met_by(Some(&user));
            cases.push(Case { row, user: Some(user), customers, in_scope, sent, waits, ..Case::default() });
        }
        Ok(cases)
    }

    /// The customers that are linked, by identifier, and those that have the e-mail addresses of
    /// users that are not, by folded address.
    async fn customers_of(
        &self,
        application: &Application,
        linked: &[CustomerId],
        users: &HashMap<UserId, User>,
    ) -> Result<(HashMap<CustomerId, Customer>, HashMap<String, Vec<Customer>>), Failure> {
        let (client, include) = (self.api.store(application), Include::of(&application.mapping));
        let unlinked: Vec<EmailAddress> = users
            .values()
            .filter(|user| linked_customer(user, application).is_none())
            .filter_map(|user| user.primary_email().map(|email| email.value.clone()))
            .collect();
        let by_id = client.customers(linked, include).await?;
        let by_id = by_id.into_iter().filter_map(|customer| Some((customer.id?, customer))).collect();
        let mut by_email: HashMap<String, Vec<Customer>> = HashMap::new();
        for customer in client.customers_by_email(&unlinked, include).await? {
            by_email.entry(fold(&customer.email)).or_default().push(customer);
        }
        Ok((by_id, by_email))
    }

    /// Those of `found` that are about to be taken from users who are gone: a user who has the
    /// e-mail address anew is to find it free, and nothing of who had it before.
    async fn awaited(
        &self,
        application: &Application,
        found: impl Iterator<Item = &Customer>,
    ) -> Result<BTreeSet<CustomerId>, Failure> {
        let policies = &application.policies;
        if !policies.to_store.delete || !policies.on_user_deleted.frees_email() {
            return Ok(BTreeSet::new());
        }
        let found: Vec<CustomerId> = found.filter_map(|customer| customer.id).collect();
        let pointers = self.tables.pointers(&application.id, &found).await?;
        Ok(pointers.into_iter().filter(|(_, pointer)| pointer.gone.is_some()).map(|(id, _)| id).collect())
    }

    /// Who customers that are linked to nobody may be.
    async fn strangers(
        &self,
        application: &Application,
        customers: impl Iterator<Item = &Customer> + Clone,
    ) -> Result<Strangers, Failure> {
        let made_for = customers.clone().filter_map(|customer| application.mapping.made_for(customer));
        let made_for: Vec<UserId> = made_for.collect();
        Ok(Strangers {
            by_id: self.tables.users(&made_for).await?,
            by_email: self.with_emails_of(customers).await?,
            now: self.clock.now(),
        })
    }

    async fn pointed(
        &self,
        pointers: &HashMap<CustomerId, Pointer>,
    ) -> Result<HashMap<UserId, User>, Failure> {
        let living = pointers.values().filter(|pointer| pointer.gone.is_none());
        let ids: Vec<UserId> = living.map(|pointer| pointer.user.clone()).collect();
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

/// Who customers that are linked to nobody may be.
struct Strangers {
    by_id: HashMap<UserId, User>,
    by_email: HashMap<String, User>,
    now: Timestamp,
}

impl Strangers {
    fn case_of(&mut self, customer: &Customer, application: &Application) -> Case {
        let made_for = application.mapping.made_for(customer);
        let user = match &made_for {
            Some(id) => self.by_id.remove(id),
            None => self.by_email.remove(&fold(&customer.email)),
        };
        let overtaken = user
            .as_ref()
            .zip(customer.id)
            .is_some_and(|(user, customer)| is_linked(user, application, customer));
        let gone = made_for.filter(|_| user.is_none());
        let gone = gone.map(|user| Gone { user, since: self.now, unburied: true });
        Case { user, gone, overtaken, ..Case::default() }
    }
}

fn pointed_case(
    pointer: &Pointer,
    users: &mut HashMap<UserId, User>,
    application: &Application,
    customer: CustomerId,
) -> Case {
    if let Some(since) = pointer.gone {
        let gone = Gone { user: pointer.user.clone(), since, unburied: false };
        return Case { gone: Some(gone), ..Case::default() };
    }
    let user = users.remove(&pointer.user);
    let overtaken = user.as_ref().is_none_or(|user| !is_linked(user, application, customer));
    Case { user, overtaken, sent: pointer.sent.clone(), ..Case::default() }
}

fn nobodys(customer: &Customer, pointers: &HashMap<CustomerId, Pointer>) -> bool {
    customer.id.is_some_and(|id| !pointers.contains_key(&id))
}

/// The user's customer at `application`.
pub(super) fn linked_customer(user: &User, application: &Application) -> Option<CustomerId> {
    user.links.get(&application.id).map(|link| link.customer)
}

fn is_linked(user: &User, application: &Application, customer: CustomerId) -> bool {
    linked_customer(user, application) == Some(customer)
}
