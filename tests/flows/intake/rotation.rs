//! Secrets that change while deliveries arrive.

use reqwest::StatusCode;
use shared::secret::Secret;

use super::{Delivery, Intake, all_ok, headers};

/// A client secret and an app secret, which change together or one by one.
#[derive(Clone)]
struct Secrets {
    client: Secret,
    app: Secret,
}

impl Secrets {
    fn of(intake: &Intake) -> Secrets {
        let application = &intake.application;
        Secrets {
            client: application.credentials.client_secret.clone(),
            app: application.webhook.app_secret.clone(),
        }
    }

    /// The delivery as a store with these secrets sends it.
    fn on(&self, delivery: Delivery) -> Delivery {
        let at = delivery.header("webhook-timestamp").parse().unwrap();
        let headers = headers(&self.client, &self.app, delivery.header("webhook-id"), at, &delivery.body);
        Delivery { headers, ..delivery }
    }
}

/// What a change of the secrets makes of how the application is kept: the old ones stay valid.
async fn rotate(intake: &mut Intake, fresh: &Secrets) {
    let application = &mut intake.application;
    let client = std::mem::replace(&mut application.credentials.client_secret, fresh.client.clone());
    application.credentials.previous_client_secret = Some(client);
    let app = std::mem::replace(&mut application.webhook.app_secret, fresh.app.clone());
    application.webhook.previous_app_secret = Some(app);
    intake.stack.tables().put_application(&intake.application).await.unwrap();
}

/// 200 deliveries, each by one of `secrets` in turn.
async fn all_taken(intake: &Intake, secrets: &[&Secrets]) -> bool {
    let delivery =
        |n: i64| secrets[n as usize % secrets.len()].on(intake.updated((n % 50 + 1).try_into().unwrap()));
    all_ok(&intake.post_all((0..200).map(delivery).collect()).await)
}

#[tokio::test]
async fn no_delivery_fails_while_secrets_change_under_load_g89() {
    let mut intake = Intake::start(0).await;
    let old = Secrets::of(&intake);
    assert!(all_taken(&intake, &[&old]).await);
    let new = Secrets { client: Secret::new("a new client secret"), app: Secret::new("a new app secret") };
    rotate(&mut intake, &new).await;
    assert!(all_taken(&intake, &[&old]).await, "nobody was told yet");
    // A secret that was just kept may be unknown to a running function for a second: so long a
    // store must not be told of it.
    intake.wait(1);
    let halves =
        [Secrets { app: old.app.clone(), ..new.clone() }, Secrets { app: new.app.clone(), ..old.clone() }];
    assert!(all_taken(&intake, &[&new, &old, &halves[0], &halves[1]]).await, "both at once");
    intake.wait(29);
    assert!(all_taken(&intake, &[&new, &old, &halves[0], &halves[1]]).await, "later");
    intake.stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_withdrawn_secret_opens_nothing_after_30_seconds_g89() {
    let mut intake = Intake::start(0).await;
    let old = Secrets::of(&intake);
    let new = Secrets { client: Secret::new("a new client secret"), app: Secret::new("a new app secret") };
    rotate(&mut intake, &new).await;
    intake
        .reconfigure(|application| {
            application.credentials.previous_client_secret = None;
            application.webhook.previous_app_secret = None;
        })
        .await;
    let delivery = intake.updated(1.try_into().unwrap());
    for (what, secrets) in [
        ("both old", &old),
        ("the client secret old", &Secrets { app: new.app.clone(), ..old.clone() }),
        ("the app secret old", &Secrets { client: new.client.clone(), ..old.clone() }),
    ] {
        let status = intake.is_turned_away(&secrets.on(delivery.clone()), what).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}");
    }
    intake.is_taken(&new.on(delivery), "both new").await;
}
