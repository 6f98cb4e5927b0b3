//! Clients of the directory, their tokens and the profile fields.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::{
    client::{ApiToken, Client, ClientId, Scope},
    profile::{FieldKind, ProfileField, standard_fields},
    store::{Error, Table, Usage, token_hash},
};

use super::bench::Bench;

fn okta() -> ClientId {
    "okta".parse().unwrap()
}

impl Bench {
    /// A token of this client, which ends after an hour.
    fn hourly(&self, client: ClientId) -> ApiToken {
        let expires = self.clock.now() + SignedDuration::from_hours(1);
        ApiToken { expires: Some(expires), ..ApiToken::new(client, self.clock.now()) }
    }
}

#[tokio::test]
async fn clients_read_back_as_written() {
    let Bench { tables, .. } = Bench::start().await;
    let entra = Client { strict: true, reactivates: true, ..Client::new("entra".parse().unwrap(), "Entra") };
    let okta = Client::new(okta(), "Okta");
    for client in [&okta, &entra] {
        tables.put_client(client).await.unwrap();
    }
    assert_eq!(tables.client(&entra.id).await.unwrap(), Some(entra.clone()));
    assert_eq!(tables.client(&"other".parse().unwrap()).await.unwrap(), None);
    assert_eq!(tables.clients().await.unwrap(), [entra, okta]);
}

#[tokio::test]
async fn a_token_reads_back_with_its_scopes_and_its_text_lies_nowhere() {
    let bench = Bench::start().await;
    let token = ApiToken { scopes: [Scope::Read].into(), ..bench.hourly(okta()) };
    let secret = bench.tables.create_api_token(&token).await.unwrap();
    assert!(secret.expose().starts_with("clt_"));
    let hash = token_hash(secret.expose());
    assert_eq!(bench.tables.api_token(&hash).await.unwrap(), Some(token.clone()));
    assert_eq!(bench.tables.tokens_of(&okta()).await.unwrap(), [(hash, token)].into());
    assert!(!bench.raw("settings").await.contains(secret.expose()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_8_tokens_that_are_made_at_once_the_client_gets_two() {
    let Bench { tables, clock, .. } = &Bench::start().await;
    let token = ApiToken::new(okta(), clock.now());
    let made = join_all((0..8).map(|_| tables.create_api_token(&token))).await;
    assert_eq!(made.iter().flatten().count(), 2);
    let refused = |error: &Error| matches!(error, Error::TooManyTokens) && !error.retryable();
    assert!(made.iter().filter_map(|made| made.as_ref().err()).all(refused), "{made:?}");
    assert_eq!(tables.tokens_of(&okta()).await.unwrap().len(), 2);
    let other = ApiToken { client: "entra".parse().unwrap(), ..token };
    assert!(tables.create_api_token(&other).await.is_ok(), "each client has two of its own");
}

#[tokio::test]
async fn an_expired_or_revoked_token_makes_room_for_another() {
    let bench = Bench::start().await;
    let tables = &bench.tables;
    let lasting = tables.create_api_token(&ApiToken::new(okta(), bench.clock.now())).await.unwrap();
    tables.create_api_token(&bench.hourly(okta())).await.unwrap();
    assert!(matches!(tables.create_api_token(&bench.hourly(okta())).await, Err(Error::TooManyTokens)));

    bench.clock.advance(Duration::from_secs(3600));
    tables.create_api_token(&bench.hourly(okta())).await.unwrap();
    assert!(matches!(tables.create_api_token(&bench.hourly(okta())).await, Err(Error::TooManyTokens)));

    let hash = token_hash(lasting.expose());
    assert!(tables.revoke_api_token(&hash).await.unwrap());
    assert_eq!(tables.api_token(&hash).await.unwrap(), None, "it opens nothing from now on");
    assert!(!tables.revoke_api_token(&hash).await.unwrap());
    assert!(tables.create_api_token(&bench.hourly(okta())).await.is_ok());
    assert_eq!(tables.tokens_of(&okta()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_last_use_of_a_token_is_written_once_an_hour() {
    let Bench { tables, clock, .. } = Bench::start().await;
    let tables = tables.metered();
    let secret = tables.create_api_token(&ApiToken::new(okta(), clock.now())).await.unwrap();
    let hash = token_hash(secret.expose());
    let mut writes = Vec::new();
    for _ in 0..5 {
        let token = tables.api_token(&hash).await.unwrap().unwrap();
        tables.meter().take(Table::Settings);
        tables.touch_api_token(&hash, &token, clock.now()).await.unwrap();
        writes.push(tables.meter().take(Table::Settings).write);
        clock.advance(Duration::from_secs(30 * 60));
    }
    assert_eq!(writes, [1.0, 0.0, 1.0, 0.0, 1.0]);
    let token = tables.api_token(&hash).await.unwrap().unwrap();
    assert_eq!(token.last_used, Some("2026-03-10T14:00:00Z".parse().unwrap()));

    tables.revoke_api_token(&hash).await.unwrap();
    tables.touch_api_token(&hash, &token, clock.now()).await.unwrap();
    assert_eq!(tables.api_token(&hash).await.unwrap(), None, "a use that comes late revives nothing");
}

#[tokio::test]
async fn profile_fields_are_the_standard_ones_and_those_that_an_admin_defined() {
    let Bench { tables, .. } = Bench::start().await;
    assert_eq!(tables.profile_fields().await.unwrap(), standard_fields());
    let size = ProfileField {
        multi_valued: true,
        required: true,
        ..ProfileField::new("shoeSize", "Shoe size", FieldKind::Decimal)
    };
    tables.put_profile_fields(std::slice::from_ref(&size)).await.unwrap();
    let fields = tables.profile_fields().await.unwrap();
    assert_eq!((&fields[..3], &fields[3..]), (&standard_fields()[..], &[size.clone()][..]));
    let twice = tables.put_profile_fields(&[size.clone(), size]).await.unwrap_err();
    assert!(matches!(twice, Error::Rejected(_)) && format!("{twice:?}").contains("another has this name"));
    tables.put_profile_fields(&[]).await.unwrap();
    assert_eq!(tables.profile_fields().await.unwrap(), standard_fields());
}

#[tokio::test]
async fn to_look_at_a_token_costs_one_read() {
    let Bench { tables, .. } = Bench::start().await;
    let tables = tables.metered();
    tables.api_token(&token_hash("clt_guess")).await.unwrap();
    assert_eq!(tables.meter().take(Table::Settings), Usage { read: 1.0, ..Usage::default() });
}
