//! What the store asks of an address, country by country.

use rust_iso3166::from_alpha2;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Countries whose states the store offers as a list. A name off the list, a code above all, is refused.
const WITH_STATES: [&str; 7] = ["AU", "BR", "CA", "IN", "JP", "MX", "US"];

/// Countries that know no postal codes; everywhere else an address needs one.
const WITHOUT_POSTAL_CODES: [&str; 18] = [
    "AE", "AG", "AO", "BS", "BW", "BZ", "CM", "FJ", "GH", "HK", "JM", "KE", "MO", "NG", "QA", "UG", "YE",
    "ZW",
];

/// The name of a country as the store writes it; `None` for a code that is none.
pub(super) fn name(code: &str) -> Option<&'static str> {
    match code {
        "GB" => Some("United Kingdom"),
        "US" => Some("United States"),
        _ => from_alpha2(code).map(|country| country.name.split(" (").next().unwrap_or(country.name)),
    }
}

/// Whether an address there needs a postal code.
pub(super) fn needs_postal_code(country: &str) -> bool {
    !WITHOUT_POSTAL_CODES.contains(&country)
}

/// Whether an address there needs a state.
pub(super) fn needs_state(country: &str) -> bool {
    WITH_STATES.contains(&country)
}

/// Whether `state` may stand in an address there: the full name where there is a list, anything
/// elsewhere. Capitals and accents do not count.
pub(super) fn takes_state(country: &str, state: &str) -> bool {
    if !needs_state(country) {
        return true;
    }
    let Some(country) = from_alpha2(country) else { return false };
    let states = country.subdivisions().unwrap_or_default();
    states.iter().any(|known| plain(known.name) == plain(state))
}

fn plain(name: &str) -> String {
    name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_taken_by_name_and_refused_by_code() {
        assert!(
            takes_state("US", "Texas") && takes_state("BR", "Sao Paulo") && takes_state("BR", "São Paulo")
        );
        assert!(!takes_state("US", "TX") && !takes_state("US", ""));
        assert!(takes_state("DE", "") && takes_state("GB", "Kent"));
    }

    #[test]
    fn countries_have_short_names() {
        assert_eq!(name("NL"), Some("Netherlands"));
        assert_eq!(name("US"), Some("United States"));
        assert_eq!(name("ZZ"), None);
    }
}
