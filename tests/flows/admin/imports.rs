//! Imports at the console: begun, watched, stopped, foreseen, applied and scheduled.

use std::time::Duration;

use local::{
    bigcommerce::Plan,
    stack::{Options, Stack},
};
use serde_json::{Value, json};
use shared::{
    client::{ApiToken, Scope},
    import::{Effect, Run},
    operator::Role,
    store::Table,
};

use super::asking::{Person, Told};
use crate::import::bench::Bench;

const HERE: &str = "/admin/imports";

/// A store with so many customers of whom nothing is known, and somebody of this role.
async fn shop(customers: u32, role: Role) -> (Bench, Person) {
    let bench = Bench::with(customers).await;
    let person = Person::of(&bench.stack, role).await;
    (bench, person)
}

impl Bench {
    async fn ask_full(&self, person: &Person, dry: bool) -> Told {
        let wanted = json!({ "application": self.application.id, "kind": "full", "dry": dry });
        person.send(HERE, &wanted).await
    }
}

async fn told(person: &Person, run: &Told) -> Value {
    let told = person.json(&of(run)).await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.json()
}

/// The address of a run that was begun.
fn of(run: &Told) -> String {
    assert_eq!(run.status, 201, "{}", run.text);
    assert_eq!(run.header("location"), format!("{HERE}/{}", run.json()["id"].as_str().unwrap()));
    run.header("location").to_owned()
}

