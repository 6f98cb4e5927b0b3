//! Users from a file: sent, read, checked row by row, applied, and what came of it.

mod refused;

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use jiff::SignedDuration;
use local::stack::{Stack, Time};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    bigcommerce::Customer,
    csv_import::{self, PART, RowVerdict, Stage, Upload},
    operator::Role,
    user::User,
};

use super::{
    asking::{Person, Told, sent},
    store::Shop,
};

const PLAIN: &str = "\
Email,First name,Last name,Department,Active
grace@x.example,Grace,Hopper,Navy,yes
alan@x.example,Alan,Turing,Bletchley,yes
GRACE@x.example,Gracie,Hopper,Navy,yes
,No,Body,,
edsger@x.example,Edsger,Dijkstra,\"Algorithms, and more\",perhaps
short@x.example,Short
kurt@x.example,Kurt,Gödel,Logic,no
";

impl Person {
    /// Sends a table as the page does where there are no scripts, and gives its address.
    async fn paste(&self, text: &str) -> String {
        let sent = self.form("/admin/csv", &[("name", "people.csv"), ("text", text)]).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        sent.header("location").to_owned()
    }

    /// Sends a file part by part, as the page's script does, and gives its address.
    async fn upload(&self, bytes: &[u8]) -> String {
        let begun = self.send("/admin/csv", &json!({ "name": "people.csv", "size": bytes.len() })).await;
        assert_eq!(begun.status, 201, "{}", begun.text);
        let here = begun.header("location").to_owned();
        for (part, bytes) in bytes.chunks(PART).enumerate() {
            let told = self.part(&here, part, bytes).await;
            assert_eq!(told.status, 200, "{}", told.text);
        }
        let told = self.send(&format!("{here}/sent"), &json!({})).await;
        assert_eq!(told.status, 200, "{}", told.text);
        here
    }

    async fn part(&self, here: &str, part: usize, bytes: &[u8]) -> Told {
        let proved = self.request(Method::POST, &format!("{here}/parts/{part}"));
        let proved = proved.header("origin", &self.api).header("x-csrf-token", &self.proof);
        let proved =
            proved.header("content-type", "application/octet-stream").header("accept", "application/json");
        sent(proved.body(bytes.to_vec())).await
    }

    async fn check(&self, here: &str) -> Value {
        let told = self.send(&format!("{here}/check"), &json!({})).await;
        assert_eq!(told.status, 200, "{}", told.text);
        told.json()
    }

    async fn apply(&self, here: &str) -> Value {
        let told = self.send(&format!("{here}/apply"), &json!({})).await;
        assert_eq!(told.status, 200, "{}", told.text);
        told.json()
    }

    /// Every row that is told, over all pages.
    async fn rows(&self, here: &str, query: &str) -> Vec<Value> {
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.json(&format!("{here}/rows?{query}&after={after}")).await.json();
            rows.extend(page["rows"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => return rows,
            }
        }
    }
}

async fn found(stack: &Stack, email: &str) -> Option<User> {
    let held = stack.tables().users_by_email(&[email.to_owned()]).await.unwrap();
    let id = held.get(email)?;
    stack.tables().user(id).await.unwrap()
}

