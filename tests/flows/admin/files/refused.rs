//! Files and rows that cannot be taken, and what is said of them.

use reqwest::Method;
use serde_json::{Value, json};
use shared::csv_import::PART;

use super::{PLAIN, found};
use crate::admin::{asking::sent, store::Shop};

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_what_to_do() {
    let shop = Shop::with(0).await;
    let operator = &shop.operator;
    let announced = |size: u64| json!({ "name": "x.csv", "size": size });
    for (size, told) in [(0, "empty"), (65 << 20, "64 MB")] {
        let refused = operator.send("/admin/csv", &announced(size)).await;
        assert!(refused.status == 422 && refused.text.contains(told), "{}", refused.text);
    }
    let here = operator.send("/admin/csv", &announced(PART as u64 + 5)).await.header("location").to_owned();
    assert!(
        operator.part(&here, 2, b"x").await.status == 404
            && operator.part(&here, 1, b"x").await.status == 422
    );
    let early = operator.send(&format!("{here}/sent"), &json!({})).await;
    assert!(early.status == 409 && early.text.contains("did not come"), "{}", early.text);
    assert_eq!(operator.send(&format!("{here}/check"), &json!({})).await.status, 409);
    assert_eq!(operator.json("/admin/csv/none").await.status, 404);
    let latin = operator.send("/admin/csv", &announced(8)).await.header("location").to_owned();
    operator.part(&latin, 0, b"a,b\nM\xfc,x").await;
    let refused = operator.send(&format!("{latin}/sent"), &json!({})).await;
    assert!(refused.status == 422 && refused.text.contains("UTF-8"), "{}", refused.text);

    let here = operator.paste(PLAIN).await;
    let check = |columns: Value| {
        let here = format!("{here}/check");
        async move { operator.send(&here, &json!({ "columns": columns })).await }
    };
    for (columns, told) in [
        (json!(["emails"]), "5 columns"),
        (json!(["emails", "emails", null, null, null]), "Two columns"),
        (json!(["password", null, null, null, null]), "nothing that a column can be"),
        (json!([null, "title", null, null, null]), "whom a row is about"),
    ] {
        let refused = check(columns).await;
        assert!(refused.status == 422 && refused.text.contains(told), "{}", refused.text);
    }
    let early = operator.send(&format!("{here}/apply"), &json!({})).await;
    assert!(early.status == 409 && early.text.contains("what its columns are"), "{}", early.text);
    let other = operator.send(&format!("{here}/layout"), &json!({ "layout": "exported" })).await.json();
    assert_eq!(other["reading"]["columns"][0]["target"], "customer.email");
}

#[tokio::test]
async fn a_row_says_what_a_store_would_refuse_and_a_formula_stays_text() {
    let shop = Shop::with(0).await;
    let text = format!(
        "userName;emails;displayName\nlong;long@x.example;'=1+1\n{};b@x.example;x\n",
        "y".repeat(300)
    );
    let here = shop.operator.paste(&text).await;
    shop.operator.check(&here).await;
    let rows = shop.operator.rows(&here, "").await;
    let reason = rows[0]["reason"].as_str().unwrap();
    assert!(reason.contains("Main store would refuse first_name"), "{reason}");
    shop.operator.apply(&here).await;
    let user = found(&shop.stack, "long@x.example").await.unwrap();
    assert_eq!(user.attributes["displayName"], "=1+1");
    let file = sent(shop.operator.request(Method::GET, &format!("{here}/rows/file?format=jsonl"))).await;
    assert_eq!(file.text.lines().count(), 2);
    shop.stack.settle().await.unwrap();
}
