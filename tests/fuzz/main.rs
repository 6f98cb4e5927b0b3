//! What comes from outside, bent in any way, is read or refused and never panics.
//!
//! Each target begins with something that is well formed and lets a fuzzer cut, repeat and splice
//! it. A few thousand are tried with every run of the tests; `CLIENTELE_FUZZ=1000000` with
//! `--release` tries a million each.
#![expect(clippy::unwrap_used, reason = "a target that cannot begin has failed")]

use std::sync::LazyLock;

use bolero::{TypeGenerator, check, produce};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{
    application::{Credentials, SignatureMode},
    csv_import::{Reading, flaw, guessed, guessed_layout, heading, preview, told_user},
    mapping::Mapping,
    profile::{FieldKind, ProfileField},
    scim::{Filter, Projection, Schemas, patch, write_user},
    search,
    secret::Secret,
    store,
};

/// How many inputs a target is given.
static TRIES: LazyLock<usize> = LazyLock::new(|| {
    std::env::var("CLIENTELE_FUZZ").ok().and_then(|tries| tries.parse().ok()).unwrap_or(3_000)
});

/// What a grammar turns on: it is spliced in anywhere.
const TOKENS: [&str; 40] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ".",
    "0",
    "-1",
    "9223372036854775808",
    "1e999",
    "null",
    "true",
    "\"\":",
    "\\u0000",
    "\\ud800",
    "é",
    "🦊",
    "\u{202e}",
    "\r\n",
    "\0",
    " and ",
    " or ",
    "not (",
    " eq ",
    " pr",
    "emails[type eq \"work\"].value",
    "urn:ietf:params:scim:schemas:core:2.0:User:",
    "$ref",
    "__proto__",
    "=",
    "v1,",
    "whsec_",
    "%00",
    "../",
    "\u{feff}",
];

/// One change of the text.
#[derive(Clone, Copy, Debug, TypeGenerator)]
enum Edit {
    /// Cuts so many bytes away.
    Cut { at: u16, bytes: u8 },
    /// Puts a token in.
    Splice { at: u16, token: u8 },
    /// Puts any byte in.
    Byte { at: u16, byte: u8 },
    /// Repeats what is there.
    Repeat { at: u16, bytes: u8, times: u8 },
}

/// `seed` with the edits made to it.
fn bent(seed: &str, edits: &[Edit]) -> Vec<u8> {
    let mut text = seed.as_bytes().to_vec();
    for edit in edits {
        let place = |at: u16| usize::from(at) % (text.len() + 1);
        match *edit {
            Edit::Cut { at, bytes } => {
                let from = place(at);
                text.drain(from..(from + usize::from(bytes)).min(text.len()));
            }
            Edit::Splice { at, token } => {
                let at = place(at);
                let token = TOKENS[usize::from(token) % TOKENS.len()];
                text.splice(at..at, token.bytes());
            }
            Edit::Byte { at, byte } => {
                let at = place(at);
                text.insert(at, byte);
            }
            Edit::Repeat { at, bytes, times } => {
                let from = place(at);
                let part = text[from..(from + usize::from(bytes)).min(text.len())].repeat(times.into());
                text.splice(from..from, part);
            }
        }
    }
    text
}

/// Has `read` meet each of the seeds, bent.
fn meets(seeds: &[&str], read: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    let edits = produce::<Vec<Edit>>().with().len(0usize..12);
    check!().with_iterations(*TRIES).with_generator((0..seeds.len(), edits)).for_each(|(seed, edits)| {
        read(&bent(seeds[*seed], edits));
    });
}

fn texts(read: impl Fn(&str) + std::panic::RefUnwindSafe) -> impl Fn(&[u8]) + std::panic::RefUnwindSafe {
    move |bytes| read(&String::from_utf8_lossy(bytes))
}

