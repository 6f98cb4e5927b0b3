//! What the second API tells of the store: its time, and who it is.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::{Value, json as value};

use super::{errors::json, shop::Shop};

/// `GET /v2/time`
pub(super) async fn time(State(shop): State<Arc<Shop>>) -> Response {
    json(&value!({ "time": shop.second() }))
}

#[derive(Serialize)]
struct Store {
    #[serde(flatten)]
    who: Value,
    #[serde(flatten)]
    locale: Value,
    #[serde(flatten)]
    plan: Value,
    features: Value,
}

/// `GET /v2/store`. `id` is the hash of paths and payloads, `store_id` the number of webhooks.
pub(super) async fn store(State(shop): State<Arc<Shop>>) -> Response {
    json(&Store { who: who(&shop), locale: locale(), plan: plan(&shop), features: features(&shop) })
}

fn who(shop: &Shop) -> Value {
    let hash = shop.hash();
    let domain = format!("{hash}.store.example");
    value!({
        "id": hash,
        "account_uuid": "1f2cf5ff-6fd5-4c2c-8f59-0d5a8d1f8f11",
        "domain": domain,
        "secure_url": format!("https://{domain}"),
        "control_panel_base_url": format!("https://store-{hash}.store.example"),
        "status": "live",
        "name": shop.config.name,
        "first_name": "Store",
        "last_name": "Owner",
        "address": "",
        "country": "United States",
        "country_code": "US",
        "infrastructure_region": "us-central1",
        "phone": "",
        "admin_email": "owner@store.example",
        "order_email": "orders@store.example",
        "favicon_url": "",
    })
}

fn locale() -> Value {
    value!({
        "timezone": {
            "name": "Etc/UTC",
            "raw_offset": 0,
            "dst_offset": 0,
            "dst_correction": false,
            "date_format": { "display": "M jS Y", "export": "M jS Y", "extended_display": "M jS Y @ g:i A" },
        },
        "language": "en",
        "currency": "USD",
        "currency_symbol": "$",
        "decimal_separator": ".",
        "thousands_separator": ",",
        "decimal_places": 2,
        "currency_symbol_location": "left",
        "weight_units": "KGS",
        "dimension_units": "Centimeters",
        "dimension_decimal_places": 2,
        "dimension_decimal_token": ".",
        "dimension_thousands_token": ",",
    })
}

fn plan(shop: &Shop) -> Value {
    value!({
        "plan_name": "Simulated",
        "plan_level": "Simulated",
        "plan_is_trial": false,
        "industry": "",
        "logo": [],
        "is_price_entered_with_tax": false,
        "store_id": shop.config.store_id,
        "default_channel_id": 1,
        "default_site_id": 1000,
        "active_comparison_modules": [],
    })
}

fn features(shop: &Shop) -> Value {
    let storefronts = shop.config.channels.len();
    value!({
        "stencil_enabled": true,
        "sitewidehttps_enabled": true,
        "facebook_catalog_id": "",
        "checkout_type": "optimized",
        "wishlists_enabled": true,
        "graphql_storefront_api_enabled": true,
        "shopper_consent_tracking_enabled": false,
        "multi_storefront_enabled": storefronts > 1,
        "storefront_limits": { "active": storefronts, "total_including_inactive": storefronts },
    })
}
