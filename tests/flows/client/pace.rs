//! The quota, and what comes instead of an answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use shared::{
    bigcommerce::{Error, Include},
    secret::{EmailAddress, Secret},
};

use super::fake::{Fake, application, broken_off, data, html, quota, refused, serve};

fn time() -> Response {
    axum::Json(json!({ "time": 1_700_000_000 })).into_response()
}

#[tokio::test]
async fn after_a_429_the_call_waits_for_the_next_window_and_no_longer_g50() {
    let fake = Fake::start(|n, _| match n {
        0 => quota(0, 2000, refused(429, "Too many", json!({}))),
        _ => quota(149, 30_000, time()),
    })
    .await;
    fake.client().time().await.unwrap();
    assert_eq!((fake.calls(), fake.slept()), (2, Duration::from_secs(2)));
    assert_eq!(fake.client().quota().unwrap().left, 149);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_handed_back_and_nobody_else_asks_g50() {
    let fake = Fake::start(|_, _| quota(0, 20_000, refused(429, "Too many", json!({})))).await;
    for _ in 0..5 {
        let error = fake.client().time().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(20)));
    }
    assert_eq!((fake.calls(), fake.slept()), (1, Duration::ZERO));
}

#[tokio::test]
async fn who_has_patience_waits_for_the_window_g50() {
    let fake = Fake::start(|n, _| match n {
        0 => quota(0, 20_000, refused(429, "Too many", json!({}))),
        _ => time(),
    })
    .await;
    fake.client().with_patience(Duration::from_secs(60)).time().await.unwrap();
    assert_eq!((fake.calls(), fake.slept()), (2, Duration::from_secs(20)));
}

#[tokio::test]
async fn a_429_without_headers_closes_the_store_for_five_seconds_at_least_g50() {
    let fake = Fake::start(|_, _| html(429)).await;
    let Err(Error::RateLimited { retry_after }) = fake.client().time().await else { panic!() };
    assert!(retry_after >= Duration::from_secs(5), "{retry_after:?}");
    assert!(fake.client().time().await.is_err());
    assert_eq!(fake.calls(), 1);
}

#[tokio::test]
async fn the_reserve_is_left_to_the_other_apps() {
    let fake = Fake::start(|n, _| quota(if n == 0 { 31 } else { 30 }, 25_000, time())).await;
    fake.client().time().await.unwrap();
    fake.client().time().await.unwrap();
    let error = fake.client().time().await.unwrap_err();
    assert_eq!((error.retry_after(), fake.calls()), (Some(Duration::from_secs(25)), 2));
    let mut greedy = application("abc123");
    greedy.policies.quota_reserve_percent = 0;
    fake.api.store(&greedy).time().await.unwrap();
}

#[tokio::test]
async fn many_calls_at_once_exceed_no_quota_g63() {
    let fake = Fake::start(|n, _| match 3_u32.checked_sub(u32::try_from(n).unwrap() + 1) {
        Some(left) => quota(left, 30_000, time()),
        None => quota(0, 30_000, refused(429, "Too many", json!({}))),
    })
    .await;
    let mut frugal = application("abc123");
    frugal.policies.quota_reserve_percent = 0;
    let client = fake.api.store(&frugal);
    let calls: tokio::task::JoinSet<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            async move { client.time().await.is_ok() }
        })
        .collect();
    let done = calls.join_all().await;
    assert_eq!((fake.calls(), done.into_iter().filter(|done| *done).count()), (3, 3));
}

#[tokio::test]
async fn three_writes_are_under_way_at_most_g51() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, seen) = (Arc::clone(&now), Arc::clone(&most));
    let three = Arc::new(tokio::sync::Barrier::new(3));
    let handler = move |method: Method| async move {
        if method == Method::DELETE {
            seen.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            three.wait().await;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            counted.fetch_sub(1, Ordering::SeqCst);
        }
        time()
    };
    let (api, _) = serve(Router::new().fallback(handler)).await;
    let client = api.store(&application("abc123"));
    client.time().await.unwrap();
    let writes = (1..=9).map(|id| client.delete_hook(id));
    let done = futures_util::future::join_all(writes).await;
    assert!(done.iter().all(Result::is_ok));
    assert_eq!((now.load(Ordering::SeqCst), most.load(Ordering::SeqCst)), (0, 3));
}

#[tokio::test]
async fn a_bad_gateway_and_a_broken_answer_are_asked_again_g26() {
    let fake = Fake::start(|n, _| match n {
        0 => html(502),
        1 => broken_off(),
        _ => data(json!([{ "id": 1, "email": "a@x.example" }])),
    })
    .await;
    let found = fake.client().customers(&[1.try_into().unwrap()], Include::NOTHING).await.unwrap();
    assert_eq!((found.len(), fake.calls()), (1, 3));
}

#[tokio::test]
async fn what_stays_broken_is_an_error_and_no_empty_list_g26() {
    let broken: [fn() -> Response; 6] = [
        || html(200),
        || html(503),
        broken_off,
        || data(json!(null)),
        || StatusCode::OK.into_response(),
        || vec![b' '; 17 << 20].into_response(),
    ];
    for (case, broken) in broken.into_iter().enumerate() {
        let fake = Fake::start(move |_, _| broken()).await;
        let error = fake.client().customers(&[1.try_into().unwrap()], Include::NOTHING).await.unwrap_err();
        assert!(error.retryable(), "{case}: {error}");
        assert_eq!(fake.calls(), 3, "{case}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_g88() {
    let fake =
        Fake::start(|_, _| (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response()).await;
    let error = fake.client().time().await.unwrap_err();
    assert!(matches!(error, Error::Garbled { status: 302, .. }));
    assert_eq!(fake.calls(), 1);
}

#[tokio::test]
async fn refused_credentials_are_not_tried_again_g57() {
    for (status, wanted) in [(401, Error::Unauthorized), (403, Error::Forbidden), (404, Error::NotFound)] {
        let fake = Fake::start(move |_, _| refused(status, "no", json!({}))).await;
        let error = fake.client().time().await.unwrap_err();
        assert_eq!((error.to_string(), error.retryable(), fake.calls()), (wanted.to_string(), false, 1));
    }
}

#[tokio::test]
async fn a_store_hash_that_is_none_is_never_asked_g88() {
    let fake = Fake::start(|_, _| time()).await;
    for hash in ["", "../x", "a/b", "ABC", "a?b", "a%2fb", "é"] {
        let error = fake.api.store(&application(hash)).time().await.unwrap_err();
        assert!(matches!(error, Error::Misconfigured(_)), "{hash}: {error}");
    }
    assert_eq!(fake.calls(), 0);
}

#[tokio::test]
async fn who_guesses_passwords_does_not_close_the_store_to_the_sync() {
    let fake = Fake::start(|_, seen| match seen.path.as_str() {
        "/stores/abc123/v3/customers/validate-credentials" => refused(429, "Too many requests", json!({})),
        _ => time(),
    })
    .await;
    let (email, password) = (EmailAddress::new("a@x.example"), Secret::new("guess"));
    let error = fake.client().validate_credentials(&email, &password).await.unwrap_err();
    assert!(error.retry_after() >= Some(Duration::from_secs(5)));
    fake.client().time().await.unwrap();
    assert_eq!((fake.calls(), fake.slept()), (2, Duration::ZERO));
}
