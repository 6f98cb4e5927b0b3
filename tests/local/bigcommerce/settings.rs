//! Customer settings: of the store, and of each channel; what a channel leaves open it inherits.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    check::object,
    errors::{Broken, Refusal, Shape, json},
    paging::Written,
    shop::Shop,
};

/// The settings of the store and its channels.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Settings {
    store: Common,
    channels: BTreeMap<u32, Channel>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Channel {
    allow_global_logins: Option<bool>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Common {
    customer_group_settings: Groups,
    privacy_settings: Privacy,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Groups {
    default_customer_group_id: Option<u32>,
    guest_customer_group_id: Option<u32>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Privacy {
    ask_shopper_for_tracking_consent: Option<bool>,
    ask_shopper_for_tracking_consent_on_checkout: Option<bool>,
    policy_url: Option<String>,
}

impl Settings {
    /// Whether customers without channels of their own can sign in at `channel`: at the first by
    /// default, at others when they are set so.
    pub(super) fn is_global(&self, channel: u32) -> bool {
        let set = self.channels.get(&channel).and_then(|settings| settings.allow_global_logins);
        set.unwrap_or(channel == 1)
    }

    fn of_channel(&self, channel: u32) -> Channel {
        let settings = self.channels.get(&channel).cloned().unwrap_or_default();
        Channel { allow_global_logins: Some(self.is_global(channel)), ..settings }
    }
}

impl Common {
    /// What the store has where nothing was ever set.
    fn of_store(mut self) -> Common {
        self.privacy_settings.ask_shopper_for_tracking_consent.get_or_insert(false);
        self.privacy_settings.ask_shopper_for_tracking_consent_on_checkout.get_or_insert(false);
        self.privacy_settings.policy_url.get_or_insert_default();
        self.customer_group_settings.default_customer_group_id.get_or_insert(0);
        self.customer_group_settings.guest_customer_group_id.get_or_insert(0);
        self
    }

    fn merge(&mut self, body: &Map<String, Value>) -> Result<(), Refusal> {
        let part = |name: &str| body.get(name).and_then(Value::as_object);
        if let Some(groups) = part("customer_group_settings") {
            set(
                groups,
                "default_customer_group_id",
                &mut self.customer_group_settings.default_customer_group_id,
            )?;
            set(
                groups,
                "guest_customer_group_id",
                &mut self.customer_group_settings.guest_customer_group_id,
            )?;
        }
        if let Some(privacy) = part("privacy_settings") {
            let Privacy {
                ask_shopper_for_tracking_consent: ask,
                ask_shopper_for_tracking_consent_on_checkout: ask_late,
                policy_url,
            } = &mut self.privacy_settings;
            set(privacy, "ask_shopper_for_tracking_consent", ask)?;
            set(privacy, "ask_shopper_for_tracking_consent_on_checkout", ask_late)?;
            set(privacy, "policy_url", policy_url)?;
        }
        Ok(())
    }
}

/// Sets what `body` names; null takes the setting back.
fn set<T: for<'de> Deserialize<'de>>(
    body: &Map<String, Value>,
    name: &str,
    to: &mut Option<T>,
) -> Result<(), Refusal> {
    if let Some(value) = body.get(name) {
        let wrong = |_| Refusal::garbled(Broken::from([(name.to_owned(), "error.invalid".to_owned())]));
        *to = Option::deserialize(value).map_err(wrong)?;
    }
    Ok(())
}

/// `GET /v3/customers/settings`
pub(super) async fn read(State(shop): State<Arc<Shop>>) -> Response {
    json(&Written::new(shop.state().head.settings.store.clone().of_store()))
}

/// `PUT /v3/customers/settings`
pub(super) async fn put(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response, Refusal> {
    let body = object(&body)?;
    let mut state = shop.state();
    let mut store = state.head.settings.store.clone();
    store.merge(&body)?;
    state.head.settings.store = store.clone();
    Ok(json(&Written::new(store.of_store())))
}

/// `GET /v3/customers/settings/channels/{channel}`
pub(super) async fn read_channel(
    State(shop): State<Arc<Shop>>,
    Path((_, channel)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let channel = known(&shop, &channel)?;
    Ok(json(&Written::new(shop.state().head.settings.of_channel(channel))))
}

/// `PUT /v3/customers/settings/channels/{channel}`
pub(super) async fn put_channel(
    State(shop): State<Arc<Shop>>,
    Path((_, channel)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let channel = known(&shop, &channel)?;
    let body = object(&body)?;
    let mut state = shop.state();
    let mut settings = state.head.settings.channels.get(&channel).cloned().unwrap_or_default();
    settings.common.merge(&body)?;
    set(&body, "allow_global_logins", &mut settings.allow_global_logins)?;
    state.head.settings.channels.insert(channel, settings);
    Ok(json(&Written::new(state.head.settings.of_channel(channel))))
}

fn known(shop: &Shop, channel: &str) -> Result<u32, Refusal> {
    let channel = channel.parse().ok().filter(|channel| shop.config.channels.contains(channel));
    channel.ok_or(Refusal::not_found(Shape::V3))
}
