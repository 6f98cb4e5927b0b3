//! Deliveries that are, or only seem to be, the store's own.

use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::{Body as LambdaBody, request};
use reqwest::StatusCode;
use serde_json::json;
use shared::{
    application::{SignatureMode, WEBHOOK_SECRET_HEADER},
    secret::Secret,
    store::Table,
};
use tower::ServiceExt;

use super::{Delivery, Intake, NOTHING};

const SIGNATURE_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// Deliveries whose signature does not hold.
fn forged(intake: &Intake) -> Vec<(String, Delivery)> {
    let good = || intake.updated(1.try_into().unwrap());
    let signature = good().header("webhook-signature").to_owned();
    let mut forged: Vec<(String, Delivery)> =
        SIGNATURE_HEADERS.map(|name| (format!("without {name}"), good().without(name))).into();
    let values = [
        ("no signature in it", "v1,".to_owned()),
        ("an empty list", String::new()),
        ("another's", "v1,MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned()),
        ("truncated", signature[..signature.len() - 1].to_owned()),
        ("half of it", signature[..20].to_owned()),
        ("more than it", format!("{signature}=")),
        ("another version", signature.replace("v1,", "v2,")),
        ("no version", signature.replace("v1,", "")),
        ("two wrong ones", "v1,YQ== v1,Yg==".to_owned()),
    ];
    let with = |(what, value): (&str, String)| (what.to_owned(), good().with("webhook-signature", &value));
    forged.extend(values.map(with));
    forged.push(("another delivery's".to_owned(), good().with("webhook-id", "another")));
    forged.push((
        "another time's".to_owned(),
        good().with("webhook-timestamp", &(intake.now() - 1).to_string()),
    ));
    forged.push(("no time".to_owned(), good().with("webhook-timestamp", "yesterday")));
    forged
}

#[tokio::test]
async fn what_is_not_signed_by_the_store_is_turned_away_and_costs_nothing_g03() {
    let intake = Intake::start(1).await;
    for (what, delivery) in forged(&intake) {
        assert_eq!(intake.is_turned_away(&delivery, &what).await, StatusCode::UNAUTHORIZED, "{what}");
    }
    let good = intake.updated(intake.customers()[0]);
    let wrong_secret = good.clone().with(WEBHOOK_SECRET_HEADER, "a guess");
    assert_eq!(intake.is_turned_away(&wrong_secret, "a wrong secret").await, StatusCode::UNAUTHORIZED);
    let no_secret = good.clone().without(WEBHOOK_SECRET_HEADER);
    assert_eq!(intake.is_turned_away(&no_secret, "no secret").await, StatusCode::UNAUTHORIZED);
    intake.is_taken(&good, "the delivery itself").await;
}

/// Who guesses makes the function read the application once a second, and no oftener.
#[tokio::test]
async fn a_hundred_guesses_at_once_cost_one_read_of_the_application_g03() {
    let intake = Intake::start(1).await;
    intake.wait(1);
    intake.cost(Table::Settings);
    let good = intake.updated(intake.customers()[0]);
    let guess = |n: i32| match n % 2 {
        0 => good.clone().with(WEBHOOK_SECRET_HEADER, &format!("guess {n}")),
        _ => good.clone().with("webhook-id", &format!("guess-{n}")),
    };
    let answers = intake.post_all((0..100).map(guess).collect()).await;
    assert!(answers.iter().all(|status| *status == StatusCode::UNAUTHORIZED));
    assert_eq!(intake.cost(Table::Settings).read, 1.0);
    assert_eq!(intake.writes(), NOTHING);
}

#[tokio::test]
async fn one_of_several_signatures_is_enough_g04() {
    let intake = Intake::start(1).await;
    let good = intake.updated(intake.customers()[0]);
    let valid = good.header("webhook-signature").to_owned();
    for list in [
        format!("v1,MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= {valid}"),
        format!("{valid} v1,MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
        format!("v1a,bm90IGZvciB1cw== {valid} v2,bm90IGZvciB1cw=="),
    ] {
        intake.is_taken(&good.clone().with("webhook-signature", &list), &list).await;
    }
}

#[tokio::test]
async fn a_delivery_may_be_300_seconds_off_and_no_more_g05() {
    let intake = Intake::start(1).await;
    let sent_off_by = |seconds: i64| {
        let event = intake.updated(intake.customers()[0]).body;
        intake.signed_at(intake.now() + seconds, event)
    };
    for seconds in [-301, 301, -86_400, 1 << 40] {
        let what = format!("{seconds} s off");
        assert_eq!(intake.is_turned_away(&sent_off_by(seconds), &what).await, StatusCode::UNAUTHORIZED);
    }
    for seconds in [-300, -299, 0, 299, 300] {
        intake.is_taken(&sent_off_by(seconds), &format!("{seconds} s off")).await;
    }
}

/// What our clock is wrong by is taken off the 300 seconds, and no more than that.
#[tokio::test]
async fn a_clock_of_ours_that_is_120_seconds_fast_still_takes_deliveries_g05() {
    let intake = Intake::start(1).await;
    let sent_at = |at: i64| intake.signed_at(at, intake.updated(intake.customers()[0]).body);
    let true_time = intake.now();
    intake.wait(120);
    intake.is_taken(&sent_at(true_time), "sent just now").await;
    let true_time = intake.now() - 120;
    intake.is_taken(&sent_at(true_time - 180), "sent 180 s ago").await;
    let true_time = intake.now() - 120;
    intake.is_turned_away(&sent_at(true_time - 181), "sent 181 s ago").await;
}

#[tokio::test]
async fn a_replay_has_no_effect_and_after_ten_minutes_it_is_turned_away_g06() {
    let intake = Intake::start(1).await;
    let customer = intake.customers()[0];
    let before = intake.user(customer).await;
    intake.rename_company(customer, "Analytical Engines").await;
    let delivery = intake.updated(customer);
    intake.stack.round().await.unwrap();
    intake.forget_costs();
    intake.is_taken(&delivery, "within tolerance").await;
    assert_eq!(intake.user(customer).await.version - before.version, 1);

    intake.wait(600);
    assert_eq!(intake.is_turned_away(&delivery, "ten minutes later").await, StatusCode::UNAUTHORIZED);
    assert_eq!(intake.user(customer).await.version - before.version, 1);
}

#[tokio::test]
async fn without_a_signature_the_secret_counts_only_where_the_application_says_so_g07() {
    let mut intake = Intake::start(1).await;
    for (mode, taken) in [
        (SignatureMode::Off, true),
        (SignatureMode::Observe, true),
        (SignatureMode::WhenPresent, true),
        (SignatureMode::Require, false),
    ] {
        intake.reconfigure(|application| application.webhook.signature = mode).await;
        let unsigned = SIGNATURE_HEADERS
            .iter()
            .fold(intake.updated(intake.customers()[0]), |delivery, name| delivery.without(name));
        let wrong = unsigned.clone().with(WEBHOOK_SECRET_HEADER, "a guess");
        let what = format!("{mode:?}");
        assert_eq!(intake.is_turned_away(&wrong, &what).await, StatusCode::UNAUTHORIZED, "{what}");
        if taken {
            intake.is_taken(&unsigned, &what).await;
        } else {
            assert_eq!(intake.is_turned_away(&unsigned, &what).await, StatusCode::UNAUTHORIZED, "{what}");
        }
    }
}

#[tokio::test]
async fn one_byte_more_than_was_signed_is_turned_away_g08() {
    let intake = Intake::start(1).await;
    let good = intake.updated(intake.customers()[0]);
    let spaced = good.body.replacen(':', ": ", 1);
    for body in [format!("{} ", good.body), format!(" {}", good.body), format!("{}\n", good.body), spaced] {
        let changed = Delivery { body, ..good.clone() };
        assert_eq!(intake.is_turned_away(&changed, &changed.body).await, StatusCode::UNAUTHORIZED);
    }
}

/// API Gateway hands some bodies over in base64: signed is what is in it.
#[tokio::test]
async fn a_body_that_api_gateway_encodes_is_verified_as_it_was_sent_g08() {
    let intake = Intake::start(1).await;
    let function = intake.function();
    let good = intake.updated(intake.customers()[0]);
    for (body, status) in
        [(good.body.clone(), StatusCode::OK), (good.body.clone() + " ", StatusCode::UNAUTHORIZED)]
    {
        let request = from_api_gateway(&Delivery { body, ..good.clone() });
        assert!(matches!(request.body(), LambdaBody::Binary(_)));
        assert_eq!(function.clone().oneshot(request).await.unwrap().status(), status);
    }
    assert_eq!(intake.rows().len(), 1);
    intake.stack.settle().await.unwrap();
}

/// The event that API Gateway makes of a delivery (payload format 2.0), read as Lambda's runtime does.
fn from_api_gateway(delivery: &Delivery) -> lambda_http::Request {
    let headers: serde_json::Map<_, _> = delivery
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let path = "/webhooks/main-store";
    let event = json!({
        "version": "2.0", "routeKey": "POST /webhooks/{application}", "rawPath": path, "rawQueryString": "",
        "headers": headers, "isBase64Encoded": true, "body": BASE64_STANDARD.encode(&delivery.body),
        "requestContext": {
            "accountId": "000000000000", "apiId": "local", "stage": "$default", "requestId": "1",
            "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "" },
        },
    });
    request::from_str(&event.to_string()).unwrap()
}

#[tokio::test]
async fn a_signed_event_is_taken_whatever_its_type_is_said_to_be_g09() {
    let intake = Intake::start(1).await;
    let good = || intake.updated(intake.customers()[0]);
    for kind in ["application/json; charset=utf-16", "text/plain", "multipart/form-data", "", "nonsense"] {
        intake.is_taken(&good().with("content-type", kind), kind).await;
    }
    intake.is_taken(&good().without("content-type"), "no type").await;
}

#[tokio::test]
async fn an_unknown_application_is_turned_away_as_a_wrong_secret_is_g03() {
    let intake = Intake::start(1).await;
    let good = intake.updated(intake.customers()[0]);
    let url = format!("{}/webhooks/other-store", intake.stack.api());
    let ask = |url: String, delivery: Delivery| async {
        let answer =
            intake.http.post(url).headers(delivery.headers).body(delivery.body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let unknown = ask(url, good.clone()).await;
    let wrong = ask(intake.url(), good.with(WEBHOOK_SECRET_HEADER, Secret::new("a guess").expose())).await;
    assert_eq!(unknown, wrong);
    assert_eq!((unknown.0, intake.writes()), (StatusCode::UNAUTHORIZED, NOTHING));
}
