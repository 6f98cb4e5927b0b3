//! The signature against the gauntlet, the reference library and OpenSSL.

use proptest::prelude::*;

use super::*;
use crate::sample::{self, CLIENT_SECRET, ID_OF_DELIVERY as THE_ID, NOW};

const BODY: &[u8] = br#"{"producer":"stores/abc123"}"#;

fn finding(headers: &HeaderMap, body: &[u8], now: i64) -> Finding {
    let now = Timestamp::from_second(now).unwrap();
    examine(SignatureMode::Require, &sample::application().credentials, headers, body, now)
}

fn with_list(list: &str) -> HeaderMap {
    sample::headers(&[(ID, THE_ID), (TIMESTAMP, &NOW.to_string()), (SIGNATURE, list)])
}

const WRONG: Finding = Finding::Wrong(Fault::NoneHolds);

#[test]
fn a_signature_by_the_reference_library_holds() {
    assert_eq!(finding(&sample::signed(CLIENT_SECRET, NOW, BODY), BODY, NOW), Finding::Valid);
}

#[test]
fn a_signature_computed_by_openssl_holds() {
    let list = "v1,8rFOY/LuVJRWWH7tkQfqmhzHZOgorfBOi/EugDEk2RI=";
    assert_eq!(finding(&with_list(list), BODY, NOW), Finding::Valid);
}

#[test]
fn g03_each_missing_header_makes_the_signature_wrong_and_not_absent() {
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let mut headers = sample::signed(CLIENT_SECRET, NOW, BODY);
        headers.remove(name);
        assert_eq!(finding(&headers, BODY, NOW), Finding::Wrong(Fault::Incomplete), "{name}");
    }
    assert_eq!(finding(&HeaderMap::new(), BODY, NOW), Finding::Absent);
}

#[test]
fn g03_no_header_may_be_there_twice() {
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let mut headers = sample::signed(CLIENT_SECRET, NOW, BODY);
        headers.append(name, headers[name].clone());
        assert_eq!(finding(&headers, BODY, NOW), Finding::Wrong(Fault::Incomplete), "{name}");
    }
}

#[test]
fn g03_what_is_not_a_whole_v1_signature_does_not_hold() {
    let whole = sample::signature(CLIENT_SECRET, THE_ID, NOW, BODY);
    let (text, bare) = (whole.as_str(), &whole["v1,".len()..]);
    let lists = [
        String::new(),
        "v1,".to_owned(),
        "v1".to_owned(),
        bare.to_owned(),
        text[..text.len() - 1].to_owned(),
        format!("{text}="),
        format!("v2,{bare}"),
        format!("v1a,{bare}"),
        format!("V1,{bare}"),
        text.replace("v1,", "v1, "),
        format!("{text},{text}"),
    ];
    for list in lists {
        assert_eq!(finding(&with_list(&list), BODY, NOW), WRONG, "{list:?}");
    }
}

#[test]
fn g03_an_identifier_or_a_timestamp_of_another_form_is_malformed() {
    let now = NOW.to_string();
    let spaced = format!(" {now}");
    let signed = sample::signature(CLIENT_SECRET, THE_ID, NOW, BODY);
    let cases = [("", &*now), ("a.b", &now), (THE_ID, ""), (THE_ID, "+1"), (THE_ID, "-1")];
    let more = [(THE_ID, "1e9"), (THE_ID, "9999999999999999999"), (THE_ID, &spaced), (THE_ID, "NaN")];
    for (id, timestamp) in cases.into_iter().chain(more) {
        let headers = sample::headers(&[(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, &signed)]);
        assert_eq!(finding(&headers, BODY, NOW), Finding::Wrong(Fault::Malformed), "{id} {timestamp}");
    }
}

#[test]
fn g04_one_valid_signature_among_several_is_enough() {
    let valid = sample::signature(CLIENT_SECRET, THE_ID, NOW, BODY);
    let other = sample::signature("another", THE_ID, NOW, BODY);
    let list = format!("v2,AAAA v1a,BBBB {other}  {valid} v1,");
    assert_eq!(finding(&with_list(&list), BODY, NOW), Finding::Valid);
    assert_eq!(finding(&with_list(&other), BODY, NOW), WRONG);
}