fn verdicts(rows: &[Value]) -> Vec<(u64, &str)> {
    rows.iter().map(|row| (row["row"].as_u64().unwrap(), row["verdict"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn each_row_of_a_plain_file_has_a_verdict_and_bad_ones_stop_no_other() {
    let shop = Shop::with(0).await;
    let operator = &shop.operator;
    let here = operator.paste(PLAIN).await;
    let page = operator.page(&here).await;
    assert!(page.text.contains("Gödel") || page.text.contains("Grace"), "samples are shown: {}", page.text);
    let checked = operator.check(&here).await;
    assert_eq!((&checked["stage"], &checked["progress"]["rows"]), (&json!("checked"), &json!(7)));
    let rows = operator.rows(&here, "").await;
    let expected = [
        (2, "create"),
        (3, "create"),
        (4, "duplicate"),
        (5, "invalid"),
        (6, "invalid"),
        (7, "invalid"),
        (8, "create"),
    ];
    assert_eq!(verdicts(&rows), expected);
    for (row, reason) in [(2, "Row 2"), (3, "names nobody"), (4, "active"), (5, "2 cells")] {
        assert!(rows[row]["reason"].as_str().unwrap().contains(reason), "{}", rows[row]);
    }
    assert!(found(&shop.stack, "grace@x.example").await.is_none(), "nothing was changed");

    let applied = operator.apply(&here).await;
    assert_eq!(applied["stage"], "applied");
    assert_eq!(applied["applied"], applied["checked"], "{applied}");
    let kurt = found(&shop.stack, "kurt@x.example").await.unwrap();
    assert_eq!((kurt.name.family_name.as_deref(), kurt.active), (Some("Gödel"), false));
    shop.stack.settle().await.unwrap();
    let customers = shop.stack.store().customers();
    let mut emails: Vec<&str> = customers.iter().map(|customer| customer.email.as_str()).collect();
    emails.sort();
    assert_eq!(emails, ["alan@x.example", "grace@x.example"], "the inactive one is nobody's customer");

    // The same file again changes nothing; with one cell changed it changes that.
    let again = operator.paste(&PLAIN.replace("Bletchley", "Manchester")).await;
    operator.check(&again).await;
    let rows = operator.rows(&again, "verdict=update").await;
    assert_eq!(verdicts(&rows), [(3, "update")]);
    let change = json!([{ "field": "department", "before": "Bletchley", "after": "Manchester" }]);
    assert_eq!(rows[0]["changes"], change);
    let file = sent(operator.request(Method::GET, &format!("{again}/rows/file"))).await;
    assert!(
        file.text.contains("3,alan@x.example,") && file.text.contains("department: Bletchley → Manchester")
    );
    assert_eq!(file.text.lines().count(), 8);
    let ended = operator.send(&format!("{again}/cancel"), &json!({})).await.json();
    assert_eq!(ended["stage"], "cancelled");
    assert_eq!(found(&shop.stack, "alan@x.example").await.unwrap().attributes["department"], "Bletchley");
}

/// The default export's row of a customer.
fn exported(customer: &Customer) -> Vec<String> {
    let addresses: Vec<String> = customer
        .addresses
        .iter()
        .flatten()
        .map(|one| {
            format!(
                "Address ID: 1, Address Name: x, Address First Name: {}, Address Last Name: {}, Address Company: {}, \
                 Address Line 1: {}, Address Line 2: {}, City/Suburb: {}, State/Province: {}, State Abbreviation: , \
                 Zip/Postcode: {}, Country: {}, Building Type: {}, Address Phone: {}",
                one.first_name,
                one.last_name,
                one.company,
                one.address1,
                one.address2,
                one.city,
                one.state_or_province,
                one.postal_code,
                shared::places::country(&one.country_code).unwrap().name(),
                one.address_type,
                one.phone
            )
        })
        .collect();
    let accepts = customer.accepts_product_review_abandoned_cart_emails == Some(true);
    vec![
        customer.id.unwrap().to_string(),
        customer.first_name.clone(),
        customer.last_name.clone(),
        customer.company.clone().unwrap_or_default(),
        customer.email.clone(),
        customer.phone.clone().unwrap_or_default(),
        "01/02/2020".to_owned(),
        addresses.join("|"),
        if accepts { "Y" } else { "N" }.to_owned(),
    ]
}

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

const EXPORT: [&str; 9] = [
    "Customer ID",
    "First Name",
    "Last Name",
    "Company",
    "Email",
    "Phone",
    "Date Joined",
    "Addresses",
    "Receive Review/Abandoned Cart Emails?",
];

#[tokio::test]
async fn an_export_of_the_store_changes_nothing_and_an_edited_one_what_was_edited() {
    let shop = Shop::with(40).await;
    let customers = shop.stack.store().customers();
    let heading = EXPORT.map(str::to_owned).to_vec();
    let mut rows: Vec<Vec<String>> = std::iter::once(heading).chain(customers.iter().map(exported)).collect();
    let here = shop.operator.upload(&written(&rows)).await;
    let told = shop.operator.json(&here).await.json();
    assert_eq!(
        (&told["reading"]["layout"], &told["reading"]["application"]),
        (&json!("exported"), &json!("main-store"))
    );
    let checked = shop.operator.check(&here).await;
    let differing: Vec<Value> =
        shop.operator.rows(&here, "").await.into_iter().filter(|row| row["verdict"] != "unchanged").collect();
    assert_eq!((&checked["checked"]["unchanged"], &differing), (&json!(40), &Vec::new()));

    rows[1][3] = "Analytical Engines".to_owned();
    // Known by the number, though the address is another one now.
    rows[2][4] = "moved@x.example".to_owned();
    rows[3][4] = customers[3].email.clone();
    rows.push(["", "Mary", "Somerville", "", "mary@x.example", "", "", "", "N"].map(str::to_owned).to_vec());
    let here = shop.operator.upload(&written(&rows)).await;
    let checked = shop.operator.check(&here).await;
    let counts = &checked["checked"];
    assert_eq!(
        (&counts["update"], &counts["create"], &counts["conflict"]),
        (&json!(2), &json!(1), &json!(1)),
        "{counts}"
    );
    shop.operator.apply(&here).await;
    shop.stack.settle().await.unwrap();
    let now = shop.stack.store().customers();
    assert_eq!((now.len(), now[0].company.as_deref()), (41, Some("Analytical Engines")));
    assert_eq!((now[1].email.as_str(), now[40].email.as_str()), ("moved@x.example", "mary@x.example"));
}

#[tokio::test]
async fn a_file_of_several_parts_is_read_wherever_they_are_cut() {
    let stack = super::asking::started().await;
    stack.leave_work();
    let operator = Person::of(&stack, Role::Operator).await;
    // Two bytes a letter, so that parts end within one; and cells of several lines.
    let mut rows = vec![["userName", "displayName", "title"].map(str::to_owned).to_vec()];
    for row in 0..1_500 {
        let name = "é".repeat(150 + row % 97);
        rows.push(vec![format!("user-{row}"), format!("{name}\n“{row}”, and so on"), "x".repeat(row % 131)]);
    }
    let bytes = written(&rows);
    assert!(bytes.len() > 2 * PART);
    let here = operator.upload(&bytes).await;
    operator.check(&here).await;
    let applied = operator.apply(&here).await;
    assert_eq!(applied["applied"]["create"], 1_500, "{applied}");
    for row in [0, 1, 700, 1_499] {
        let id = stack.tables().user_by_user_name(&format!("user-{row}")).await.unwrap().unwrap();
        let user = stack.tables().user(&id).await.unwrap().unwrap();
        assert_eq!(user.attributes["displayName"], rows[row + 1][1]);
    }
    assert_eq!(operator.rows(&here, "verdict=create").await.len(), 1_500);
    let forgotten = operator.send(&format!("{here}/apply"), &json!({})).await;
    assert_eq!(forgotten.status, 409);
    let id = here.rsplit('/').next().unwrap();
    assert!(stack.tables().part(id, 0).await.unwrap().is_none(), "its contents are kept no longer");
}

/// Cut off after so many steps, as a function that is stopped is.
struct CutOff<F> {
    future: Pin<Box<F>>,
    steps: u32,
}

impl<F: Future> Future for CutOff<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.steps.checked_sub(1) {
            None => Poll::Ready(None),
            Some(left) => {
                self.steps = left;
                self.future.as_mut().poll(context).map(Some)
            }
        }
    }
}

#[tokio::test]
async fn who_is_cut_off_anywhere_is_gone_on_for_and_nothing_is_done_twice() {
    let stack = super::asking::started().await;
    stack.leave_work();
    let operator = Person::of(&stack, Role::Operator).await;
    let mut rows = vec![["email", "title"].map(str::to_owned).to_vec()];
    rows.extend((0..450).map(|row| vec![format!("user-{row}@x.example"), row.to_string()]));
    rows.push(vec!["user-3@x.example".to_owned(), "twice".to_owned()]);
    let here = operator.upload(&written(&rows)).await;
    operator.check(&here).await;
    let id = here.rsplit('/').next().unwrap();
    let (tables, clock) = (stack.tables(), stack.clock());
    let upload = tables.upload(id).await.unwrap().unwrap();
    let mut upload: Upload = upload.walked(Stage::Applying, clock.now());
    assert!(tables.put_upload(&mut upload).await.unwrap());
    let Time::ByHand(time) = stack.time() else { panic!("the time is moved by hand") };
    let mut cuts = 0;
    for steps in (1..).step_by(3) {
        let later = clock.now() + SignedDuration::from_hours(1);
        let walk = csv_import::go_on(tables, clock, later);
        let ended = CutOff { future: Box::pin(walk), steps }.await;
        cuts += u32::from(ended.is_none());
        if ended.is_some() && tables.upload(id).await.unwrap().unwrap().stage == Stage::Applied {
            break;
        }
        // Whoever had it has it no longer.
        time.advance(Duration::from_secs(61));
    }
    assert!(cuts > 10, "{cuts}");
    let upload = tables.upload(id).await.unwrap().unwrap();
    assert_eq!((upload.applied.total(), upload.applied.of(RowVerdict::Duplicate)), (451, 1));
    assert_eq!(upload.applied.create + upload.applied.unchanged, 450, "a page may come twice");
    assert_eq!(tables.count_users().await.unwrap(), 450);
    let rows = operator.rows(&here, "").await;
    assert_eq!(rows.len(), 451);
    for (row, told) in (2..).zip(&rows) {
        assert_eq!(told["row"], row);
    }
    assert!(tables.uploads_due().await.unwrap().is_empty());
}
