//! The console's own files. Their addresses carry a hash of what is in them, so a browser may keep
//! them for ever, and never has one that does not fit its page.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{
        HeaderValue, Method,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{refusal::Refusal, routes::Routes};

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 3] = [
    Asset { name: "console.css", kind: CSS, text: include_str!("../assets/console.css") },
    Asset { name: "console.js", kind: SCRIPT, text: include_str!("../assets/console.js") },
    Asset { name: "icon.svg", kind: "image/svg+xml", text: include_str!("../assets/icon.svg") },
];

static HASHES: LazyLock<Vec<String>> =
    LazyLock::new(|| ASSETS.iter().map(|asset| hash(asset.text)).collect());

fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&digest.as_ref()[..9])
}

pub(crate) fn routes() -> Routes {
    Routes::default().open(Method::GET, "/admin/assets/{hash}/{name}", file)
}

/// The address of a file; of what is none, one where nothing is.
pub(crate) fn address(name: &str) -> String {
    let at = ASSETS.iter().position(|asset| asset.name == name);
    let hash = at.and_then(|at| HASHES.get(at)).map_or("none", String::as_str);
    format!("/admin/assets/{hash}/{name}")
}

async fn file(Path((hash, name)): Path<(String, String)>) -> Result<Response, Refusal> {
    let found = ASSETS.iter().zip(HASHES.iter()).find(|(asset, known)| asset.name == name && **known == hash);
    let (asset, _) = found.ok_or_else(Refusal::no_address)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, asset.text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_served_at_its_address_and_at_no_other() {
        for Asset { name, .. } in &ASSETS {
            let address = address(name);
            let hash = address.split('/').nth(3).unwrap().to_owned();
            let found = file(Path((hash, (*name).to_owned()))).await.unwrap();
            assert!(found.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
        assert!(file(Path(("old".to_owned(), "console.css".to_owned()))).await.is_err());
        assert!(file(Path(("none".to_owned(), "other.css".to_owned()))).await.is_err());
    }
}
