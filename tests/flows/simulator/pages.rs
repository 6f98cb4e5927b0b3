//! The store's own pages.

use serde_json::json;

use super::{Answer, Bench, Receiver, answer, person};

impl Bench {
    async fn page(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.store.url()))).await.unwrap()
    }

    async fn form(&self, path: &str, typed: &[(&str, &str)]) -> Answer {
        let body = typed
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('@', "%40")))
            .collect::<Vec<_>>();
        let request = self
            .http
            .post(format!("{}{path}", self.store.url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        answer(request).await.unwrap()
    }
}

#[tokio::test]
async fn customers_are_listed_searched_and_escaped() {
    let bench = Bench::start();
    bench.store.seed(120, 1);
    let mut tricky = person("tricky@example.com");
    tricky["first_name"] = json!("<script>alert('x')</script>");
    bench.post("/v3/customers", json!([tricky])).await;
    let first = bench.page("/").await;
    assert!(first.text.contains("121 customers") && first.text.contains("rel=\"next\""));
    assert!(first.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let found = bench.page("/?q=TRICKY").await.text;
    assert!(
        found.contains("1 customer") && found.contains("&#60;script&#62;") && !found.contains("<script>")
    );
    assert!(bench.page("/?q=%22%3E%3Cb%3E").await.text.contains("&#34;&#62;&#60;b&#62;"));
    assert_eq!(bench.page("/customers/999").await.status, 404);
}

#[tokio::test]
async fn an_edit_at_the_page_tells_what_a_control_panel_edit_tells() {
    let bench = Bench::start();
    let receiver = Receiver::start().await;
    bench.hook("store/customer/*", &receiver.url).await;
    bench.post("/v3/customers/attributes", json!([{ "name": "external_id", "type": "string" }])).await;
    let names = [("email", "ada@example.com"), ("first_name", "Ada"), ("last_name", "Lovelace")];
    bench.form("/customers", &names).await;
    let house = [
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("address1", "1 Elm"),
        ("city", "Austin"),
        ("state_or_province", "Texas"),
        ("postal_code", "78701"),
        ("country_code", "US"),
    ];
    let moved: Vec<_> =
        house.iter().map(|(name, value)| (*name, if *name == "city" { "Dallas" } else { *value })).collect();
    for (path, typed, expected) in [
        ("/customers/1", &names[..2], vec![]),
        ("/customers/1", &[("email", "a@example.com")], vec!["updated"]),
        ("/customers/1/attributes", &[("attribute", "1"), ("value", "e-1")], vec!["updated"]),
        ("/customers/1/access", &[("channel_2", "on")], vec!["updated"]),
        ("/customers/1/addresses", &house, vec!["address/created"]),
        ("/customers/1/addresses/1", &moved, vec!["address/updated"]),
        ("/customers/1/addresses/1/delete", &[], vec!["address/deleted"]),
        ("/customers/1/delete", &[], vec!["deleted"]),
    ] {
        bench.store.deliver_due().await;
        receiver.take();
        let answer = bench.form(path, typed).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        bench.store.deliver_due().await;
        let told: Vec<String> = receiver.events().into_iter().map(|(scope, _)| scope).collect();
        let expected: Vec<String> = expected.iter().map(|scope| format!("store/customer/{scope}")).collect();
        assert_eq!(told, expected, "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_form_is_said_and_what_was_typed_stays() {
    let bench = Bench::start();
    let typed = [("email", "no-address"), ("first_name", ""), ("last_name", "Lovelace")];
    let page = bench.form("/customers", &typed).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("role=\"alert\"") && page.text.contains("value=\"no-address\""));
    assert_eq!(bench.store.count(), 0);
}

#[tokio::test]
async fn a_shopper_signs_in_with_the_password_alone_that_was_set() {
    let bench = Bench::start();
    let typed = [
        ("email", "ada@example.com"),
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("password", "engines1843"),
    ];
    assert_eq!(bench.form("/customers", &typed).await.status, 200);
    let welcome = bench.form("/sign-in", &[("email", "ADA@example.com"), ("password", "engines1843")]).await;
    assert!(welcome.status == 200 && welcome.text.contains("Welcome, Ada."));
    let wrong = bench.form("/sign-in", &[("email", "ada@example.com"), ("password", "guess")]).await;
    assert!(wrong.status == 401 && !wrong.text.contains("guess"));
}

#[tokio::test]
async fn the_form_of_another_site_changes_nothing() {
    let bench = Bench::start();
    let id = bench.customer("ada@example.com").await;
    let delete = |origin: &str| {
        let url = format!("{}/customers/{id}/delete", bench.store.url());
        bench.http.post(url).header("origin", origin.to_owned()).send()
    };
    assert_eq!(delete("https://evil.example").await.unwrap().status(), 403);
    assert_eq!(bench.store.count(), 1);
    assert_eq!(delete(&bench.store.url()).await.unwrap().status(), 200);
    assert_eq!(bench.store.count(), 0);
}
