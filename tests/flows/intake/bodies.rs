//! Bodies that are too large, or no event.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::{Request, body::Frame, client::conn::http1::handshake};
use hyper_util::rt::TokioIo;
use reqwest::StatusCode;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;
use webhook::LARGEST_BODY;

use super::{Delivery, Intake};

const MEGABYTE: usize = 1024 * 1024;

/// Sends the headers of a delivery and this body.
async fn send<B>(address: &str, delivery: &Delivery, body: B) -> StatusCode
where
    B: hyper::body::Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut request = Request::post("/webhooks/main-store").body(body).unwrap();
    *request.headers_mut() = delivery.headers.clone();
    request.headers_mut().insert("host", address.parse().unwrap());
    let status = sender.send_request(request).await.unwrap().status();
    connection.abort();
    status
}

/// Sends a delivery without its length, in pieces of 16 KB.
async fn post_in_chunks(intake: &Intake, delivery: &Delivery) -> StatusCode {
    let piece = |piece: &[u8]| Ok(Frame::data(Bytes::copy_from_slice(piece)));
    let pieces: Vec<_> = delivery.body.as_bytes().chunks(16 * 1024).map(piece).collect();
    let address = intake.stack.api().trim_start_matches("http://");
    send(address, delivery, StreamBody::new(stream::iter(pieces))).await
}

/// An event and as many spaces as make it so long.
fn padded(intake: &Intake, length: usize) -> Delivery {
    let event = intake.updated(intake.customers()[0]).body;
    intake.signed(event.clone() + &" ".repeat(length - event.len()))
}

#[tokio::test]
async fn a_body_longer_than_64_kib_is_refused_unread_g10() {
    let intake = Intake::start(1).await;
    intake.is_taken(&padded(&intake, LARGEST_BODY), "64 KiB").await;
    for length in [LARGEST_BODY + 1, 6 * MEGABYTE, 10 * MEGABYTE] {
        let what = format!("{length} bytes");
        let status = intake.is_turned_away(&padded(&intake, length), &what).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{what}");
    }
}

#[tokio::test]
async fn a_body_sent_in_chunks_has_the_same_limit_g10() {
    let intake = Intake::start(1).await;
    assert_eq!(post_in_chunks(&intake, &padded(&intake, LARGEST_BODY)).await, StatusCode::OK);
    assert_eq!(intake.rows().len(), 1);
    for length in [LARGEST_BODY + 1, 6 * MEGABYTE] {
        let status = post_in_chunks(&intake, &padded(&intake, length)).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{length} bytes");
    }
    intake.stack.settle().await.unwrap();
}

/// The function holds no more of it than the limit and the piece that went over it.
#[tokio::test]
async fn of_a_body_without_end_no_more_is_read_than_the_limit_g10() {
    let intake = Intake::start(0).await;
    let read = Arc::new(AtomicUsize::new(0));
    let counted = read.clone();
    let endless = stream::repeat_with(move || {
        counted.fetch_add(1024, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1024]))
    });
    let mut request = intake.updated(1.try_into().unwrap()).request();
    *request.body_mut() = Body::from_stream(endless);
    let answer = intake.function().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(read.load(Ordering::Relaxed) <= LARGEST_BODY + 1024);
}

/// The function alone, for the gateway reads a request whole before it hands it on.
#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_before_any_of_it_is_sent_g10() {
    let intake = Intake::start(0).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let function = tokio::spawn(axum::serve(listener, intake.function()).into_future());
    let never = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
    let delivery = intake.updated(1.try_into().unwrap()).with("content-length", "65537");
    assert_eq!(send(&address, &delivery, never).await, StatusCode::PAYLOAD_TOO_LARGE);
    function.abort();
}

/// Signed bodies that are no JSON object. Those longer than the limit are not even read.
fn unreadable(intake: &Intake) -> Vec<(&'static str, String)> {
    let event = intake.updated(1.try_into().unwrap()).body;
    let keys = (0..1_000_000).map(|n| format!(r#""k{n}":0"#)).collect::<Vec<_>>().join(",");
    vec![
        ("100,000 deep", "[".repeat(100_000)),
        ("30,000 deep", "[".repeat(30_000)),
        ("30,000 deep and whole", "[".repeat(30_000) + &"]".repeat(30_000)),
        (
            "30,000 deep below data",
            event.replace("\"customer\"", &format!("{}1{}", "[".repeat(15_000), "]".repeat(15_000))),
        ),
        ("10^6 keys", format!("{{{keys}}}")),
        ("a key twice", event.replacen('{', r#"{"scope":"store/customer/deleted","#, 1)),
        ("a key twice below data", event.replacen(r#""type":"#, r#""id":7,"type":"#, 1)),
        ("NaN", event.replacen("1025646", "NaN", 1).replace("\"NaN\"", "NaN")),
        ("a number out of range", event.replace("\"1025646\"", "1e999")),
        ("a lone surrogate", event.replace("1025646", r"\ud800")),
        ("a byte order mark", format!("\u{feff}{event}")),
        ("something behind it", format!("{event}x")),
        ("two events", format!("{event}{event}")),
        ("half an event", event[..event.len() / 2].to_owned()),
        ("a list", format!("[{event}]")),
        ("no object", "null".to_owned()),
        ("nothing", String::new()),
    ]
}

#[tokio::test]
async fn a_signed_body_that_is_no_event_is_told_so_and_leaves_nothing_g11() {
    let intake = Intake::start(0).await;
    for (what, body) in unreadable(&intake) {
        let expected =
            if body.len() > LARGEST_BODY { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        assert_eq!(intake.is_turned_away(&intake.signed(body), what).await, expected, "{what}");
    }
}
