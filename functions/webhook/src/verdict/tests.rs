//! Whole deliveries against the gauntlet.

use proptest::prelude::*;
use serde_json::json;
use shared::application::SignatureMode;

use super::*;
use crate::{
    sample::{self, APP_SECRET, CLIENT_SECRET, NOW},
    signature::Fault,
};

const MODES: [SignatureMode; 4] =
    [SignatureMode::Off, SignatureMode::Observe, SignatureMode::WhenPresent, SignatureMode::Require];

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn in_mode(mode: SignatureMode) -> Application {
    let mut application = sample::application();
    application.webhook.signature = mode;
    application
}

fn created() -> Vec<u8> {
    sample::event("store/customer/created")
}

/// The decision on a delivery that is right in everything but its body.
fn on_body(body: &[u8]) -> Decision {
    let headers = sample::signed(CLIENT_SECRET, NOW, body);
    verdict(Some(&in_mode(SignatureMode::Require)), &headers, body, now()).decision
}

fn with_app_secret(value: &str) -> HeaderMap {
    sample::headers(&[(WEBHOOK_SECRET_HEADER, value)])
}

fn kept(decision: &Decision) -> bool {
    matches!(decision, Decision::Keep(_))
}

#[test]
fn a_delivery_of_the_store_becomes_work_on_its_customer() {
    let Decision::Keep(notice) = on_body(&created()) else { panic!("not kept") };
    assert_eq!(notice.subject.to_string(), "customer#main-store#32");
    assert_eq!(notice.scope, "store/customer/created");
    assert_eq!(notice.asked_at.as_second(), NOW - 3);
}

#[test]
fn an_event_that_does_not_tell_its_time_is_asked_now() {
    let body = br#"{"producer":"stores/abc123","scope":"store/customer/updated","data":{"id":32}}"#;
    let Decision::Keep(notice) = on_body(body) else { panic!("not kept") };
    assert_eq!(notice.asked_at, now());
}

#[test]
fn g03_a_wrong_signature_is_refused_where_signatures_count() {
    let body = created();
    let headers = sample::signed("another secret", NOW, &body);
    let verdicts = MODES.map(|mode| verdict(Some(&in_mode(mode)), &headers, &body, now()));
    assert!(kept(&verdicts[0].decision) && kept(&verdicts[1].decision));
    assert_eq!(verdicts[0].signature, Finding::NotExamined);
    assert_eq!(verdicts[1].signature, Finding::Wrong(Fault::NoneHolds));
    assert_eq!(verdicts[2].decision, Decision::Refuse(Refusal::Signature));
    assert_eq!(verdicts[3].decision, Decision::Refuse(Refusal::Signature));
}

#[test]
fn g03_a_signature_in_part_counts_as_a_wrong_one() {
    let body = created();
    for name in [signature::ID, signature::TIMESTAMP, signature::SIGNATURE] {
        let mut headers = sample::signed(CLIENT_SECRET, NOW, &body);
        headers.remove(name);
        let decision = verdict(Some(&sample::application()), &headers, &body, now()).decision;
        assert_eq!(decision, Decision::Refuse(Refusal::Signature), "{name}");
    }
}

#[test]
fn g06_a_valid_delivery_replayed_ten_minutes_later_is_refused() {
    let body = created();
    let headers = sample::signed(CLIENT_SECRET, NOW, &body);
    let decision = |seconds_later: i64| {
        let at = Timestamp::from_second(NOW + seconds_later).unwrap();
        verdict(Some(&sample::application()), &headers, &body, at).decision
    };
    assert_eq!(decision(600), Decision::Refuse(Refusal::Signature));
    assert!(kept(&decision(60)));
}

