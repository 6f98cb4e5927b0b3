//! Chaos over the whole stack: whatever is lost, doubled, late, refused or killed on the way, the
//! two sides agree in the end. The seed is `CLIENTELE_SEED`, or else always the same.

mod costs;
mod events;
mod kills;
mod leavers;
mod panel;
mod sides;
mod silence;
mod soak;
mod tenants;

use local::{
    bigcommerce::{Config, Plan},
    clock::ManualClock,
    stack::{Options, Stack, Time},
};
use rand::{SeedableRng, rngs::StdRng};
use shared::{
    application::Application,
    bigcommerce::CustomerId,
    mapping::{CustomerField, Fields},
    merge::AddressChanges,
    store,
    user::User,
};

use crate::oracle;

/// What chance begins with.
fn seed() -> u64 {
    let given = std::env::var("CLIENTELE_SEED").ok();
    given.map_or(1, |seed| seed.parse().expect("CLIENTELE_SEED is a whole number"))
}

/// Chance, for one purpose.
fn dice(purpose: u64) -> StdRng {
    StdRng::seed_from_u64(seed().wrapping_mul(1_000).wrapping_add(purpose))
}

/// A stack with a connected store, and the browser of the merchant.
struct Town {
    stack: Stack,
    application: Application,
    clock: ManualClock,
    browser: reqwest::Client,
}

impl Town {
    async fn start() -> Town {
        Town::with(Plan::STANDARD).await
    }

    async fn with(plan: Plan) -> Town {
        let store = Config { plan, ..Config::default() };
        Town::on(Options { store, ..Options::default() }).await
    }

    async fn on(options: Options) -> Town {
        let Time::ByHand(clock) = options.time.clone() else { panic!("a test's time is moved by hand") };
        let stack = Stack::start(options).await.unwrap();
        let mut application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        // Whoever goes is meant to go: the brake would ask.
        application.policies.deletion_brake.percent = 100;
        stack.tables().put_application(&application).await.unwrap();
        stack.settle().await.unwrap();
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Town { stack, application, clock, browser: browser.build().unwrap() }
    }

    /// The user that is this customer.
    async fn find_user_of(&self, customer: CustomerId) -> Result<Option<User>, store::Error> {
        let pointers = self.stack.tables().pointers(&self.application.id, &[customer]).await?;
        match pointers.get(&customer) {
            Some(pointer) => self.stack.tables().user(&pointer.user).await,
            None => Ok(None),
        }
    }

    /// The same, where the tables must answer.
    async fn user_of(&self, customer: CustomerId) -> Option<User> {
        self.find_user_of(customer).await.unwrap()
    }

    /// What is not as it should be, once nothing is pending.
    async fn problems(&self) -> Vec<String> {
        oracle::problems(&self.stack, &self.application).await
    }

    /// The user with some fields set and addresses gained or lost.
    fn edited(&self, user: &User, fields: &[(CustomerField, &str)], addresses: &AddressChanges) -> User {
        let fields: Fields = fields.iter().map(|(field, value)| (field.clone(), (*value).into())).collect();
        let mut after = user.clone();
        self.application.mapping.write_user(&mut after, &fields, addresses, self.clock.now());
        after
    }
}
