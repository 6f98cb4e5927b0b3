//! What every call of the API passes: the faults on order, the token, the quota, the writers' limit.

use std::{panic::resume_unwind, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_LENGTH, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::{Value, json};

use super::{
    errors::{Refusal, Shape},
    faults::{FaultKind, Moment},
    limits::{Quota, most_at_once},
    log::Entry,
    poison,
    shop::Shop,
};

/// A page as a gateway shows it when what is behind it fails.
const PAGE: &str = "<html>\r\n<head><title>Error</title></head>\r\n<body><center><h1>Something went wrong</h1></center></body>\r\n</html>\r\n";

/// What a handler is told to do wrong.
#[derive(Clone, Default)]
pub(super) struct Quirks {
    pub(super) missing: usize,
    pub(super) foreign: usize,
    pub(super) reversed: bool,
    pub(super) refuse_cursor: Option<u16>,
    pub(super) most_a_page: Option<usize>,
    pub(super) lowercase_emails: bool,
}

impl Quirks {
    fn of(faults: &[FaultKind]) -> Quirks {
        faults.iter().fold(Quirks::default(), |quirks, fault| match fault {
            FaultKind::MissingIds { count } => Quirks { missing: *count, ..quirks },
            FaultKind::ForeignIds { count } => Quirks { foreign: *count, ..quirks },
            FaultKind::Shuffle => Quirks { reversed: true, ..quirks },
            FaultKind::RefuseCursor { status } => Quirks { refuse_cursor: Some(*status), ..quirks },
            FaultKind::ShortPages { most } => Quirks { most_a_page: Some(*most), ..quirks },
            FaultKind::LowercaseEmails => Quirks { lowercase_emails: true, ..quirks },
            _ => quirks,
        })
    }

    /// The longest page given.
    pub(super) fn most_a_page(&self) -> usize {
        self.most_a_page.unwrap_or(250).clamp(1, 250)
    }

    /// Leaves out, turns round: what an answer to a write may look like.
    pub(super) fn spoil<T>(&self, answer: Vec<T>) -> Vec<T> {
        let mut answer: Vec<T> = answer.into_iter().skip(self.missing).collect();
        if self.reversed {
            answer.reverse();
        }
        answer
    }
}

/// One call on its way through the gate; counted as under way until it is dropped.
struct Call {
    shop: Arc<Shop>,
    endpoint: String,
    uri: String,
    at_once: usize,
    shape: Shape,
    faults: Vec<FaultKind>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.shop.traffic().calls.end(&self.endpoint);
    }
}

/// An answer that is held back until this is dropped.
struct HeldBack<'a>(&'a Call);

impl HeldBack<'_> {
    fn begin(call: &Call) -> HeldBack<'_> {
        call.shop.traffic().calls.hold_back(&call.endpoint);
        HeldBack(call)
    }
}

impl Drop for HeldBack<'_> {
    fn drop(&mut self) {
        self.0.shop.traffic().calls.let_go(&self.0.endpoint);
    }
}

/// How a call ends: with an answer, or with a closed connection.
enum End {
    Answer(Response),
    Closed,
}

/// The middleware around every route below `/stores/{hash}`.
pub(super) async fn gate(
    State(shop): State<Arc<Shop>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let call = Call::begin(shop, &path, &request);
    let end = call.answer(request, next).await;
    call.log(&end);
    match end {
        End::Answer(response) => response,
        // Ends the connection's task without the panic hook: the only way out without an answer.
        End::Closed => {
            drop(call);
            resume_unwind(Box::new("the connection is closed on order"))
        }
    }
}

impl Call {
    fn begin(shop: Arc<Shop>, path: &MatchedPath, request: &Request) -> Call {
        let route = path.as_str().trim_start_matches("/stores/{hash}");
        let endpoint = format!("{} {route}", request.method());
        let shape = if route.starts_with("/v2") { Shape::V2 } else { Shape::V3 };
        let (at_once, faults) = {
            let mut traffic = shop.traffic();
            (traffic.calls.begin(&endpoint), traffic.draw(Moment::Call, &endpoint))
        };
        Call { shop, endpoint, uri: request.uri().to_string(), at_once, shape, faults }
    }

    async fn answer(&self, request: Request, next: Next) -> End {
        if let Some(end) = self.fault_before() {
            return end;
        }
        let quota = match self.admit(&request) {
            Ok(quota) => quota,
            Err(response) => return End::Answer(*response),
        };
        if self.faults.contains(&FaultKind::Hang) {
            std::future::pending::<()>().await;
        }
        let mut request = match poison::refuse(request, &self.faults).await {
            Ok(request) => request,
            Err(refusal) => return End::Answer(refusal),
        };
        request.extensions_mut().insert(Quirks::of(&self.faults));
        let mut response = match self.too_many_ids(&request) {
            Some(refusal) => refusal.into_response(),
            None => next.run(request).await,
        };
        if let Some(quota) = quota {
            quota.write(response.headers_mut());
        }
        self.hold_back().await;
        self.fault_after(response).await
    }

    async fn hold_back(&self) {
        for fault in &self.faults {
            if let FaultKind::Latency { ms } = fault {
                let _held = HeldBack::begin(self);
                self.shop.clock.sleep(Duration::from_millis(*ms)).await;
            }
        }
    }

