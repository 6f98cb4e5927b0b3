//! What the console's screens of users stand on: searches, changes of many users, mappings as they
//! are worked on, and what would be done.

mod bulk;
mod mappings;
mod search;
mod trace;

use local::stack::{Options, Stack};
use shared::{
    application::Application,
    bigcommerce::CustomerId,
    sync::Engine,
    user::{User, UserId},
};

/// A store with so many customers, all of them in step.
struct Bench {
    stack: Stack,
    application: Application,
}

impl Bench {
    async fn with(customers: u32) -> Bench {
        Bench::set(customers, |_| {}).await
    }

    async fn set(customers: u32, change: impl FnOnce(&mut Application)) -> Bench {
        let stack = Stack::start(Options { customers, ..Options::default() }).await.unwrap();
        let mut application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        change(&mut application);
        stack.tables().put_application(&application).await.unwrap();
        stack.settle().await.unwrap();
        Bench { stack, application }
    }

    fn engine(&self) -> Engine {
        Engine::new(self.stack.tables().clone(), self.stack.bigcommerce().clone(), self.stack.clock().clone())
    }

    /// The user whose customer has this number.
    async fn user(&self, customer: u32) -> User {
        let id = CustomerId::try_from(i64::from(customer)).unwrap();
        let pointers = self.stack.tables().pointers(&self.application.id, &[id]).await.unwrap();
        self.stack.tables().user(&pointers[&id].user).await.unwrap().unwrap()
    }

    async fn there(&self, id: &UserId) -> Option<User> {
        self.stack.tables().user(id).await.unwrap()
    }
}
