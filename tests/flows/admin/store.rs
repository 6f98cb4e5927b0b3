//! A console with a connected store whose customers are in step, and somebody at it.

use local::stack::{Options, Stack};
use shared::{application::Application, bigcommerce::CustomerId, operator::Role, user::User};

use super::asking::Person;

pub(super) struct Shop {
    pub(super) stack: Stack,
    pub(super) application: Application,
    pub(super) operator: Person,
}

impl Shop {
    pub(super) async fn with(customers: u32) -> Shop {
        let stack = Stack::start(Options { customers, ..Options::default() }).await.unwrap();
        let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
        stack.settle().await.unwrap();
        let operator = Person::of(&stack, Role::Operator).await;
        Shop { stack, application, operator }
    }

    /// The user whose customer has this number.
    pub(super) async fn user(&self, customer: u32) -> User {
        let id = CustomerId::try_from(i64::from(customer)).unwrap();
        let pointers = self.stack.tables().pointers(&self.application.id, &[id]).await.unwrap();
        self.stack.tables().user(&pointers[&id].user).await.unwrap().unwrap()
    }
}
