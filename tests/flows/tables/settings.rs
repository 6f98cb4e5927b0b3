//! Applications with their secrets sealed, and attention.

use aws_sdk_dynamodb::types::AttributeValue;
use shared::{
    application::{Application, ApplicationId, Credentials, Policies, SignatureMode, WebhookPolicy},
    mapping::{
        AddressAttribute, AddressField, AddressRule, Attribute, CustomerField, Direction, Mapping, Rule,
        Transform,
    },
    report::{Attention, AttentionKind},
    secret::Secret,
    store::{Error, Tables},
    work::Subject,
};

use super::bench::{self, Bench, KEY, customer};

const OTHER_KEY: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SECRETS: [&str; 5] = ["cl13nt-s3cret", "pr3vious-cl13nt", "acc3ss-t0ken", "app-s3cret", "pr3vious-app"];

fn application(id: &str) -> Application {
    let [client_secret, previous_client_secret, access_token, app_secret, previous_app_secret] =
        SECRETS.map(Secret::new);
    let rule = Rule {
        authority: None,
        attribute: Attribute::Field("size".to_owned()),
        field: CustomerField::FormField("Shoe size".to_owned()),
        direction: Direction::ToStore,
        required: false,
        to_store: vec![Transform::Trim, Transform::Default("42".to_owned())],
        to_directory: vec![Transform::Lower],
    };
    let address_rule = AddressRule {
        attribute: AddressAttribute::Country,
        field: AddressField::CountryCode,
        to_store: vec![Transform::CountryAlpha2],
        to_directory: Vec::new(),
    };
    Application {
        id: id.parse().unwrap(),
        name: "Main store".to_owned(),
        store_hash: "abc123".to_owned(),
        credentials: Credentials {
            client_id: "client".to_owned(),
            client_secret,
            previous_client_secret: Some(previous_client_secret),
            access_token,
        },
        webhook: WebhookPolicy {
            app_secret,
            previous_app_secret: Some(previous_app_secret),
            signature: SignatureMode::Require,
        },
        mapping: Mapping { rules: vec![rule], address_rules: vec![address_rule], ..Mapping::default() },
        policies: Policies { quota_reserve_percent: 33, ..Policies::default() },
    }
}

fn secrets(application: &Application) -> Vec<&str> {
    let Application { credentials, webhook, .. } = application;
    let previous = [&credentials.previous_client_secret, &webhook.previous_app_secret];
    let now = [&credentials.client_secret, &credentials.access_token, &webhook.app_secret];
    now.into_iter().chain(previous.into_iter().flatten()).map(Secret::expose).collect()
}

fn id(id: &str) -> ApplicationId {
    id.parse().unwrap()
}

impl Bench {
    /// Other tables over the same engine, with these vault keys.
    fn with_keys(&self, keys: &str) -> Tables {
        bench::tables(self.client.clone(), keys)
    }