#[test]
fn g07_without_a_signature_the_app_secret_is_enough_unless_signatures_are_required() {
    let body = created();
    let decisions = |secret| {
        MODES.map(|mode| verdict(Some(&in_mode(mode)), &with_app_secret(secret), &body, now()).decision)
    };
    let [off, observe, when_present, require] = decisions(APP_SECRET);
    assert!(kept(&off) && kept(&observe) && kept(&when_present));
    assert_eq!(require, Decision::Refuse(Refusal::Signature));
    assert!(decisions("wrong").iter().all(|decision| *decision == Decision::Refuse(Refusal::AppSecret)));
}

#[test]
fn g07_a_valid_signature_does_not_make_up_for_a_wrong_app_secret() {
    let body = created();
    let mut headers = sample::signed(CLIENT_SECRET, NOW, &body);
    for wrong in ["", "x", &APP_SECRET[1..], &format!("{APP_SECRET},{APP_SECRET}")] {
        headers.insert(WEBHOOK_SECRET_HEADER, wrong.parse().unwrap());
        let decision = verdict(Some(&sample::application()), &headers, &body, now()).decision;
        assert_eq!(decision, Decision::Refuse(Refusal::AppSecret), "{wrong:?}");
    }
    headers.insert(WEBHOOK_SECRET_HEADER, APP_SECRET.parse().unwrap());
    headers.append(WEBHOOK_SECRET_HEADER, APP_SECRET.parse().unwrap());
    let twice = verdict(Some(&sample::application()), &headers, &body, now()).decision;
    assert_eq!(twice, Decision::Refuse(Refusal::AppSecret));
    headers.remove(WEBHOOK_SECRET_HEADER);
    let none = verdict(Some(&sample::application()), &headers, &body, now()).decision;
    assert_eq!(none, Decision::Refuse(Refusal::AppSecret));
}

#[test]
fn an_unknown_application_is_refused_whatever_the_secret() {
    let body = created();
    for secret in [APP_SECRET, "", "the stand-in of a secret that is not there"] {
        let decision = verdict(None, &with_app_secret(secret), &body, now()).decision;
        assert_eq!(decision, Decision::Refuse(Refusal::UnknownApplication));
    }
}

#[test]
fn neither_an_empty_secret_nor_the_stand_in_opens_an_application() {
    let mut application = in_mode(SignatureMode::Off);
    for (current, given) in
        [("", ""), (APP_SECRET, ""), (APP_SECRET, "the stand-in of a secret that is not there")]
    {
        application.webhook.app_secret = Secret::new(current);
        let decision = verdict(Some(&application), &with_app_secret(given), &created(), now()).decision;
        assert_eq!(decision, Decision::Refuse(Refusal::AppSecret), "{current:?} {given:?}");
    }
}

#[test]
fn g08_a_body_in_base64_from_api_gateway_is_verified_over_what_it_decodes_to() {
    let body = created();
    let request = json!({
        "version": "2.0", "routeKey": "POST /webhooks/{application}", "rawPath": "/webhooks/main-store",
        "rawQueryString": "", "headers": {}, "isBase64Encoded": true,
        "body": base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &body),
        "requestContext": { "http": {
            "method": "POST", "path": "/webhooks/main-store", "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1", "userAgent": "x",
        } },
    });
    let request = lambda_http::request::from_str(&request.to_string()).unwrap();
    assert!(kept(&verdict_on(request.body().as_ref(), &body)));
    assert!(!kept(&verdict_on(&[&body[..], b" "].concat(), &body)));
}

fn verdict_on(received: &[u8], sent: &[u8]) -> Decision {
    let headers = sample::signed(CLIENT_SECRET, NOW, sent);
    verdict(Some(&in_mode(SignatureMode::Require)), &headers, received, now()).decision
}

#[test]
fn g09_the_content_type_does_not_count() {
    let body = created();
    for content_type in [None, Some("application/json; charset=utf-16"), Some("text/html"), Some("?")] {
        let mut headers = sample::signed(CLIENT_SECRET, NOW, &body);
        if let Some(content_type) = content_type {
            headers.insert("content-type", content_type.parse().unwrap());
        }
        assert!(kept(&verdict(Some(&sample::application()), &headers, &body, now()).decision));
    }
}

