//! Somebody at the console of a connected store: at a desktop, then on a phone.

use std::time::Duration;

use local::stack::{Options, Stack, Time};
use shared::{application::ApplicationId, bigcommerce::CustomerId, user::User};

use crate::driver::{Browser, DESKTOP, PHONE};

/// A stack, and its owner in front of a browser.
pub(crate) struct Console {
    pub(crate) stack: Stack,
    pub(crate) browser: Browser,
}

/// Walks the same path in a window of each width, each time in a world of its own with so many
/// customers.
pub(crate) async fn at_each_width(customers: u32, walk: impl AsyncFn(&Console)) {
    for width in [DESKTOP, PHONE] {
        let Some(console) = Console::open(width, customers).await else { return };
        console.stack.connect(store(), "Main store").await.unwrap();
        console.stack.settle().await.unwrap();
        // Who was changed a moment ago is left alone by a run over everyone.
        if let Time::ByHand(clock) = console.stack.time() {
            clock.advance(Duration::from_secs(600));
        }
        console.settle().await;
        console.sign_in().await;
        walk(&console).await;
        console.browser.close().await;
        console.stack.settle().await.unwrap();
    }
}

/// The store that is connected.
pub(crate) fn store() -> ApplicationId {
    "main-store".parse().unwrap()
}

impl Console {
    /// A console without a store, and nobody signed in. `None`: there is no browser.
    pub(crate) async fn open(width: u32, customers: u32) -> Option<Console> {
        let browser = Browser::open(width).await?;
        browser.open_eyes().await;
        let stack = Stack::start(Options { customers, ..Options::default() }).await.unwrap();
        Some(Console { stack, browser })
    }

    /// Signs the owner in by a link that is at hand.
    pub(crate) async fn sign_in(&self) {
        self.browser.goto(&self.stack.sign_in_link().await.unwrap()).await.unwrap();
        self.browser.press("main button").await;
        self.browser.element(".shell").await;
    }

    /// Opens a screen by the navigation, which is behind a button on a phone.
    pub(crate) async fn go(&self, screen: &str) {
        if self.browser.width == PHONE {
            self.browser.press(".menu").await;
        }
        self.browser.press(&format!("nav a[href='/admin/{screen}']")).await;
        self.browser.element(&format!("nav a[href='/admin/{screen}'][aria-current]")).await;
    }

    /// Opens an address of the console.
    pub(crate) async fn open_at(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.stack.api())).await.unwrap();
    }

    pub(crate) async fn look(&self, name: &str) {
        self.browser.look(name).await;
    }

    /// Lets what is pending happen.
    pub(crate) async fn settle(&self) {
        self.stack.settle().await.unwrap();
    }

    /// The user whose customer has this number.
    pub(crate) async fn user(&self, customer: u32) -> User {
        let id = CustomerId::try_from(i64::from(customer)).unwrap();
        let pointers = self.stack.tables().pointers(&store(), &[id]).await.unwrap();
        self.stack.tables().user(&pointers[&id].user).await.unwrap().unwrap()
    }
}