async fn order(person: &Person, run: &Told, command: &str) -> u16 {
    person.send(&format!("{}/{command}", of(run)), &json!({})).await.status
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_done_changes_nothing_and_is_then_applied() {
    let (bench, operator) = shop(60, Role::Operator).await;
    let dry = bench.ask_full(&operator, true).await;
    bench.settle().await;
    let foreseen = told(&operator, &dry).await;
    assert_eq!((&foreseen["state"], &foreseen["counts"]["create"]), (&json!("done"), &json!(60)));
    assert_eq!(bench.users().await, 0);
    let page = operator.json(&format!("{}/verdicts", of(&dry))).await.json();
    let forecasts = page["forecasts"].as_array().unwrap();
    assert_eq!(forecasts.len(), 60);
    let first = &forecasts[0];
    assert_eq!((&first["verdict"], &first["steps"][0]["action"]), (&json!("create"), &json!("createUser")));
    assert!(first["steps"][0]["changes"].as_array().unwrap().iter().any(|change| change["field"] == "email"));
    let page = operator.page(&of(&dry)).await.text;
    assert!(page.contains("Apply this") && page.contains("verdicts?verdict=create"), "{page}");

    let real = operator.send(&format!("{}/apply", of(&dry)), &json!({})).await;
    bench.settle().await;
    assert_eq!(told(&operator, &real).await["counts"], foreseen["counts"]);
    assert_eq!(order(&operator, &real, "apply").await, 409, "it was no dry run");
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_mapping_and_policies_are_tried_without_being_taken_and_cannot_be_applied() {
    let (bench, admin) = shop(10, Role::Admin).await;
    bench.import().await;
    let mut mapping = serde_json::to_value(&bench.application.mapping).unwrap();
    let rules = mapping["rules"].as_array_mut().unwrap();
    rules.retain(|rule| rule["field"] != "company" && !rule.to_string().contains("company"));
    let wanted = json!({
        "application": bench.application.id, "kind": "full", "dry": true, "mapping": mapping
    });
    let dry = admin.send(HERE, &wanted).await;
    bench.settle().await;
    let tried = told(&admin, &dry).await;
    assert_eq!((&tried["state"], &tried["totalCounted"]), (&json!("done"), &json!(10)));
    let applied = admin.send(&format!("{}/apply", of(&dry)), &json!({})).await;
    assert!(applied.status == 409 && applied.text.contains("others than those"), "{}", applied.text);
    let real = json!({ "application": bench.application.id, "kind": "full", "mapping": mapping });
    assert_eq!(admin.send(HERE, &real).await.status, 422);

    let policies = format!("/admin/applications/{}/policies", bench.application.id);
    let mut tried = admin.json(&policies).await.json();
    bench.silently(async { _ = bench.create("new@x.example").await }).await;
    let creates = async |policies_tried: &Value| {
        let dry = admin.send(&format!("{policies}/what-if"), policies_tried).await;
        bench.settle().await;
        let run = told(&admin, &dry).await;
        assert_eq!((&run["state"], &run["totalCounted"]), (&json!("done"), &json!(11)), "{run}");
        run["counts"]["create"].clone()
    };
    assert_eq!(creates(&tried).await, json!(1), "as it is");
    tried["toDirectory"]["create"] = json!(false);
    tried["scope"] = json!("active eq true");
    assert_eq!(creates(&tried).await, json!(0));
    let flawed = json!({ "scope": "userName eq" });
    assert_eq!(admin.send(&format!("{policies}/what-if"), &flawed).await.status, 422);
    assert_eq!(bench.users().await, 10);
}

#[tokio::test]
async fn a_dry_run_is_not_applied_under_other_rules_but_a_schedule_is_none() {
    let (bench, admin) = shop(3, Role::Admin).await;
    let schedule = format!("{HERE}/schedules/{}", bench.application.id);
    let dry = bench.ask_full(&admin, true).await;
    bench.settle().await;
    let often = [("importEveryHours", "12"), ("importChangesEveryMinutes", "0")];
    assert_eq!(admin.form(&schedule, &often).await.status, 303);
    let kept = bench.stack.tables().application(&bench.application.id).await.unwrap().unwrap();
    let mut other = kept.clone();
    other.policies.authority = shared::application::Authority::Store;
    bench.stack.tables().put_application(&other).await.unwrap();
    assert_eq!(order(&admin, &dry, "apply").await, 409);
    bench.stack.tables().put_application(&kept).await.unwrap();
    assert_eq!(order(&admin, &dry, "apply").await, 201);
    bench.settle().await;
    assert_eq!(bench.users().await, 3);
}

#[tokio::test]
async fn a_run_is_paused_resumed_and_cancelled_and_another_is_refused_meanwhile_g61() {
    let (bench, operator) = shop(10, Role::Operator).await;
    let run = bench.ask_full(&operator, false).await;
    let refused = bench.ask_full(&operator, false).await;
    assert_eq!((refused.status, refused.header("location")), (409, of(&run).as_str()));
    assert!(refused.text.contains(run.json()["id"].as_str().unwrap()), "{}", refused.text);
    assert_eq!(order(&operator, &run, "pause").await, 200);
    bench.settle().await;
    assert_eq!((&told(&operator, &run).await["state"], bench.users().await), (&json!("paused"), 0));
    let page = operator.page(&of(&run)).await.text;
    assert!(page.contains("Resume") && !page.contains("data-refreshes"), "{page}");
    assert_eq!(order(&operator, &run, "pause").await, 409);
    assert_eq!(order(&operator, &run, "resume").await, 200);
    bench.settle().await;
    let done = told(&operator, &run).await;
    assert_eq!((&done["state"], &done["progress"]["done"]), (&json!("done"), &json!(10)));
    assert_eq!(order(&operator, &run, "cancel").await, 409);

    let run = bench.ask_full(&operator, false).await;
    let page = operator.page(&of(&run)).await.text;
    assert!(page.contains("data-refreshes=\"3\"") && page.contains("Pause"), "{page}");
    assert_eq!(order(&operator, &run, "cancel").await, 200);
    bench.settle().await;
    assert_eq!(told(&operator, &run).await["state"], "cancelled");
    let listed = operator.json(&format!("{HERE}?application={}", bench.application.id)).await.json();
    assert_eq!(listed["ended"].as_array().unwrap().len(), 2);
    assert_eq!(listed["applications"][0].get("underWay"), None);
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_run_that_the_brake_stopped_asks_an_admin_and_goes_on_when_it_is_told_so_g68() {
    let (bench, admin) = shop(30, Role::Admin).await;
    bench.import().await;
    let ids = bench.ids();
    bench.silently(async { bench.delete(&ids).await }).await;
    let run = bench.ask_full(&admin, false).await;
    bench.settle().await;
    let stopped = told(&admin, &run).await;
    assert_eq!((&stopped["state"], &stopped["asks"]), (&json!("stopped"), &json!("deletions")));
    let page = admin.page(&of(&run)).await.text;
    assert!(page.contains("30 of 30 customers") && page.contains("/approve"), "{page}");
    assert!(admin.page(HERE).await.text.contains("Decide"));
    let operator = Person::of(&bench.stack, Role::Operator).await;
    assert_eq!(order(&operator, &run, "approve").await, 403);
    assert!(!operator.page(&of(&run)).await.text.contains("/approve"));
    assert_eq!(bench.users().await, 30);

    let told_on = admin.form(&format!("{}/approve", of(&run)), &[]).await;
    assert_eq!((told_on.status, told_on.header("location")), (303, of(&run).as_str()), "{}", told_on.text);
    bench.settle().await;
    let done = told(&admin, &run).await;
    assert_eq!((&done["state"], &done["counts"]["delete"]), (&json!("done"), &json!(30)));
    assert_eq!(done["deletionsApprovedBy"], "admin@example.com");
    assert_eq!(bench.users().await, 0);
    assert!(crate::oracle::attention(&bench.stack).await.is_empty());
    assert_eq!(order(&admin, &run, "approve").await, 409);
    let log = bench.stack.tables().amendments(None, 10).await.unwrap().amendments;
    assert!(log.iter().any(|one| one.what.starts_with("deletions of import")), "{log:?}");
}

#[tokio::test]
async fn a_braked_run_that_is_cancelled_asks_nobody_any_more() {
    let (bench, operator) = shop(30, Role::Operator).await;
    bench.import().await;
    let ids = bench.ids();
    bench.silently(async { bench.delete(&ids).await }).await;
    let run = bench.ask_full(&operator, false).await;
    bench.settle().await;
    assert_eq!(crate::oracle::attention(&bench.stack).await.len(), 1);
    assert_eq!(order(&operator, &run, "cancel").await, 200);
    assert!(crate::oracle::attention(&bench.stack).await.is_empty());
    assert_eq!(bench.users().await, 30);
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_refused_with_a_next_step() {
    let (bench, operator) = shop(1, Role::Operator).await;
    let id = &bench.application.id;
    for (body, status) in [
        (json!({ "application": "nobody", "kind": "full" }), 404),
        (json!({ "application": id, "kind": "incremental" }), 409),
        (json!({ "application": id, "kind": "all" }), 400),
        (json!({ "application": id, "kind": "full", "wet": true }), 400),
        (
            json!({ "application": id, "kind": "full", "dry": true, "policies": { "scope": "userName eq" } }),
            422,
        ),
    ] {
        assert_eq!(operator.send(HERE, &body).await.status, status, "{body}");
    }
    for (path, status) in [
        ("/none", 404),
        ("?application=nobody", 404),
        ("?before=yesterday", 422),
        (&format!("/{id}.0000000000000000-00000000"), 404),
    ] {
        let told = operator.json(&format!("{HERE}{path}")).await;
        assert_eq!(told.status, status, "{path}: {}", told.text);
    }
    let dry = bench.ask_full(&operator, true).await;
    for query in ["verdict=maybe", "after=%2e%2e", "after=00000001%230000000000000000000000000000000000"] {
        let told = operator.json(&format!("{}/verdicts?{query}", of(&dry))).await;
        assert_eq!(told.status, 422, "{query}: {}", told.text);
    }
    assert_eq!(operator.json(&format!("{}/verdicts/file?format=pdf", of(&dry))).await.status, 422);
    bench.settle().await;
}

#[tokio::test]
async fn a_token_with_a_role_opens_imports_and_one_for_scim_alone_does_not() {
    let (bench, _) = shop(1, Role::Viewer).await;
    let url = format!("{}{HERE}", bench.stack.api());
    for (role, status) in [(None, 403), (Some(Role::Viewer), 200)] {
        let token = ApiToken {
            scopes: [Scope::Read].into(),
            role,
            ..ApiToken::new("reader".parse().unwrap(), bench.stack.clock().now())
        };
        let token = bench.stack.tables().create_api_token(&token).await.unwrap();
        let request = crate::stack::gateway::client().get(&url).bearer_auth(token.expose());
        assert_eq!(request.send().await.unwrap().status(), status, "{role:?}");
    }
}

#[tokio::test]
async fn verdicts_are_filtered_paged_and_taken_along() {
    let (bench, viewer) = shop(260, Role::Viewer).await;
    let store = bench.stack.store();
    let odd = bench.ids()[200].get();
    store.set_past_the_rules(odd, "email", "");
    let run = bench.begin(Effect::Foresee).await;
    bench.settle().await;
    let here = format!("{HERE}/{}/verdicts", run.id);
    let (mut seen, mut address) = (std::collections::BTreeSet::new(), here.clone());
    loop {
        let page = viewer.json(&address).await;
        for one in page.json()["forecasts"].as_array().unwrap() {
            assert!(seen.insert(one["customer"].as_u64().unwrap()), "{one} came twice");
        }
        let Some(next) = page.json()["next"].as_str().map(|next| next.replace('#', "%23")) else { break };
        address = format!("{here}?after={next}");
        assert!(page.header("link").contains(&address), "{}", page.header("link"));
    }
    assert_eq!(seen.len(), 260);
    let invalid = viewer.json(&format!("{here}?verdict=invalid")).await.json();
    let invalid = invalid["forecasts"].as_array().unwrap();
    assert_eq!((invalid.len(), &invalid[0]["customer"]), (1, &json!(odd)));
    let page = viewer.page(&format!("{here}?verdict=create")).await.text;
    assert!(page.contains("User created") && page.contains("Next page") && !page.contains("Apply this"));

    let csv = viewer.json(&format!("{here}/file?format=csv")).await;
    assert!(csv.header("content-disposition").contains("verdicts.csv"));
    assert_eq!(csv.text.lines().count(), 261, "a head and everyone");
    let lines = viewer.json(&format!("{here}/file?format=jsonl&verdict=invalid")).await;
    let line: Value = serde_json::from_str(lines.text.trim()).unwrap();
    assert_eq!(line["customer"], json!(odd));
    let request = viewer.request(reqwest::Method::GET, &here).header("accept", "text/csv");
    let table = super::asking::sent(request).await;
    assert!(table.header("content-type").starts_with("text/csv") && table.text.starts_with("customer,user,"));
}

#[tokio::test]
async fn both_schedules_are_set_told_and_kept_in_the_change_log() {
    let (bench, admin) = shop(2, Role::Admin).await;
    let schedule = format!("{HERE}/schedules/{}", bench.application.id);
    for wrong in [("importEveryHours", "9000"), ("importChangesEveryMinutes", "1441")] {
        let fields = [("importEveryHours", "0"), ("importChangesEveryMinutes", "0")];
        let fields = fields.map(|field| if field.0 == wrong.0 { wrong } else { field });
        assert_eq!(admin.form(&schedule, &fields).await.status, 422, "{wrong:?}");
    }
    let every = json!({ "importEveryHours": 24, "importChangesEveryMinutes": 15 });
    assert_eq!(admin.send(&schedule, &every).await.status, 200);
    let operator = Person::of(&bench.stack, Role::Operator).await;
    assert_eq!(operator.send(&schedule, &every).await.status, 403);
    bench.pass(Duration::from_secs(120));
    bench.stack.round().await.unwrap();
    bench.settle().await;
    let listed = admin.json(HERE).await.json();
    let store = &listed["applications"][0];
    assert_eq!(
        (&store["importEveryHours"], &listed["ended"][0]["askedBy"]),
        (&json!(24), &json!("schedule"))
    );
    let at = |field: &str| store[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at("nextFullAt").duration_since(at("fullAt")).as_hours(), 24);
    assert_eq!(at("nextChangesAt").duration_since(at("watermark")).as_mins(), 15);
    let log = bench.stack.tables().amendments(None, 10).await.unwrap().amendments;
    let paths: Vec<_> = log.iter().flat_map(|one| &one.differences).map(|one| one.path.as_str()).collect();
    assert!(paths.contains(&"policies.importEveryHours"), "{paths:?}");
}

#[tokio::test]
async fn the_list_costs_the_same_however_many_runs_there_were() {
    let store = local::bigcommerce::Config { plan: Plan::UNLIMITED, ..Default::default() };
    let stack = Stack::start(Options { metered: true, store, ..Options::default() }).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    stack.settle().await.unwrap();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let empty = viewer.page(HERE).await.text;
    assert!(empty.contains("No import has ended yet"), "{empty}");
    let mut costs = Vec::new();
    for many in [40, 400] {
        for second in 0..many {
            let at = stack.clock().now() - jiff::SignedDuration::from_secs(many * 1000 + second);
            let run = Run::full(application.id.clone(), Effect::Apply, "ada", at);
            stack.tables().keep_run(&run.done(at)).await.unwrap();
        }
        for table in [Table::Settings, Table::Jobs] {
            stack.tables().meter().take(table);
        }
        let page = viewer.json(HERE).await.json();
        assert_eq!(page["ended"].as_array().unwrap().len(), 20);
        costs.push([Table::Settings, Table::Jobs].map(|table| stack.tables().meter().take(table).read));
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].iter().sum::<f64>() <= 12.0, "{costs:?}");
    let (mut seen, mut address) = (0, HERE.to_owned());
    loop {
        let page = viewer.json(&address).await.json();
        seen += page["ended"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        address = format!("{HERE}?application=main-store&before={next}");
    }
    assert_eq!(seen, 440);
}

#[tokio::test]
async fn a_rare_verdict_in_a_long_run_is_looked_for_a_part_at_a_time() {
    let stack = Stack::start(Options { metered: true, ..Options::default() }).await.unwrap();
    let application = stack.connect("main-store".parse().unwrap(), "Main store").await.unwrap();
    stack.settle().await.unwrap();
    let viewer = Person::of(&stack, Role::Viewer).await;
    let mut run = Run::full(application.id, Effect::Foresee, "ada", stack.clock().now());
    let forecast = |customer: u64, verdict: &str| {
        serde_json::from_value::<shared::import::Forecast>(
            json!({ "customer": customer, "verdict": verdict }),
        )
        .unwrap()
    };
    for page in 1..=100 {
        run.pages = page;
        let verdict = if page == 100 { "delete" } else { "create" };
        let forecasts: Vec<_> = (0..50).map(|n| forecast(page * 50 + n, verdict)).collect();
        stack.tables().keep_forecasts(&run, &forecasts).await.unwrap();
    }
    stack.tables().keep_run(&run.done(stack.clock().now())).await.unwrap();
    stack.tables().meter().take(Table::Reports);
    let address = format!("{HERE}/{}/verdicts?verdict=delete", run.id);
    let first = viewer.json(&address).await.json();
    assert!(first["forecasts"].as_array().unwrap().is_empty(), "{first}");
    let read = stack.tables().meter().take(Table::Reports).read;
    assert!(read <= 128.0, "{read}");
    assert!(viewer.page(&address).await.text.contains("None so far"));
    let further = |page: &Value| {
        let next = page["next"].as_str().unwrap().replace('#', "%23");
        format!("{address}&after={next}")
    };
    let rest = viewer.json(&further(&first)).await.json();
    assert_eq!(rest["forecasts"].as_array().unwrap().len(), 50);
    let end = viewer.page(&further(&rest)).await.text;
    assert!(end.contains("That was all"), "{end}");
}