    async fn stored(&self, id: &str) -> std::collections::HashMap<String, AttributeValue> {
        let get = self.client.get_item().table_name("settings").key("kind", text("application"));
        get.key("id", text(id)).send().await.unwrap().item.unwrap()
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn an_application_reads_back_as_written() {
    let Bench { tables, .. } = Bench::start().await;
    let written = application("main-store");
    tables.put_application(&written).await.unwrap();
    let read = tables.application(&written.id).await.unwrap().unwrap();
    assert_eq!(secrets(&read), secrets(&written));
    assert_eq!(format!("{read:?}"), format!("{written:?}"));
    assert!(tables.application(&id("other-store")).await.unwrap().is_none());
    tables.put_application(&application("a-store")).await.unwrap();
    let all = tables.applications().await.unwrap();
    assert_eq!(
        all.iter().map(|application| application.id.as_str()).collect::<Vec<_>>(),
        ["a-store", "main-store"]
    );
}

#[tokio::test]
async fn g87_no_secret_lies_in_a_table() {
    let bench = Bench::start().await;
    bench.tables.put_application(&application("main-store")).await.unwrap();
    let raw = bench.raw("settings").await;
    assert!(raw.contains("abc123"), "the row is there");
    for secret in SECRETS {
        assert!(!raw.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_sealed_value_moved_to_another_application_or_field_does_not_open() {
    let bench = Bench::start().await;
    bench.tables.put_application(&application("main-store")).await.unwrap();
    let honest = bench.stored("main-store").await;
    let mut elsewhere = honest.clone();
    elsewhere.insert("id".to_owned(), text("other-store"));
    let mut swapped = honest;
    let token = swapped["accessToken"].clone();
    swapped.insert("appSecret".to_owned(), token);
    for (row, name) in [(elsewhere, "other-store"), (swapped, "main-store")] {
        bench.client.put_item().table_name("settings").set_item(Some(row)).send().await.unwrap();
        let refused = bench.tables.application(&id(name)).await.unwrap_err();
        assert!(matches!(refused, Error::Unreadable(_)) && !refused.retryable(), "{refused:?}");
        assert!(!SECRETS.iter().any(|secret| format!("{refused:?}").contains(secret)));
    }
}

#[tokio::test]
async fn one_application_that_does_not_open_leaves_the_others() {
    let bench = Bench::start().await;
    bench.with_keys(OTHER_KEY).put_application(&application("a-store")).await.unwrap();
    bench.tables.put_application(&application("main-store")).await.unwrap();
    let all = bench.tables.applications().await.unwrap();
    assert_eq!(all.iter().map(|application| application.id.as_str()).collect::<Vec<_>>(), ["main-store"]);
}

#[tokio::test]
async fn g89_a_key_is_rotated_by_putting_a_new_one_first() {
    let bench = Bench::start().await;
    let main = id("main-store");
    bench.tables.put_application(&application("main-store")).await.unwrap();
    let wrong = bench.with_keys(OTHER_KEY);
    assert!(matches!(wrong.application(&main).await, Err(Error::Unreadable(_))));

    let rotated = bench.with_keys(&format!(r#"{{"keys": ["{OTHER_KEY}", "{KEY}"]}}"#));
    let application = rotated.application(&main).await.unwrap().unwrap();
    rotated.put_application(&application).await.unwrap();
    let read = wrong.application(&main).await.unwrap().unwrap();
    assert_eq!(secrets(&read), secrets(&application));
    assert!(bench.tables.application(&main).await.is_err(), "sealed with the new key");
}

fn attention(about: &str, waiting: &[i64], detail: &str) -> Attention {
    Attention {
        about: about.to_owned(),
        kind: AttentionKind::Taken,
        application: id("main-store"),
        since: "2026-03-10T12:00:00Z".parse().unwrap(),
        detail: detail.to_owned(),
        waiting: waiting
            .iter()
            .map(|customer| Subject::Customer(id("main-store"), bench::customer(*customer)))
            .collect(),
    }
}

#[tokio::test]
async fn attention_raised_twice_is_one_with_its_first_time_and_all_who_wait() {
    let Bench { tables, .. } = Bench::start().await;
    assert!(tables.raise(&attention("email#a@x.example", &[1, 2], "first")).await.unwrap());
    let later = Attention {
        since: "2026-03-11T00:00:00Z".parse().unwrap(),
        ..attention("email#a@x.example", &[2, 3], "second")
    };
    assert!(!tables.raise(&later).await.unwrap());
    assert!(!tables.raise(&attention("email#a@x.example", &[], "third")).await.unwrap());
    let key = (AttentionKind::Taken, "email#a@x.example".to_owned());
    let found =
        tables.attentions(&[key.clone(), key.clone(), (AttentionKind::Dead, "x".to_owned())]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].since, found[0].detail.as_str()),
        ("2026-03-10T12:00:00Z".parse().unwrap(), "third")
    );
    let mut waiting = found[0].waiting.clone();
    waiting.sort();
    assert_eq!(waiting, [1, 2, 3].map(|n| Subject::Customer(id("main-store"), customer(n))));
    let settled = tables.settle_attention(key.0, &key.1).await.unwrap().unwrap();
    assert!(settled == found[0]);
    assert!(tables.settle_attention(key.0, &key.1).await.unwrap().is_none());
    assert!(tables.raise(&attention("email#a@x.example", &[4], "anew")).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_who_raise_one_attention_at_once_one_is_the_first_and_all_wait() {
    let Bench { tables, .. } = &Bench::start().await;
    let raised: Vec<Attention> = (1..=16).map(|n| attention("email#a@x.example", &[n], "taken")).collect();
    let outcomes = futures_util::future::join_all(raised.iter().map(|raised| tables.raise(raised))).await;
    assert_eq!(outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count(), 1);
    let settled = tables.settle_attention(AttentionKind::Taken, "email#a@x.example").await.unwrap();
    assert_eq!(settled.unwrap().waiting.len(), 16);
}

#[tokio::test]
async fn all_attention_is_given_page_by_page() {
    let Bench { tables, .. } = Bench::start().await;
    for n in 0..25 {
        tables.raise(&attention(&format!("email#{n}@x.example"), &[], "taken")).await.unwrap();
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = tables.all_attention(after.as_deref(), 10).await.unwrap();
        assert!(page.attention.len() <= 10);
        all.extend(page.attention);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let mut ids: Vec<String> = all.iter().map(Attention::id).collect();
    assert!(ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 25);
}

#[tokio::test]
async fn deletions_are_tallied_by_application_way_and_hour() {
    let Bench { tables, .. } = &Bench::start().await;
    let (main, now) = (&id("main-store"), "2026-03-10T12:59:59Z".parse().unwrap());
    let tallied =
        futures_util::future::join_all((0..4).map(|_| tables.tally_deletions(main, "toStore", now, 5))).await;
    let mut tallied: Vec<u64> = tallied.into_iter().map(Result::unwrap).collect();
    tallied.sort_unstable();
    assert_eq!(tallied, [5, 10, 15, 20]);
    assert_eq!(tables.tally_deletions(main, "toStore", now, 0).await.unwrap(), 20);
    let later = "2026-03-10T13:00:00Z".parse().unwrap();
    for (application, way, at) in
        [(main, "toStore", later), (main, "toDirectory", now), (&id("outlet"), "toStore", now)]
    {
        assert_eq!(tables.tally_deletions(application, way, at, 1).await.unwrap(), 1);
    }
}
