//! Requests as bytes on the wire: what two readers could read differently is refused or read safely.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::asking::Directory;

/// What is answered to these bytes until the server closes, or has nothing more to say.
async fn exchange(directory: &Directory, bytes: &str) -> String {
    let address = directory.stack.api().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses may close before all was written or read.
    let _ = stream.write_all(bytes.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of the answers, in order.
fn statuses(answer: &str) -> Vec<u16> {
    let lines = answer.split("HTTP/1.1 ").skip(1);
    lines.map(|rest| rest[..3].parse().unwrap()).collect()
}

fn request(directory: &Directory, line: &str, headers: &str, body: &str) -> String {
    format!("{line} HTTP/1.1\r\nauthorization: Bearer {}\r\n{headers}\r\n{body}", directory.token)
}

const USER: &str = r#"{"userName":"smuggled"}"#;

#[tokio::test]
async fn a_body_whose_length_is_told_twice_is_refused_or_read_as_its_chunks_say_g35() {
    let headers = "host: x\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let chunked = format!("{:x}\r\n{USER}\r\n0\r\n\r\n", USER.len());
    for (lengths, body, read) in [
        ("content-length: 23\r\ncontent-length: 5\r\n", USER, false),
        ("content-length: 5\r\ncontent-length: 23\r\n", USER, false),
        ("content-length: 23, 5\r\n", USER, false),
        ("content-length: -1\r\n", USER, false),
        ("content-length: +23\r\n", USER, false),
        ("content-length: 0x17\r\n", USER, false),
        ("content-length : 23\r\n", USER, false),
        (" content-length: 23\r\n", USER, false),
        ("transfer-encoding: xchunked\r\n", &chunked, false),
        ("transfer-encoding: chunked, identity\r\n", &chunked, false),
        ("content-length: 5\r\ntransfer-encoding: chunked\r\n", &chunked, true),
        ("transfer-encoding: chunked\r\ncontent-length: 5\r\n", &chunked, true),
    ] {
        let directory = Directory::of(0).await;
        directory.stack.leave_work();
        let bytes = request(&directory, "POST /scim/v2/Users", &format!("{headers}{lengths}"), body);
        let answer = exchange(&directory, &bytes).await;
        let refused = statuses(&answer).iter().all(|status| (400..502).contains(status));
        assert!(refused || (read && statuses(&answer) == [201]), "{lengths:?}: {answer}");
        let users = directory.get("/Users").await.body["totalResults"].clone();
        assert_eq!(users, i32::from(!refused), "{lengths:?}: {answer}");
    }
}

#[tokio::test]
async fn a_body_in_chunks_of_which_nobody_told_the_length_is_read_up_to_its_limit_g34() {
    let directory = Directory::of(0).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let headers = "host: x\r\ncontent-type: application/json\r\nconnection: close\r\n";
    for (chunks, status) in [(16, 400), (17, 413), (80, 413)] {
        let headers = format!("{headers}transfer-encoding: chunked\r\n");
        let body = format!("{}0\r\n\r\n", chunk.repeat(chunks));
        let answer = exchange(&directory, &request(&directory, "POST /scim/v2/Users", &headers, &body)).await;
        assert_eq!(statuses(&answer), [status], "{chunks} chunks: {answer}");
    }
}

#[tokio::test]
async fn a_header_that_is_folded_bare_or_forged_changes_nothing_g35() {
    let directory = Directory::of(1).await;
    for headers in [
        "host: x\r\nconnection: close\r\nx-a: b\r\n folded: c\r\n",
        "host: x\r\nx-a: b\0c\r\n",
        "host: x\r\nx a: b\r\n",
        "host: x\r\nno colon\r\n",
    ] {
        let bytes = request(&directory, "GET /scim/v2/Users", headers, "");
        let answer = exchange(&directory, &bytes).await;
        assert!(statuses(&answer).iter().all(|status| *status == 400), "{headers:?}: {answer}");
    }
    let id = directory.get("/Users").await.ids().remove(0);
    let line = format!("GET /scim/v2/Users/{id}");
    for forged in [
        "host: evil.example\r\n",
        "host: evil.example\r\nhost: worse.example\r\n",
        "host: x\r\nx-forwarded-host: evil.example\r\nx-forwarded-proto: gopher\r\n",
        "host: x\r\nforwarded: host=evil.example\r\nx-original-url: /evil\r\n",
    ] {
        let bytes = request(&directory, &line, &format!("{forged}connection: close\r\n"), "");
        let answer = exchange(&directory, &bytes).await;
        assert!(!answer.contains("evil"), "{forged:?}: {answer}");
        if statuses(&answer) == [200] {
            assert!(answer.contains(&directory.url(&format!("/Users/{id}"))), "{answer}");
        }
    }
}

#[tokio::test]
async fn lines_that_end_with_a_line_feed_alone_are_no_second_request_g35() {
    let directory = Directory::of(0).await;
    let bytes = format!(
        "GET /scim/v2/Users HTTP/1.1\nhost: x\nauthorization: Bearer {}\nconnection: close\n\n",
        directory.token
    );
    let answers = statuses(&exchange(&directory, &bytes).await);
    assert!(matches!(answers.as_slice(), [] | [200] | [400]), "{answers:?}");
}

#[tokio::test]
async fn more_headers_than_the_gateway_takes_are_refused_g35() {
    let directory = Directory::of(0).await;
    let many: String = (0..100).map(|n| format!("x-{n:03}: {}\r\n", "a".repeat(100))).collect();
    let bytes =
        request(&directory, "GET /scim/v2/Users", &format!("host: x\r\nconnection: close\r\n{many}"), "");
    assert_eq!(statuses(&exchange(&directory, &bytes).await), [431]);
}

#[tokio::test]
async fn an_address_that_pretends_to_be_another_leads_nowhere_g36() {
    let directory = Directory::of(1).await;
    let id = directory.get("/Users").await.ids().remove(0);
    let long = format!("/scim/v2/Users/{}", "a".repeat(9_000));
    for path in [
        "/scim/v2/Users/../Groups",
        "/scim/v2/Users/%2e%2e/Groups",
        "/scim/v2/Users/..%2fGroups",
        &format!("/scim/v2/Groups/../Users/{id}"),
        &format!("/scim/v2//Users/{id}"),
        &format!("/scim/v2/Users//{id}"),
        &format!("/scim/v2/Users/{id}/"),
        &format!("/scim/v2/Users/{id};x=y"),
        &format!("/scim/v2/Users/{id}%00"),
        &format!("/scim/v2/Users/{id}%20"),
        &format!("/scim/v2/Users/%2f{id}"),
        &format!("/scim/v2/users/{id}"),
        &long,
        "/scim/v2/Users/user%230",
        "/scim/v2/Users/%ff%fe",
    ] {
        let bytes = request(&directory, &format!("GET {path}"), "host: x\r\nconnection: close\r\n", "");
        let answer = exchange(&directory, &bytes).await;
        assert_eq!(statuses(&answer), [404], "{path}: {answer}");
        assert!(answer.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{path}: {answer}");
    }
    let absolute = format!("GET http://evil.example/scim/v2/Users/{id}");
    let bytes = request(&directory, &absolute, "host: x\r\nconnection: close\r\n", "");
    assert!(!exchange(&directory, &bytes).await.contains("evil"));
}
