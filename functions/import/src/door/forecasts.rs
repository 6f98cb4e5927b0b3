//! What a dry run foresees, page by page, as JSON or as a table.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT, CONTENT_TYPE, LINK},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use shared::{client::Scope, http::Problem, import::Forecast};

use super::{App, answer, answer::trouble, run_id};

/// A place is `<page>#<part>`.
const LONGEST_PLACE: usize = 32;

#[derive(Default, Deserialize)]
pub(super) struct From {
    after: Option<String>,
}

#[derive(Serialize)]
struct Page {
    forecasts: Vec<Forecast>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(run): Path<String>,
    Query(From { after }): Query<From>,
) -> Result<Response, Problem> {
    app.admit(&headers, Scope::Read).await?;
    let id = run_id(&run)?;
    let after = after.filter(|after| after.len() <= LONGEST_PLACE);
    let page = app.tables.forecasts(&id, after.as_deref()).await.map_err(trouble)?;
    if page.forecasts.is_empty() && page.next.is_none() {
        app.tables.run(&id).await.map_err(trouble)?.ok_or_else(answer::no_run)?;
    }
    let wanted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if !wanted.contains("text/csv") {
        return Ok(Json(Page { forecasts: page.forecasts, next: page.next }).into_response());
    }
    let mut answer = table(&page.forecasts).into_response();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let next = page.next.map(|next| next.replace('#', "%23"));
    let link = next.map(|next| format!("</imports/{id}/forecasts?after={next}>; rel=\"next\""));
    let link = link.and_then(|link| HeaderValue::try_from(link).ok());
    answer.headers_mut().extend(link.map(|link| (LINK, link)));
    Ok(answer)
}

fn table(forecasts: &[Forecast]) -> String {
    let mut text = String::from("customer,user,verdict,fields,detail\r\n");
    for forecast in forecasts {
        let user = forecast.user.as_ref().map(ToString::to_string).unwrap_or_default();
        let detail = forecast.asked.join(" ");
        let cells = [
            forecast.customer.to_string(),
            user,
            forecast.verdict.name().to_owned(),
            forecast.fields(),
            detail,
        ];
        text.push_str(&cells.map(|cell| cell_of(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell that no spreadsheet takes for a formula.
fn cell_of(value: &str) -> String {
    let value = shared::import::plain(value);
    match value.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.into_owned(),
    }
}
