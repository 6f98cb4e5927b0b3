//! The inbox of what asks for a person.

use shared::{
    report::{Attention, AttentionKind},
    user::UserId,
    work::Subject,
};

use crate::console::{Console, at_each_width, store};

async fn raise(console: &Console, kind: AttentionKind, about: String, detail: &str) {
    let attention = Attention {
        about,
        kind,
        application: store(),
        since: console.stack.clock().now(),
        detail: detail.to_owned(),
        waiting: Vec::new(),
    };
    console.stack.tables().raise(&attention).await.unwrap();
}

/// A look at a user that was given up.
async fn give_up(console: &Console, user: &str) {
    let (tables, now) = (console.stack.tables(), console.stack.clock().now());
    let subject = Subject::User(UserId::from(user.to_owned()));
    tables.enqueue(&subject, "users", now).await.unwrap();
    let row = tables.work(std::slice::from_ref(&subject)).await.unwrap().remove(0);
    tables.put_off(&row, now, "the store said no", true).await.unwrap();
    let attention = Attention {
        about: subject.to_string(),
        kind: AttentionKind::Dead,
        application: store(),
        since: now,
        detail: "The store answered 502 twelve times over. Look at the store's status, then try again."
            .to_owned(),
        waiting: vec![subject],
    };
    tables.raise(&attention).await.unwrap();
}

#[tokio::test]
async fn what_asks_for_a_person_is_grouped_by_cause_and_mended_by_one_press() {
    at_each_width(1, async |console: &Console| {
        let browser = &console.browser;
        console.go("attention").await;
        browser.says("Nothing asks for you").await;
        console.look("attention-empty").await;
        give_up(console, "7d1f").await;
        for number in 0..7 {
            let detail =
                format!("Customer {number} has a phone number of 51 characters; the store takes 50.");
            raise(console, AttentionKind::Refused, format!("customer#main-store#{number}"), &detail).await;
        }
        let taken = "Two customers have the address ada@example.com. Say which of them is the user.";
        raise(console, AttentionKind::Taken, "email#ada@example.com".to_owned(), taken).await;
        console.go("attention").await;
        browser.says("Given up after many attempts").await;
        console.look("attention").await;
        browser.press("form[action$='/dead/look-again'] button.primary").await;
        browser.says("being looked at again").await;
        console.settle().await;
        browser.press_named("See all").await;
        browser.says("All that asks for attention").await;
        console.look("attention-group").await;
    })
    .await;
}
