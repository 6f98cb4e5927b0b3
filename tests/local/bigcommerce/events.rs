//! Events: which change tells whom what, with the payloads of the live wire.

use std::time::Duration;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Serialize;

use super::{
    delivery::Delivery,
    faults::{FaultKind, Moment},
    log::{Entry, Outcome},
    record::Customer,
    shop::Shop,
    state::State,
};

/// Which door a change came through; some events depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The REST API.
    Api,
    /// The store's own pages, as a merchant uses the control panel.
    Panel,
}

/// Something that hooks may have registered for.
pub(super) enum Happening<'a> {
    Created(&'a Customer),
    Updated(&'a Customer),
    Deleted(u32),
    Address { what: What, id: u32, customer: u32 },
    LoginAccess { customer: u32, channels: Vec<u32> },
}

/// What became of an address.
#[derive(Clone, Copy)]
pub(super) enum What {
    Created,
    Updated,
    Deleted,
}

#[derive(Serialize)]
struct Payload<'a> {
    producer: String,
    hash: &'a str,
    created_at: i64,
    store_id: &'a str,
    scope: &'a str,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Customer { r#type: &'static str, id: u32, origin_channel_id: u32, channel_ids: Option<&'a [u32]> },
    Deleted { r#type: &'static str, id: u32 },
    Address { r#type: &'static str, id: u32, address: Owner },
    LoginAccess { customer_id: u32, channel_ids: &'a [u32] },
}

#[derive(Serialize)]
struct Owner {
    customer_id: u32,
}

impl Happening<'_> {
    fn scope(&self) -> &'static str {
        match self {
            Happening::Created(_) => "store/customer/created",
            Happening::Updated(_) => "store/customer/updated",
            Happening::Deleted(_) => "store/customer/deleted",
            Happening::Address { what: What::Created, .. } => "store/customer/address/created",
            Happening::Address { what: What::Updated, .. } => "store/customer/address/updated",
            Happening::Address { what: What::Deleted, .. } => "store/customer/address/deleted",
            Happening::LoginAccess { .. } => "store/customer/channel/login/access/updated",
        }
    }

    fn customer(&self) -> u32 {
        match self {
            Happening::Created(customer) | Happening::Updated(customer) => customer.id,
            Happening::Deleted(customer)
            | Happening::Address { customer, .. }
            | Happening::LoginAccess { customer, .. } => *customer,
        }
    }

    /// `type` says customer even where `id` is an address; a change of login access has neither.
    fn data(&self) -> Data<'_> {
        match self {
            Happening::Created(customer) | Happening::Updated(customer) => Data::Customer {
                r#type: "customer",
                id: customer.id,
                origin_channel_id: customer.origin_channel,
                channel_ids: customer.rare().channels.as_deref(),
            },
            Happening::Deleted(id) => Data::Deleted { r#type: "customer", id: *id },
            Happening::Address { id, customer, .. } => {
                Data::Address { r#type: "customer", id: *id, address: Owner { customer_id: *customer } }
            }
            Happening::LoginAccess { customer, channels } => {
                Data::LoginAccess { customer_id: *customer, channel_ids: channels }
            }
        }
    }
}

/// Tells the active hooks that registered for it what happened.
pub(super) fn fire(shop: &Shop, state: &mut State, happening: &Happening<'_>) {
    let scope = happening.scope();
    let now = shop.clock.now();
    state.head.last.event += 1;
    let hash = identify(shop, state.head.last.event, scope);
    let hooks: Vec<u32> =
        state.head.hooks.values_mut().filter(|hook| hook.wants(scope)).map(|hook| hook.heard(now)).collect();
    shop.traffic().log.add(Entry::Event {
        at: now,
        hash: hash.clone(),
        scope: scope.to_owned(),
        customer: happening.customer(),
        hooks: hooks.clone(),
    });
    let payload = Payload {
        producer: format!("stores/{}", shop.hash()),
        hash: &hash,
        created_at: now.as_second(),
        store_id: &shop.config.store_id.to_string(),
        scope,
        data: happening.data(),
    };
    let Ok(body) = serde_json::to_string(&payload) else { return };
    for hook in hooks {
        let delivery =
            Delivery { hash: hash.clone(), scope: scope.to_owned(), body: body.clone(), hook, attempt: 0 };
        enqueue(shop, state, delivery);
    }
}

/// Puts a delivery into the queue, as often and as late as the faults on order say.
fn enqueue(shop: &Shop, state: &mut State, delivery: Delivery) {
    let now = shop.clock.now();
    let (mut copies, mut delay) = (1, shop.config.delivery_delay);
    for fault in shop.traffic().draw(Moment::Delivery, &delivery.scope) {
        match fault {
            FaultKind::LoseWebhook => copies = 0,
            FaultKind::DuplicateWebhook { copies: more } => copies += more,
            FaultKind::DelayWebhook { ms } => delay += Duration::from_millis(ms),
            _ => {}
        }
    }
    if copies == 0 {
        shop.traffic().log.add(delivery.ended(now, Outcome::Lost));
    }
    for _ in 0..copies {
        state.head.last.delivery += 1;
        state.queue.insert((now + delay, state.head.last.delivery), delivery.clone());
    }
}

/// Forty hexadecimal digits that name the event. As on the live wire, they cannot be computed from
/// the payload.
fn identify(shop: &Shop, number: u64, scope: &str) -> String {
    let named = format!("{}:{number}:{scope}:{}", shop.hash(), shop.clock.now());
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, named.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
