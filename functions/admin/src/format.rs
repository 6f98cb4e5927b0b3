//! As what an answer is wanted.

use axum::http::{HeaderMap, header::ACCEPT};

/// As what an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A page, for a person.
    Html,
    /// JSON, for a program.
    Json,
    /// A table, for a spreadsheet; of what is no list, JSON.
    Csv,
}

impl Format {
    /// What `Accept` likes best of these (RFC 9110, 12.5.1); JSON where it names none of them.
    pub(crate) fn wanted(headers: &HeaderMap) -> Format {
        let all = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges = all.flat_map(|value| value.split(',')).filter_map(range);
        let best = ranges.fold(None, |best: Option<(Format, f32)>, (format, weight)| match best {
            Some((_, other)) if other >= weight => best,
            _ => Some((format, weight)),
        });
        best.map_or(Format::Json, |(format, _)| format)
    }
}

fn range(text: &str) -> Option<(Format, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let format = match parts.next()? {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "application/json" | "application/problem+json" | "application/*" | "*/*" => Format::Json,
        "text/csv" => Format::Csv,
        _ => return None,
    };
    let weight =
        parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse().ok())?;
    (weight > 0.0).then_some((format, weight))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn wanted(accept: &'static str) -> Format {
        Format::wanted(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
    }

    #[test]
    fn a_browser_gets_pages_and_everything_else_what_it_asks_for() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
        assert_eq!(wanted(browser), Format::Html);
        assert_eq!(wanted("*/*"), Format::Json);
        assert_eq!(wanted("application/json"), Format::Json);
        assert_eq!(wanted("text/csv"), Format::Csv);
        assert_eq!(wanted("text/html;q=0.5, text/csv"), Format::Csv);
        assert_eq!(wanted("text/html;q=0, application/json;q=0.1"), Format::Json);
        assert_eq!(wanted("image/png"), Format::Json);
        assert_eq!(Format::wanted(&HeaderMap::new()), Format::Json);
    }
}
