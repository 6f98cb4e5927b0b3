//! A mapping is drafted, made live, looked back at and brought back, by several people at once.

use shared::{
    amendment::Amendment,
    mapping::{CustomerField, Identity, Mapping},
    profile::{FieldKind, ProfileField},
    store::{Draft, Error, MOST_VERSIONS},
};

use super::Bench;

fn without(mapping: &Mapping, field: &CustomerField) -> Mapping {
    let mut mapping = mapping.clone();
    mapping.rules.retain(|rule| rule.field != *field);
    mapping
}

#[tokio::test]
async fn a_draft_is_written_over_only_by_who_has_seen_it() {
    let bench = Bench::with(0).await;
    let (tables, id) = (bench.stack.tables(), &bench.application.id);
    assert!(tables.mapping_draft(id).await.unwrap().is_none());
    let at = bench.stack.clock().now();
    let draft = Draft { mapping: Mapping::default(), by: "ada@x.example".to_owned(), at, revision: 1 };
    tables.put_mapping_draft(id, &draft).await.unwrap();
    assert!(matches!(tables.put_mapping_draft(id, &draft).await, Err(Error::Moved)));
    let next = Draft { mapping: without(&draft.mapping, &CustomerField::Phone), revision: 2, ..draft };
    tables.put_mapping_draft(id, &next).await.unwrap();
    assert!(matches!(tables.put_mapping_draft(id, &next).await, Err(Error::Moved)));
    assert_eq!(tables.mapping_draft(id).await.unwrap(), Some(next));
}

#[tokio::test]
async fn what_was_live_is_kept_with_who_changed_it_and_can_be_live_again() {
    let bench = Bench::set(0, |application| {
        let since = jiff::Timestamp::UNIX_EPOCH;
        application.mapping.identity = Some(Identity { attribute: 7, since });
    })
    .await;
    let (tables, id) = (bench.stack.tables(), &bench.application.id);
    let (first, by) = (bench.application.mapping.clone(), "ada@x.example");
    let changed = Mapping { identity: None, ..without(&first, &CustomerField::Phone) };
    let version = tables.publish_mapping(&bench.application, &changed, 0, by, "No phones.").await.unwrap();
    assert_eq!((version.number, &version.mapping.identity), (2, &first.identity));
    let live = tables.application(id).await.unwrap().unwrap();
    assert_eq!(
        (live.mapping.rules.len(), live.mapping.identity),
        (first.rules.len() - 1, first.identity.clone())
    );
    assert_eq!(
        (live.name, live.policies),
        (bench.application.name.clone(), bench.application.policies.clone())
    );

    let late = tables.publish_mapping(&bench.application, &changed, 0, by, "").await;
    assert!(matches!(late, Err(Error::Moved)), "another was quicker");
    let live = tables.application(id).await.unwrap().unwrap();
    let before = tables.mapping_version(id, 1).await.unwrap().unwrap();
    tables.publish_mapping(&live, &before.mapping, 2, "bob@x.example", "").await.unwrap();
    assert_eq!(tables.application(id).await.unwrap().unwrap().mapping, first);
    let history = tables.mapping_versions(id, None, 10).await.unwrap();
    let told: Vec<_> = history.iter().map(|version| (version.number, version.by.as_str())).collect();
    assert_eq!(told, [(3, "bob@x.example"), (2, by), (1, by)]);
    assert_eq!(tables.mapping_versions(id, Some(2), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_history_keeps_the_last_hundred_and_publishing_takes_the_draft_away() {
    let bench = Bench::with(0).await;
    let (tables, id) = (bench.stack.tables(), &bench.application.id);
    let at = bench.stack.clock().now();
    let mapping = bench.application.mapping.clone();
    let draft = Draft { mapping: mapping.clone(), by: "ada".to_owned(), at, revision: 1 };
    tables.put_mapping_draft(id, &draft).await.unwrap();
    let mut latest = 0;
    for _ in 0..MOST_VERSIONS + 3 {
        latest =
            tables.publish_mapping(&bench.application, &mapping, latest, "ada", "").await.unwrap().number;
    }
    assert!(tables.mapping_draft(id).await.unwrap().is_none());
    let kept = tables.mapping_versions(id, None, 100).await.unwrap();
    assert_eq!((kept.len() as u64, kept[0].number), (MOST_VERSIONS, latest));
    assert!(tables.mapping_versions(id, Some(kept[99].number), 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn profile_fields_are_written_over_only_by_who_has_seen_them() {
    let bench = Bench::with(0).await;
    let tables = bench.stack.tables();
    let field = |name: &str| ProfileField::new(name, "", FieldKind::String);
    let (nothing, now) = (serde_json::Value::Null, bench.stack.clock().now());
    let amendment = Amendment::new("ada@x.example", "profile fields", &nothing, &nothing, now);
    let before = tables.defined_fields().await.unwrap();
    tables.change_profile_fields(&before, &[field("size")], &amendment).await.unwrap();
    assert!(matches!(tables.change_profile_fields(&before, &[], &amendment).await, Err(Error::Moved)));
    let now = tables.defined_fields().await.unwrap();
    tables.change_profile_fields(&now, &[field("size"), field("colour")], &amendment).await.unwrap();
    assert_eq!(tables.profile_fields().await.unwrap().len(), 5);
    tables.put_profile_fields(&[]).await.unwrap();
    assert!(matches!(tables.change_profile_fields(&now, &[], &amendment).await, Err(Error::Moved)));
}
