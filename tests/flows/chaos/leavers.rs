//! People who come, go, are disabled and come back at both sides at once, while values are changed
//! to and fro and everything between the sides goes wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use shared::{
    bigcommerce::CustomerId,
    mapping::CustomerField,
    merge::AddressChanges,
    secret::EmailAddress,
    store::Error,
    user::{Email, User},
};

use super::{
    Town, dice, seed,
    sides::{ENGINE_FAULTS, TIGHT, patiently, store_faults, work, write},
};
use crate::oracle::{self, NOTHING};

/// Who edits, and what must stand: a company is edited in the directory alone, a telephone number at
/// the store alone, each of two values in turns.
struct Crowd {
    dice: StdRng,
    done: u32,
    companies: BTreeMap<String, &'static str>,
    phones: BTreeMap<String, &'static str>,
    gone: BTreeSet<String>,
}

fn name(user: &User) -> String {
    user.emails[0].value.as_str().to_owned()
}

impl Crowd {
    fn new(purpose: u64) -> Crowd {
        Crowd {
            dice: dice(purpose),
            done: 0,
            companies: BTreeMap::new(),
            phones: BTreeMap::new(),
            gone: BTreeSet::new(),
        }
    }

    async fn act(&mut self, town: &Town) {
        self.done += 1;
        let users = patiently(async || town.stack.tables().page_of_users(None, 250).await).await;
        let user = users.choose(&mut self.dice).filter(|_| users.len() > 6).cloned();
        let Some(user) = user else { return self.join(town).await };
        let customer = user.links.get(&town.application.id).map(|link| link.customer);
        match (self.dice.random_range(0..20), customer) {
            (0 | 1, _) => self.join(town).await,
            (2, _) => self.quit(town, &user).await,
            (3, Some(customer)) => self.quit_at_store(town, &user, customer).await,
            (4..=6, _) => self.switch(town, &user).await,
            (7..=13, _) => self.edit_in_directory(town, &user).await,
            (_, Some(customer)) => self.edit_at_store(town, &user, customer).await,
            _ => {}
        }
    }

    async fn join(&mut self, town: &Town) {
        let email = format!("new{}@x.example", self.done);
        if self.dice.random_bool(0.5) {
            town.add(&email).await.unwrap();
            return;
        }
        let mut user = User::new(email.clone(), town.clock.now());
        user.name.given_name = Some("Ada".to_owned());
        user.name.family_name = Some("King".to_owned());
        user.emails =
            vec![Email { value: EmailAddress::new(email), kind: None, display: None, primary: true }];
        while let Err(error) = town.stack.tables().create_user(&user, &[work(town, &user)]).await {
            if matches!(error, Error::Moved | Error::Taken { .. }) {
                return;
            }
            assert!(error.retryable(), "{error:?}");
        }
    }

    async fn quit(&mut self, town: &Town, user: &User) {
        self.gone.insert(name(user));
        loop {
            let before = patiently(async || town.stack.tables().user(&user.id).await).await;
            let Some(before) = before else { return };
            let also = [work(town, &before)];
            if town.stack.tables().delete_user(&before, &BTreeSet::new(), &also).await.is_ok() {
                return;
            }
        }
    }

    async fn quit_at_store(&mut self, town: &Town, user: &User, customer: CustomerId) {
        if town.customer(customer).is_some() {
            self.gone.insert(name(user));
            town.remove(customer).await;
        }
    }

    async fn switch(&mut self, town: &Town, user: &User) {
        let active = !user.active;
        write(town, user, |user| User { active, ..user.clone() }).await;
    }

    async fn edit_in_directory(&mut self, town: &Town, user: &User) {
        let company = *["Acme", "Bolt"].choose(&mut self.dice).unwrap();
        let fields = [(CustomerField::Company, company)];
        if write(town, user, |user| town.edited(user, &fields, &AddressChanges::default())).await {
            self.companies.insert(name(user), company);
        }
    }

    async fn edit_at_store(&mut self, town: &Town, user: &User, customer: CustomerId) {
        let phone = *["1", "2"].choose(&mut self.dice).unwrap();
        if town.customer(customer).is_some() && town.change(customer, "phone", phone).await {
            self.phones.insert(name(user), phone);
        }
    }

    /// Everybody is active again.
    async fn welcome(&self, town: &Town) {
        for user in town.stack.tables().page_of_users(None, 250).await.unwrap() {
            write(town, &user, |user| User { active: true, ..user.clone() }).await;
        }
        town.stack.settle().await.unwrap();
    }

    /// What is not as it was left: values, and people who are there though they have gone.
    fn wrong(&self, town: &Town) -> Vec<String> {
        let mut found = Vec::new();
        for customer in town.stack.store().customers() {
            let email = customer.email.clone();
            let company =
                self.companies.get(&email).is_none_or(|due| customer.company.as_deref() == Some(due));
            let phone = self.phones.get(&email).is_none_or(|due| customer.phone.as_deref() == Some(due));
            if !company || !phone {
                let (company, phone) = (self.companies.get(&email), self.phones.get(&email));
                found.push(format!(
                    "{email}: {:?} {:?}, due {company:?} {phone:?}",
                    customer.company, customer.phone
                ));
            }
            if self.gone.contains(&email) {
                found.push(format!("{email} is back"));
            }
        }
        found
    }
}

#[tokio::test]
async fn people_come_go_and_return_at_both_sides_through_every_fault_and_nothing_is_lost_g40_g45_g52() {
    let town = Town::with(TIGHT).await;
    let mut crowd = Crowd::new(11);
    let mut weather = dice(12);
    town.stack.engine().gate().fail_some(seed(), 0.03, &ENGINE_FAULTS);
    town.stack.killer().kill_some(seed(), 0.5, 30);
    for _ in 0..50 {
        town.stack.store().faults(store_faults(&mut weather));
        let deeds = weather.random_range(1..5);
        let acting = async {
            for _ in 0..deeds {
                crowd.act(&town).await;
            }
        };
        let (round, ()) = tokio::join!(town.stack.round(), acting);
        round.unwrap();
        town.stack.store().clear_faults();
        town.clock.advance(Duration::from_secs(weather.random_range(0..40)));
    }
    let deaths = town.stack.killer().deaths().len();
    town.calm().await;
    crowd.welcome(&town).await;
    assert_eq!(crowd.wrong(&town), NOTHING, "seed {}", seed());
    oracle::in_step(&town.stack, &town.application).await;
    assert!(deaths >= 10 && crowd.gone.len() >= 3, "{deaths} deaths, seed {}", seed());
}
