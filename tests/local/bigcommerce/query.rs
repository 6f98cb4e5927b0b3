//! Reading the query of a call: which filters an endpoint knows, lists, numbers and dates.

use axum::{extract::Query as Pairs, http::Uri};
use jiff::{Timestamp, civil, tz::TimeZone};

use super::errors::Refusal;

/// The parameters of a call, all of them known to the endpoint.
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

/// A date filter: exact, from, until; seconds since 1970.
#[derive(Default)]
pub(super) struct Span {
    at: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
}

impl Span {
    /// Whether `second` passes. Both ends count: the documents do not say, and a client must not care.
    pub(super) fn holds(&self, second: i64) -> bool {
        self.at.is_none_or(|at| at == second)
            && self.min.is_none_or(|min| second >= min)
            && self.max.is_none_or(|max| second <= max)
    }
}

impl Query {
    /// The parameters of `uri`, or a refusal that names those not in `allowed`. An empty piece, such as
    /// a trailing `&` leaves, is an unknown filter too.
    pub(super) fn parse(uri: &Uri, allowed: &[&str]) -> Result<Query, Refusal> {
        let raw = uri.query().unwrap_or_default();
        let Pairs(pairs) = Pairs::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Refusal::unknown_filters(&[raw]))?;
        let mut unknown: Vec<&str> =
            pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !allowed.contains(name)).collect();
        if !raw.is_empty() && raw.split('&').any(str::is_empty) {
            unknown.push("");
        }
        if unknown.is_empty() { Ok(Query { pairs }) } else { Err(Refusal::unknown_filters(&unknown)) }
    }

    /// The value of `name`.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The values of `name`, which are separated by commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let list = self.text(name)?.split(',').filter(|item| !item.is_empty());
        Some(list.map(|item| item.to_lowercase()).collect())
    }

    /// The whole numbers of `name`; those that cannot be an identifier are left out.
    pub(super) fn ids(&self, name: &str) -> Result<Option<Vec<u32>>, Refusal> {
        let Some(list) = self.list(name) else { return Ok(None) };
        let numbers = list.iter().map(|item| item.trim().parse::<i64>()).collect::<Result<Vec<_>, _>>();
        let numbers = numbers.map_err(|_| Refusal::bad_filter(name))?;
        Ok(Some(numbers.into_iter().filter_map(|number| u32::try_from(number).ok()).collect()))
    }

    /// The whole number of `name`.
    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        self.text(name).map(|text| text.parse().map_err(|_| Refusal::bad_filter(name))).transpose()
    }

    /// `name` as yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.text(name).map(|text| text.parse().map_err(|_| Refusal::bad_filter(name))).transpose()
    }

    /// The filters `name`, `name:min` and `name:max`.
    pub(super) fn span(&self, name: &str) -> Result<Span, Refusal> {
        let date = |suffix: &str| {
            let name = format!("{name}{suffix}");
            self.text(&name).map(|text| second(text).ok_or(Refusal::bad_filter(&name))).transpose()
        };
        Ok(Span { at: date("")?, min: date(":min")?, max: date(":max")? })
    }

    /// The query again, percent-encoded, without `left_out` and with `added`.
    pub(super) fn link(&self, left_out: &[&str], added: &[(&str, String)]) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
        let kept = kept.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let added = added.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        format!("?{}", kept.chain(added).collect::<Vec<_>>().join("&"))
    }
}

/// Percent-encodes what is not a letter, a digit or one of `-._~,:`.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut link, byte| {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' | b',' | b':' => {
                link.push(char::from(byte));
            }
            _ => link.push_str(&format!("%{byte:02X}")),
        }
        link
    })
}

/// A date (midnight UTC), a time with or without a zone (then UTC), or a number of seconds.
fn second(text: &str) -> Option<i64> {
    let timestamp = || text.parse::<Timestamp>().ok();
    let local = || TimeZone::UTC.to_timestamp(text.parse::<civil::DateTime>().ok()?).ok();
    let unix = || Timestamp::from_second(text.parse().ok()?).ok();
    unix().or_else(timestamp).or_else(local).map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Query, Refusal> {
        Query::parse(&format!("/x?{text}").parse().unwrap(), &["id:in", "email:in", "date_created:min"])
    }

    #[test]
    fn colons_commas_and_plus_signs_are_read_raw_and_encoded() {
        let raw = query("id:in=1,2").unwrap();
        let encoded = query("id%3Ain=1%2C2&email%3Ain=a%2Bb@x.example").unwrap();
        assert_eq!(raw.ids("id:in").unwrap(), encoded.ids("id:in").unwrap());
        assert_eq!(encoded.list("email:in").unwrap(), ["a+b@x.example"]);
    }

    #[test]
    fn unknown_filters_and_empty_pieces_are_refused() {
        assert!(query("id:in=1&foo=2").is_err());
        assert!(query("id:in=1&").is_err());
        assert!(query("").is_ok());
    }

    #[test]
    fn dates_with_and_without_time_and_zone_are_one_scale() {
        let midnight = second("2024-05-14").unwrap();
        assert_eq!(second("2024-05-14T00:00:00"), Some(midnight));
        assert_eq!(second("2024-05-14T00:00:00Z"), Some(midnight));
        assert_eq!(second(&midnight.to_string()), Some(midnight));
        assert_eq!(second("yesterday"), None);
    }
}