#[test]
fn g05_a_timestamp_301_s_off_is_refused_and_one_300_s_off_is_not() {
    let headers = sample::signed(CLIENT_SECRET, NOW, BODY);
    for seconds in [301, -301, 86_400, -NOW] {
        let found = finding(&headers, BODY, NOW + seconds);
        assert_eq!(found, Finding::Wrong(Fault::OutsideTolerance), "{seconds}");
    }
    for seconds in [299, -299, 300, -300, 0] {
        assert_eq!(finding(&headers, BODY, NOW + seconds), Finding::Valid, "{seconds}");
    }
}

#[test]
fn g05_a_clock_of_ours_that_is_120_s_slow_leaves_180_s() {
    let ours = NOW - 120;
    assert_eq!(finding(&sample::signed(CLIENT_SECRET, NOW + 180, BODY), BODY, ours), Finding::Valid);
    let late = finding(&sample::signed(CLIENT_SECRET, NOW + 181, BODY), BODY, ours);
    assert_eq!(late, Finding::Wrong(Fault::OutsideTolerance));
}

#[test]
fn g08_a_space_more_in_the_body_is_noticed() {
    let headers = sample::signed(CLIENT_SECRET, NOW, BODY);
    let spaced = [BODY, b" "].concat();
    assert_eq!(finding(&headers, &spaced, NOW), WRONG);
}

#[test]
fn g89_the_previous_client_secret_still_signs_and_the_one_before_does_not() {
    let mut application = sample::application();
    application.credentials.client_secret = Secret::new("new");
    application.credentials.previous_client_secret = Some(Secret::new(CLIENT_SECRET));
    let found = |secret| {
        let now = Timestamp::from_second(NOW).unwrap();
        let headers = sample::signed(secret, NOW, BODY);
        examine(SignatureMode::Require, &application.credentials, &headers, BODY, now)
    };
    assert_eq!([found("new"), found(CLIENT_SECRET), found("older")], [Finding::Valid, Finding::Valid, WRONG]);
}

#[test]
fn an_empty_client_secret_signs_nothing() {
    let mut credentials = sample::application().credentials;
    credentials.client_secret = Secret::new("");
    let headers = sample::signed("", NOW, BODY);
    let now = Timestamp::from_second(NOW).unwrap();
    assert_eq!(examine(SignatureMode::Require, &credentials, &headers, BODY, now), WRONG);
}

#[test]
fn each_mode_lets_pass_what_its_row_says() {
    let findings = [Finding::NotExamined, Finding::Absent, WRONG, Finding::Valid];
    let passed = |mode| findings.map(|finding| finding.passes(mode));
    assert_eq!(passed(SignatureMode::Off), [true; 4]);
    assert_eq!(passed(SignatureMode::Observe), [true; 4]);
    assert_eq!(passed(SignatureMode::WhenPresent)[1..], [true, false, true]);
    assert_eq!(passed(SignatureMode::Require)[1..], [false, false, true]);
}

#[test]
fn with_the_mode_off_nothing_is_looked_at() {
    let credentials = sample::application().credentials;
    let now = Timestamp::from_second(NOW).unwrap();
    let found = examine(SignatureMode::Off, &credentials, &with_list("v1,x"), BODY, now);
    assert_eq!(found, Finding::NotExamined);
}

proptest! {
    #[test]
    fn a_signature_holds_for_its_body_and_no_other(
        secret in "[ -~]{1,64}",
        body in "\\PC{0,100}",
        other in "\\PC{0,100}",
        at in 0..4_000_000_000_i64,
    ) {
        let mut credentials = sample::application().credentials;
        credentials.client_secret = Secret::new(secret.clone());
        let headers = sample::signed(&secret, at, body.as_bytes());
        let now = Timestamp::from_second(at).unwrap();
        let found = |body: &str| {
            examine(SignatureMode::Require, &credentials, &headers, body.as_bytes(), now)
        };
        prop_assert_eq!(found(&body), Finding::Valid);
        prop_assert_eq!(found(&other) == Finding::Valid, body == other);
    }

    #[test]
    fn no_header_value_makes_it_panic_or_pass(
        values in prop::array::uniform3(prop::option::of("[\\x20-\\x7e\\u{80}-\\u{ff}]{0,200}")),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [ID, TIMESTAMP, SIGNATURE].into_iter().zip(values) {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        prop_assert_ne!(finding(&headers, &body, NOW), Finding::Valid);
    }
}