fn now() -> Timestamp {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

#[test]
fn signature_headers() {
    let credentials = Credentials {
        client_id: "id".to_owned(),
        client_secret: Secret::new("a secret of the client"),
        previous_client_secret: None,
        access_token: Secret::new("a token"),
    };
    let seeds = ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1a,x", "1773144000", "msg_1"];
    meets(&seeds, |bytes| {
        let mut headers = axum::http::HeaderMap::new();
        for name in [webhook::signature::ID, webhook::signature::TIMESTAMP, webhook::signature::SIGNATURE] {
            let Ok(value) = axum::http::HeaderValue::from_bytes(bytes) else { return };
            headers.append(name, value);
            let finding =
                webhook::signature::examine(SignatureMode::Require, &credentials, &headers, b"{}", now());
            assert!(!finding.passes(SignatureMode::Require), "{finding}");
        }
    });
}

#[test]
fn webhook_bodies() {
    let seeds = [
        r#"{"scope":"store/customer/updated","store_id":"1","data":{"type":"customer","id":7},"hash":"a","created_at":1773144000,"producer":"stores/abc"}"#,
        r#"{"scope":"store/customer/address/created","data":{"type":"customer","id":1,"address":{"customer_id":7}}}"#,
        r#"{"scope":"store/customer/channel/login/access/updated","data":{"customer_id":7,"channel_ids":[1]}}"#,
    ];
    meets(&seeds, |body| {
        let _ = webhook::event::read(body);
    });
}

#[test]
fn scim_filters() {
    let seeds = [
        r#"userName eq "ada" and (emails[type eq "work" and value co "@x"] or not (active eq false))"#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr"#,
        r#"meta.lastModified ge "2026-01-01T00:00:00Z""#,
    ];
    let user = user();
    meets(
        &seeds,
        texts(move |text| {
            if let Ok(filter) = Filter::parse(text) {
                filter.matches(&user, &Schemas::user(&[]));
            }
        }),
    );
}

#[test]
fn scim_patches() {
    let seeds = [
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@x.example"}]}"#,
        r#"{"Operations":[{"op":"add","value":{"name.givenName":"Ann","active":"False"}},{"op":"remove","path":"members[value eq \"1\"]"}]}"#,
    ];
    let before = user();
    meets(&seeds, move |body| {
        let Ok(message) = serde_json::from_slice::<Value>(body) else { return };
        for schemas in [Schemas::user(&[]), Schemas::group()] {
            let mut after = before.clone();
            if patch(&mut after, &schemas, &message).is_err() {
                assert_eq!(after, before, "a PATCH that is refused changes nothing");
            }
        }
    });
}

#[test]
fn scim_resources_and_projections() {
    let seeds = [user().to_string(), "emails[primary eq true].value,name.givenName,groups".to_owned()];
    let seeds = [seeds[0].as_str(), seeds[1].as_str()];
    let before = shared::user::User::new("ada", now());
    let client = "idp".parse().unwrap();
    meets(&seeds, move |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = Projection::parse(Some(&text), None);
        if let Ok(resource) = serde_json::from_slice::<Value>(bytes) {
            let mut user = before.clone();
            let _ = write_user(&mut user, &resource, &client, &[]);
        }
    });
}

#[test]
fn places_in_lists() {
    let seeds = ["eyJiZWZvcmUiOiIyMDI2LTAxLTAyVDAzOjA0OjA1LjAwMDAwMDAwMFojNmY5ZCJ9", "YWRh"];
    meets(
        &seeds,
        texts(|text| {
            let _ = text.parse::<store::Cursor>();
            let _ = text.parse::<search::Place>();
        }),
    );
}

#[test]
fn events_of_mails() {
    let seeds = [
        r#"{"detail":{"eventType":"Bounce","mail":{"destination":["ada@x.example"],"tags":{"mail":["m"]}},"bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"ada@x.example"}]}}}"#,
    ];
    meets(&seeds, |bytes| {
        let _ = serde_json::from_slice::<activation::mail::Wake>(bytes);
    });
}

#[test]
fn files_of_users() {
    let seeds = [
        "Customer ID,Email,Date Joined,Addresses\r\n7,a@x.example,,\"Address Line 1: 1 Way, City/Suburb: Reno, Country: US|\"\r\n",
        "userName;emails;fields.size\n\"ada \"\"the\"\" first\";ada@x.example;3\n",
    ];
    let fields = [ProfileField::new("size", "Size", FieldKind::Integer)];
    let mapping = Mapping::default();
    meets(&seeds, move |bytes| {
        for is_whole in [true, false] {
            let Ok((delimiter, headings)) = heading(bytes, is_whole) else { continue };
            let layout = guessed_layout(&headings);
            let columns = guessed(layout, &headings, &fields);
            let _ = flaw(layout, &columns, &fields);
            let reading = Reading { delimiter, layout, application: None, columns, clears: true };
            for cells in preview(bytes, is_whole, &reading, 8) {
                let _ = told_user(cells, &reading, Some(&mapping), &fields, now());
            }
        }
    });
}

#[test]
fn mapping_files() {
    let seed = serde_json::to_string(&Mapping::default()).unwrap();
    meets(&[&seed], |bytes| {
        let _ = Mapping::of_file(bytes);
    });
}

fn user() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada",
        "active": true,
        "name": { "givenName": "Ada", "familyName": "Byron" },
        "emails": [{ "value": "ada@x.example", "type": "work", "primary": true }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "7" } },
    })
}