    /// Faults that keep the call from being carried out.
    fn fault_before(&self) -> Option<End> {
        self.faults.iter().find_map(|fault| match fault {
            FaultKind::Drop { applied: false } => Some(End::Closed),
            FaultKind::ServerError { status, html, applied: false } => {
                Some(End::Answer(gateway_error(*status, *html)))
            }
            FaultKind::TooManyRequests { headers, retry_after } => {
                Some(End::Answer(self.refuse_for_now(*headers, *retry_after)))
            }
            _ => None,
        })
    }

    /// Faults that spoil the answer to what was carried out.
    async fn fault_after(&self, mut response: Response) -> End {
        for fault in &self.faults {
            match fault {
                FaultKind::GarbleCustomer { id } => response = garbled(response, *id).await,
                FaultKind::Drop { applied: true } => return End::Closed,
                FaultKind::ServerError { status, html, applied: true } => {
                    return End::Answer(gateway_error(*status, *html));
                }
                FaultKind::HtmlOk => return End::Answer(page(StatusCode::OK)),
                FaultKind::Truncate => return End::Answer(truncated(response).await),
                _ => {}
            }
        }
        End::Answer(response)
    }

    /// The token, its scope, the quota and the writers' limit, in the order of the live gateway.
    fn admit(&self, request: &Request) -> Result<Option<Quota>, Box<Response>> {
        let refuse = |refusal: Refusal| Box::new(refusal.into_response());
        let hash = request.uri().path().split('/').nth(2).unwrap_or_default();
        if hash != self.shop.hash() {
            return Err(refuse(Refusal::not_found(self.shape)));
        }
        if !self.knows_token(request) {
            return Err(refuse(Refusal::unauthorized(self.shape)));
        }
        if self.faults.contains(&FaultKind::Suspend) || !self.has_scope() {
            return Err(refuse(Refusal::forbidden(self.shape)));
        }
        let quota = self.spend().map_err(|quota| {
            let mut response = Refusal::too_many_requests(self.shape).into_response();
            quota.write(response.headers_mut());
            Box::new(response)
        })?;
        if most_at_once(&self.endpoint).is_some_and(|most| self.at_once > most) {
            return Err(refuse(Refusal::too_many_requests(self.shape)));
        }
        Ok(quota)
    }

    fn knows_token(&self, request: &Request) -> bool {
        let token = request.headers().get("x-auth-token").map(HeaderValue::as_bytes);
        let known = token.is_some_and(|token| self.shop.account().access_token.matches(token));
        known && !self.faults.contains(&FaultKind::RevokeToken)
    }

    fn has_scope(&self) -> bool {
        let wanted = match self.endpoint.split_once(' ').unwrap_or_default() {
            (_, "/v2/time") => return true,
            (_, route) if route.starts_with("/v3/hooks") => return true,
            (method, "/v2/store") => (method, "store_v2_information"),
            (method, _) => (method, "store_v2_customers"),
        };
        let (method, scope) = wanted;
        let reading = format!("{scope}_read_only");
        let granted = |scope: &str| self.shop.config.scopes.iter().any(|granted| granted == scope);
        granted(scope) || (method == "GET" && granted(&reading))
    }

    fn spend(&self) -> Result<Option<Quota>, Quota> {
        let mut traffic = self.shop.traffic();
        let others =
            traffic.draw(Moment::Window, &self.endpoint).iter().fold(0, |others, fault| match fault {
                FaultKind::OtherApps { requests } => others + requests,
                _ => others,
            });
        traffic.limits.spend(self.shop.config.plan, others, self.shop.clock.now())
    }

    fn refuse_for_now(&self, headers: bool, retry_after: Option<u32>) -> Response {
        let mut response = Refusal::too_many_requests(self.shape).into_response();
        if headers && let Some(quota) = self.spend().unwrap_or_else(Some) {
            quota.write(response.headers_mut());
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert("x-retry-after", HeaderValue::from(seconds));
        }
        response
    }

    fn too_many_ids(&self, request: &Request) -> Option<Refusal> {
        let query = request.uri().query().unwrap_or_default().replace("%3A", ":").replace("%2C", ",");
        let ids = query.split('&').find_map(|pair| pair.strip_prefix("id:in="))?.split(',').count();
        self.faults.iter().find_map(|fault| match fault {
            FaultKind::ManyIds { most, status } if ids > *most => Some(match status {
                414 => Refusal::address_too_long(),
                _ => Refusal::of("Too many values.", "id:in", format!("at most {most} values are taken")),
            }),
            _ => None,
        })
    }

    fn log(&self, end: &End) {
        let status = match end {
            End::Answer(response) => Some(response.status().as_u16()),
            End::Closed => None,
        };
        let (endpoint, uri) = (self.endpoint.clone(), self.uri.clone());
        let mut traffic = self.shop.traffic();
        if let Some(status) = status {
            traffic.calls.answer(&endpoint, status);
        }
        traffic.log.add(Entry::Call { at: self.shop.clock.now(), endpoint, uri, status });
    }
}

fn gateway_error(status: u16, html: bool) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if html { page(status) } else { status.into_response() }
}

fn page(status: StatusCode) -> Response {
    (status, [(CONTENT_TYPE, "text/html")], PAGE).into_response()
}

/// With an object for the first name of one customer.
async fn garbled(response: Response, customer: u32) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return page(StatusCode::BAD_GATEWAY) };
    let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    for item in answer["data"].as_array_mut().into_iter().flatten() {
        if item["id"] == customer && item.get("first_name").is_some() {
            item["first_name"] = json!({ "oops": true });
        }
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(answer.to_string()))
}

/// Announces the whole body and sends half of it.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return page(StatusCode::BAD_GATEWAY) };
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let cut = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(half), Err(cut)])))
}
