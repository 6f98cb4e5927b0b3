//! Bodies of requests: too large, too deep, of another kind, compressed.

use reqwest::{Body, Method};
use serde_json::json;

use super::asking::{Answer, Directory, sent};

const LARGEST: usize = 1024 * 1024;

async fn post(directory: &Directory, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let request = directory.request(Method::POST, "/Users").body(body);
    sent(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// A user of so many bytes.
fn padded(bytes: usize) -> String {
    let bare = r#"{"userName":"ann","nickName":""}"#.len();
    format!(r#"{{"userName":"ann","nickName":"{}"}}"#, "x".repeat(bytes - bare))
}

#[tokio::test]
async fn a_body_above_a_mebibyte_is_refused_before_it_is_read_or_parsed_g34() {
    let directory = Directory::of(0).await;
    let json = [("content-type", "application/scim+json")];
    post(&directory, &json, "x".repeat(LARGEST + 1)).await.is_error(413, None);
    post(&directory, &json, "[".repeat(8 * LARGEST)).await.is_error(413, None);
    // Larger than an item of the table, but not than a body.
    post(&directory, &json, padded(LARGEST)).await.is_error(413, None);
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
}

#[tokio::test]
async fn a_body_that_is_no_plain_json_is_refused_by_its_headers_g34() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let body = json!({ "userName": "ann" }).to_string();
    let refused: [&[(&str, &str)]; 8] = [
        &[],
        &[("content-type", "")],
        &[("content-type", "text/plain")],
        &[("content-type", "application/xml")],
        &[("content-type", "application/json; charset=utf-16")],
        &[("content-type", "application/json"), ("content-type", "text/plain")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
        &[("content-type", "application/json"), ("content-encoding", "identity, br")],
    ];
    for headers in refused {
        post(&directory, headers, body.clone()).await.is_error(415, None);
    }
    // A body that would unpack to a gigabyte is not unpacked.
    let gzip = [("content-type", "application/json"), ("content-encoding", "gzip")];
    post(&directory, &gzip, vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]).await.is_error(415, None);
    for (n, kind) in ["application/scim+json", "application/json", "application/scim+json; charset=utf-8"]
        .into_iter()
        .enumerate()
    {
        let body = json!({ "userName": format!("ann{n}") }).to_string();
        assert_eq!(post(&directory, &[("content-type", kind)], body).await.status, 201, "{kind}");
    }
}

#[tokio::test]
async fn json_that_is_deep_wide_or_broken_is_refused_without_a_crash_g34() {
    let directory = Directory::of(0).await;
    directory.stack.leave_work();
    let json = [("content-type", "application/json")];
    let deep = format!(r#"{{"userName":"a","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!(r#"{{"userName":"a","x":{}1{}}}"#, r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for broken in [deep, objects, "{\"userName\":NaN}".into(), "\u{feff}{}".into(), "{}x".into()] {
        post(&directory, &json, broken).await.is_error(400, Some("invalidSyntax"));
    }
    for bytes in [b"{\"userName\":\"\xff\"}".as_slice(), br#"{"userName":"\ud800"}"#] {
        post(&directory, &json, bytes.to_vec()).await.is_error(400, Some("invalidSyntax"));
    }
    let wide: String = (0..70_000).map(|n| format!(r#","k{n}":1"#)).collect();
    let wide = post(&directory, &json, format!(r#"{{"userName":"wide"{wide}}}"#)).await;
    assert_eq!(wide.status, 201, "what no schema knows is left out: {}", wide.body);
    let nested = format!(r#"{{"userName":"nested","name":{}1{}}}"#, r#"{"a":"#.repeat(100), "}".repeat(100));
    assert_eq!(post(&directory, &json, nested).await.status, 201);
}
