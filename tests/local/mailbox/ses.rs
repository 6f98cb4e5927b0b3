//! The endpoint: SES's query API, as far as it is used.

use std::collections::BTreeMap;

use axum::{
    Form,
    body::Body,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use shared::clock::random_id;

use super::{Fate, Fault, Mail, Shared, events::events};

type Fields = BTreeMap<String, String>;

/// Why a request is none that SES takes: a code and a message.
type Invalid = (&'static str, &'static str);

const MOST_RECIPIENTS: usize = 50;

pub(super) async fn call(State(shared): State<Shared>, Form(fields): Form<Fields>) -> Response {
    {
        let mut state = shared.state();
        state.activity.calls += 1;
    }
    match fields.get("Action").map(String::as_str) {
        Some("SendEmail") => send(&shared, &fields),
        Some("GetSendQuota") => quota(&shared),
        _ => refusal(400, "InvalidAction", "Only SendEmail and GetSendQuota are known here."),
    }
}

fn quota(shared: &Shared) -> Response {
    let mut state = shared.state();
    let now = state.clock.now();
    let sent = state.limits.sent_in_a_day(now);
    let (a_day, a_second) = (state.limits.a_day, state.limits.a_second);
    xml(
        200,
        format!(
            "<GetSendQuotaResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><GetSendQuotaResult>\
             <Max24HourSend>{a_day:.1}</Max24HourSend><MaxSendRate>{a_second:.1}</MaxSendRate>\
             <SentLast24Hours>{sent:.1}</SentLast24Hours></GetSendQuotaResult>\
             <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></GetSendQuotaResponse>",
            random_id()
        ),
    )
}

fn send(shared: &Shared, fields: &Fields) -> Response {
    let mut state = shared.state();
    let mail = match mail(fields, state.clock.now()) {
        Ok(mail) => mail,
        Err((code, message)) => return refusal(400, code, message),
    };
    let now = state.clock.now();
    let fault = match state.faults.pop_front() {
        Some(fault) => Some(fault),
        None => state.limits.take(now).err(),
    };
    if fault.is_none_or(Fault::takes) {
        let fate = mail.to.iter().find_map(|to| state.fates.get(to)).copied();
        let fate = fate.unwrap_or_else(|| Fate::of_simulated(&mail.to[0]));
        if let (Some(set), false) = (fields.get("ConfigurationSetName"), state.events_are_lost) {
            state.events.extend(events(&mail, set, fate));
        }
        state.mails.push(mail.clone());
    }
    match fault {
        None => accepted(&mail.id),
        Some(fault) => match fault.answer() {
            Some((status, code, message)) => refusal(status, code, message),
            None => no_answer(),
        },
    }
}

fn mail(fields: &Fields, at: jiff::Timestamp) -> Result<Mail, Invalid> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let to = list(fields, "Destination.ToAddresses.member.");
    let others = list(fields, "Destination.CcAddresses.member.").len()
        + list(fields, "Destination.BccAddresses.member.").len();
    if to.is_empty() || to.len() + others > MOST_RECIPIENTS || !to.iter().all(|to| is_address(to)) {
        return Err(("InvalidParameterValue", "The recipients are none that mails can be sent to."));
    }
    let subject = field("Message.Subject.Data");
    if field("Source").is_empty() || subject.contains(['\r', '\n']) {
        return Err(("InvalidParameterValue", "The sender or the subject is none."));
    }
    Ok(Mail {
        id: random_id(),
        at,
        from: field("Source"),
        to,
        reply_to: list(fields, "ReplyToAddresses.member."),
        subject,
        text: field("Message.Body.Text.Data"),
        html: field("Message.Body.Html.Data"),
        tags: tags(fields)?,
    })
}

fn tags(fields: &Fields) -> Result<BTreeMap<String, String>, Invalid> {
    let names = fields.iter().filter_map(|(field, name)| Some((field.strip_suffix(".Name")?, name)));
    let tags = names.filter(|(field, _)| field.starts_with("Tags.member."));
    let allowed = |text: &str| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte);
        (1..=256).contains(&text.len()) && text.bytes().all(letter)
    };
    tags.map(|(field, name)| {
        let value = fields.get(&format!("{field}.Value")).cloned().unwrap_or_default();
        let fits = allowed(name) && allowed(&value);
        if fits { Ok((name.clone(), value)) } else { Err(("InvalidParameterValue", "A tag is none.")) }
    })
    .collect()
}

fn list(fields: &Fields, prefix: &str) -> Vec<String> {
    fields.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, value)| value.clone()).collect()
}

/// In ASCII, as SES wants it, and one address.
fn is_address(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b",;<>\"".contains(&byte));
    plain && text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

fn accepted(id: &str) -> Response {
    xml(
        200,
        format!(
            "<SendEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><SendEmailResult>\
             <MessageId>{id}</MessageId></SendEmailResult>\
             <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></SendEmailResponse>"
        ),
    )
}

fn refusal(status: u16, code: &str, message: &str) -> Response {
    let side = if status < 500 { "Sender" } else { "Receiver" };
    xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error><Type>{side}</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
            random_id()
        ),
    )
}

/// An answer that breaks off.
fn no_answer() -> Response {
    let broken = stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("the answer was lost")) });
    Response::new(Body::from_stream(broken))
}

fn xml(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}
