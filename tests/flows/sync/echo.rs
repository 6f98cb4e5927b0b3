//! Echoes: what we write at a store comes back as a webhook, and changes nothing.

use local::bigcommerce::{Fault, FaultKind};

use super::bench::Bench;

impl Bench {
    /// The calls that write.
    fn writes(&self) -> u64 {
        let calls = self.stack.store().calls();
        let writes = calls.endpoints.iter().filter(|(endpoint, _)| !endpoint.starts_with("GET "));
        writes.map(|(_, endpoint)| endpoint.calls).sum()
    }
}

#[tokio::test]
async fn an_echo_writes_no_user_and_calls_nobody_g22() {
    let bench = Bench::with(1).await;
    bench.edit(1, |user| user.name.family_name = Some("Hopper".to_owned())).await;
    let written = bench.known(1).await.version;
    let calls = bench.writes();
    bench.all_is_well().await;
    assert_eq!(bench.writes(), calls + 1, "the change itself");
    // The change, and what the link remembers of it.
    assert_eq!(bench.known(1).await.version, written + 1);
}

#[tokio::test]
async fn a_thousand_changes_never_ping_pong_g22() {
    let bench = Bench::with(1).await;
    let (version, calls) = (bench.known(1).await.version, bench.writes());
    for round in 0..500_u64 {
        bench.change(1, "company", format!("There {round}")).await;
        bench.stack.settle().await.unwrap();
        bench
            .edit(1, |user| drop(user.attributes.insert("organization".to_owned(), format!("Here {round}"))))
            .await;
        bench.stack.settle().await.unwrap();
    }
    // Each round: the merchant's call and ours; the user from the store, by the directory, the link.
    assert_eq!(bench.writes() - calls, 1_000);
    assert_eq!(bench.known(1).await.version - version, 1_500);
    bench.stack.settle().await.unwrap();
}

#[tokio::test]
async fn a_store_that_spells_addresses_its_own_way_is_not_fought_g22() {
    let bench = Bench::with(0).await;
    bench.stack.store().faults([Fault::new(FaultKind::LowercaseEmails)]);
    bench.add("Grace.Hopper@X.example", "Grace", " Hopper ").await;
    bench.all_is_well().await;
    let calls = bench.writes();
    for company in ["One", "Two", "Three"] {
        bench
            .edit(1, |user| drop(user.attributes.insert("organization".to_owned(), format!(" {company} "))))
            .await;
        bench.all_is_well().await;
    }
    assert_eq!(bench.writes() - calls, 3);
    assert_eq!(bench.known(1).await.user_name, "Grace.Hopper@X.example");
    assert_eq!(bench.customer(1).unwrap().email, "grace.hopper@x.example");
}