#[test]
fn g11_a_body_that_cannot_be_read_is_malformed_only_to_who_may_send() {
    let nested = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    for body in ["", "{", "NaN", "\u{feff}{}", "{} {}", r#""\udead""#, &nested] {
        assert_eq!(on_body(body.as_bytes()), Decision::Malformed);
        let stranger = verdict(Some(&sample::application()), &with_app_secret("?"), body.as_bytes(), now());
        assert_eq!(stranger.decision, Decision::Refuse(Refusal::AppSecret));
    }
}

#[test]
fn g12_what_is_authentic_but_not_ours_is_ignored() {
    let event = |producer, scope, id: serde_json::Value| {
        on_body(json!({ "producer": producer, "scope": scope, "data": { "id": id } }).to_string().as_bytes())
    };
    let updated = "store/customer/updated";
    for producer in ["stores/other", "stores/abc1234", "abc123", "stores/", "Stores/abc123", ""] {
        assert_eq!(event(producer, updated, 32.into()), Decision::Ignore(Ignored::OtherStore), "{producer}");
    }
    let order = "store/order/created";
    let ignored = Decision::Ignore(Ignored::OtherScope(order.to_owned()));
    assert_eq!(event("stores/abc123", order, 32.into()), ignored);
    let no_customer = Decision::Ignore(Ignored::NoCustomer(updated));
    for id in [json!("32"), json!(-1), json!(9_223_372_036_854_775_808_u64), json!(null)] {
        assert_eq!(event("stores/abc123", updated, id), no_customer);
    }
    assert_eq!(on_body(b"{}"), Decision::Ignore(Ignored::OtherStore));
}

#[test]
fn g89_while_secrets_are_rotated_old_and_new_ones_open_in_any_pairing() {
    let mut application = in_mode(SignatureMode::Require);
    application.webhook.previous_app_secret = Some(Secret::new(APP_SECRET));
    application.webhook.app_secret = Secret::new("new header secret");
    application.credentials.previous_client_secret = Some(Secret::new(CLIENT_SECRET));
    application.credentials.client_secret = Secret::new("new client secret");
    let body = created();
    for app_secret in [APP_SECRET, "new header secret"] {
        for client_secret in [CLIENT_SECRET, "new client secret"] {
            let mut headers = sample::signed(client_secret, NOW, &body);
            headers.insert(WEBHOOK_SECRET_HEADER, app_secret.parse().unwrap());
            assert!(kept(&verdict(Some(&application), &headers, &body, now()).decision));
        }
    }
}

#[test]
fn g87_a_verdict_does_not_print_what_was_sent() {
    let body = br#"{"producer":"stores/other","email":"ann@example.com","scope":"x","data":{}}"#;
    let headers = sample::signed(CLIENT_SECRET, NOW, body);
    let printed = format!("{:?}", verdict(Some(&sample::application()), &headers, body, now()));
    assert!(![APP_SECRET, CLIENT_SECRET, "ann@"].iter().any(|kept_back| printed.contains(kept_back)));
}

proptest! {
    #[test]
    fn no_delivery_makes_it_panic_and_none_by_a_stranger_is_kept(
        values in prop::array::uniform4(prop::option::of("[ -~\u{80}-\u{ff}]{0,100}")),
        body in prop::collection::vec(any::<u8>(), 0..1000),
        mode in prop::sample::select(MODES.to_vec()),
    ) {
        let names = [WEBHOOK_SECRET_HEADER, signature::ID, signature::TIMESTAMP, signature::SIGNATURE];
        let mut headers = HeaderMap::new();
        for (name, value) in names.into_iter().zip(values) {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let decision = verdict(Some(&in_mode(mode)), &headers, &body, now()).decision;
        prop_assert!(matches!(decision, Decision::Refuse(_)));
        headers.insert(WEBHOOK_SECRET_HEADER, APP_SECRET.parse().unwrap());
        verdict(Some(&in_mode(SignatureMode::Off)), &headers, &body, now());
    }
}
