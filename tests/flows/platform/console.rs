//! The console: its pages are looked at, and of each kind of change one is made.

use std::time::Duration;

use local::stack::{Stack, Time};
use serde_json::{Value, json};
use shared::{
    application::Application,
    bulk::{Bulk, Selection, Task},
    operator::Role,
    search::Search,
};

use crate::admin::asking::{Person, Told};

pub(super) async fn run(stack: &Stack, application: &Application) {
    let owner = Person::of(stack, Role::Owner).await;
    let shop = format!("/admin/applications/{}", application.id);
    let pages = ["", "/applications", "/attention", "/changes", "/clients", "/onboarding", "/operators"]
        .map(|page| format!("/admin{page}"));
    let more = [
        "/users",
        "/users?q=newcomer",
        "/reports",
        "/reports?identifier=newcomer",
        "/reports/verify",
        "/profile-fields",
    ]
    .map(|page| format!("/admin{page}"));
    let of_the_shop = ["", "/policies", "/mapping", "/mapping/history"].map(|page| format!("{shop}{page}"));
    for page in pages.iter().chain(&more).chain(&of_the_shop) {
        seen(&owner, page).await;
    }
    configure(&owner, &shop).await;
    change_users(&owner).await;
    // A change of everyone that the request did not get through.
    let everyone = Selection::Matching(Search::default());
    let bulk = Bulk::new(Task::Provision, everyone, "ada", stack.clock().now());
    stack.tables().begin_bulk(&bulk).await.unwrap();
    let Time::ByHand(clock) = stack.time() else { panic!("the clock is a manual one") };
    clock.advance(Duration::from_secs(120));
    stack.round().await.unwrap();
    invite(stack, &owner, application).await;
    stack.settle().await.unwrap();
    seen(&owner, "/admin").await;
}

async fn invite(stack: &Stack, owner: &Person, application: &Application) {
    let here = format!("/admin/onboarding/{}", application.id);
    let mail = format!("{here}/mails/activation/en");
    done(&owner.form(&format!("{mail}/test"), &[("email", "me@example.com")]).await);
    let wave = owner.form(&format!("{here}/waves"), &[("who", "never")]).await;
    done(&wave);
    let wave = wave.header("location").split('?').next().unwrap().to_owned();
    seen(owner, &wave).await;
    done(&owner.form(&format!("{wave}/stop"), &[]).await);
    done(&owner.form(&format!("{wave}/cancel"), &[]).await);
    stack.settle().await.unwrap();
}

async fn seen(person: &Person, page: &str) -> Value {
    let told = person.json(page).await;
    assert_eq!(told.status, 200, "{page}: {}", told.text);
    told.json()
}

#[track_caller]
fn done(told: &Told) {
    assert!((200..400).contains(&told.status), "{}: {}", told.status, told.text);
}

async fn configure(owner: &Person, shop: &str) {
    let field = [("name", "shoeSize"), ("label", "Shoe size"), ("type", "string")];
    done(&owner.form("/admin/profile-fields", &field).await);
    done(&owner.form("/admin/profile-fields/shoeSize/remove", &[]).await);
    let mapping = seen(owner, &format!("{shop}/mapping")).await["live"].clone();
    let draft = json!({ "mapping": mapping, "revision": 0 });
    done(&owner.send(&format!("{shop}/mapping"), &draft).await);
    done(&owner.form(&format!("{shop}/mapping/what-if"), &[]).await);
    done(&owner.form(&format!("{shop}/mapping/discard"), &[]).await);
}

async fn change_users(owner: &Person) {
    let made = owner.send("/admin/users", &json!({ "resource": { "userName": "console-made" } })).await;
    done(&made);
    let user = made.header("location").to_owned();
    for page in ["", "/edit", "/trace", "/delete"] {
        seen(owner, &format!("{user}{page}")).await;
    }
    done(&owner.form(&format!("{user}/provision"), &[]).await);
    let version = seen(owner, &user).await["version"].to_string();
    done(&owner.form(&format!("{user}/delete"), &[("version", &version)]).await);
    let bulk = json!({ "task": "provision", "search": { "text": "newcomer" } });
    done(&owner.send("/admin/users/bulk/begin", &bulk).await);
}
