//! What alarms are made of: the figures of a sweep.

use std::collections::BTreeMap;

use local::bigcommerce::FaultKind;

use super::bench::Bench;

const READ: &str = "GET /v3/customers";

impl Bench {
    /// The figures of a sweep, by name.
    async fn figures(&self) -> BTreeMap<&'static str, f64> {
        let app = sync::App {
            engine: self.engine(),
            webhook_url: String::new(),
            identity_attribute: sync::IDENTITY_ATTRIBUTE.to_owned(),
            stack: None,
        };
        let looked = app.engine.sweep(self.later(600)).await.unwrap();
        let figures = app.figures(&looked).await.unwrap();
        figures.into_iter().map(|figure| (figure.name, figure.value)).collect()
    }
}

#[tokio::test]
async fn a_sweep_tells_what_it_did_how_long_the_oldest_waits_and_what_waits_for_a_person() {
    let bench = Bench::with(0).await;
    let quiet = bench.figures().await;
    assert!(quiet.values().all(|value| *value == 0.0), "{quiet:?}");
    bench.fault(FaultKind::RevokeToken, READ, u32::MAX);
    bench.add_many(3).await;
    let refused = bench.figures().await;
    assert_eq!(refused["RefusedCredentials"], 1.0, "{refused:?}");
    bench.pass(7_200);
    let later = bench.figures().await;
    assert!((7_200.0..7_300.0).contains(&later["OldestWork"]), "{later:?}");
    bench.stack.store().clear_faults();
    bench.all_is_well().await;
    let well = bench.figures().await;
    assert!(well.values().all(|value| *value == 0.0), "{well:?}");
}
