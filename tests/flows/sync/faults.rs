//! A store or a database that fails: nothing is lost, and what was cut off is done once.

use std::time::Duration;

use local::{
    bigcommerce::{Fault, FaultKind},
    engine,
    stack::Options,
};
use shared::report::{Action, AttentionKind};

use super::bench::Bench;
use crate::oracle;

const READ: &str = "GET /v3/customers";

#[tokio::test]
async fn nothing_is_lost_however_a_read_fails_g26() {
    for kind in [
        FaultKind::TooManyRequests { headers: true, retry_after: None },
        FaultKind::TooManyRequests { headers: false, retry_after: None },
        FaultKind::ServerError { status: 503, html: true, applied: false },
        FaultKind::ServerError { status: 500, html: false, applied: false },
        FaultKind::Drop { applied: false },
        FaultKind::Truncate,
        FaultKind::HtmlOk,
    ] {
        let bench = Bench::with(5).await;
        bench.fault(kind.clone(), READ, 20);
        for id in 1..=5 {
            bench.change(id, "company", format!("Company {id}")).await;
        }
        bench.delete(5).await;
        bench.all_is_well().await;
        for id in 1..=4 {
            let company = bench.known(id).await.attributes["organization"].clone();
            assert_eq!(company, format!("Company {id}"), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_html_for_hours_kills_no_row_and_deletes_nobody_g26() {
    let bench = Bench::with(3).await;
    for (kind, company) in [(FaultKind::HtmlOk, "One"), (FaultKind::Truncate, "Two")] {
        bench.stack.store().faults([Fault::new(kind).on(READ)]);
        bench.change(1, "company", company).await;
        for _ in 0..40 {
            while bench.stack.round().await.unwrap() {}
            bench.pass(900);
        }
        assert_eq!(bench.stack.left().len(), 1, "the row waits");
        bench.stack.store().clear_faults();
        bench.all_is_well().await;
    }
    assert_eq!(bench.stack.tables().count_users().await.unwrap(), 3);
}

#[tokio::test]
async fn a_slow_answer_is_given_up_and_asked_for_again_g26() {
    let patience = Some(Duration::from_millis(200));
    let bench = Bench::start(Options { customers: 1, patience, ..Options::default() }, |_| {}).await;
    bench.fault(FaultKind::Hang, READ, 3);
    bench.change(1, "company", "Analytical Engines").await;
    bench.all_is_well().await;
    let calls = bench.stack.store().calls().endpoints[READ].clone();
    let answered: u64 = calls.statuses.values().sum();
    assert!(calls.calls - answered >= 3, "three at least were given up: {calls:?}");
    assert_eq!(bench.known(1).await.attributes["organization"], "Analytical Engines");
}

#[tokio::test]
async fn a_revoked_token_is_told_once_and_what_waits_goes_on_with_a_new_one_g57() {
    let bench = Bench::with(3).await;
    bench.stack.store().faults([Fault::new(FaultKind::RevokeToken).on(READ)]);
    bench.change(1, "company", "Analytical Engines").await;
    for _ in 0..20 {
        while bench.stack.round().await.unwrap() {}
        bench.pass(1_800);
    }
    let asked = oracle::attention(&bench.stack).await;
    assert_eq!(asked.iter().map(|asked| asked.kind).collect::<Vec<_>>(), [AttentionKind::Credentials]);
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_made_once() {
    for kind in [
        FaultKind::Drop { applied: true },
        FaultKind::ServerError { status: 500, html: true, applied: true },
        FaultKind::Truncate,
    ] {
        let bench = Bench::with(0).await;
        bench.fault(kind, "POST /v3/customers", 1);
        bench.add("grace@x.example", "Grace", "Hopper").await;
        bench.add("ada@x.example", "Ada", "King").await;
        bench.all_is_well().await;
        assert_eq!(bench.stack.store().count(), 2);
    }
}

#[tokio::test]
async fn everything_that_happens_under_faults_is_told_and_in_step() {
    for seed in 0..3_u64 {
        let bench = Bench::with(12).await;
        trouble(&bench, seed);
        for id in 1..=8 {
            bench.change(id, "company", format!("Company {id} {seed}")).await;
        }
        bench.delete(9).await;
        bench.create("ada@x.example").await;
        let known = [10, 11, 12];
        for round in 0..6 {
            let _ = bench.stack.round().await;
            bench.pass(20);
            if round == 2 {
                bench.stack.engine().gate().mend();
                for id in known {
                    bench.edit(id, |user| user.name.family_name = Some("Hopper".to_owned())).await;
                }
                bench.stack.engine().gate().fail_some(seed + 100, 0.05, &[engine::Fault::LostAnswer]);
            }
        }
        bench.stack.killer().rest();
        bench.stack.engine().gate().mend();
        bench.stack.store().clear_faults();
        bench.all_is_well().await;
        let told = bench.told(0).await;
        assert!(told.iter().filter(|entry| entry.action == Action::DeleteUser).count() == 1, "seed {seed}");
        for id in known {
            assert_eq!(bench.customer(id).unwrap().last_name, "Hopper");
        }
    }
}

/// Everything fails sometimes.
fn trouble(bench: &Bench, seed: u64) {
    let some = |kind| Fault::new(kind).chance(0.2);
    bench.stack.store().faults([
        some(FaultKind::ServerError { status: 502, html: true, applied: false }).on("GET /v3"),
        some(FaultKind::Truncate).on("GET /v3"),
        some(FaultKind::HtmlOk).on("GET /v3"),
        some(FaultKind::DuplicateWebhook { copies: 2 }),
        some(FaultKind::DelayWebhook { ms: 7_000 }),
        Fault::new(FaultKind::ReorderWebhooks),
    ]);
    bench.stack.killer().kill_some(seed, 0.5, 80);
    let faults = [engine::Fault::Unavailable, engine::Fault::LostAnswer, engine::Fault::Conflict];
    bench.stack.engine().gate().fail_some(seed, 0.05, &faults);
}
