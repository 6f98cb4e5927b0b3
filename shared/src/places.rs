//! Countries and their states: every name and code a person may write, to the codes and names that
//! the two sides keep (ISO 3166-1 and 3166-2).

mod names;

use std::{collections::HashMap, sync::LazyLock};

use rust_iso3166::{ALL, CountryCode, iso3166_2::SUBDIVISION_COUNTRY_MAP};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use names::{COUNTRIES, SPELLINGS, STATES, WITH_A_CLOSED_LIST, WITHOUT_POSTAL_CODES};

/// The text names no country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the country is unknown (an ISO 3166-1 code or English name)")]
pub struct UnknownCountry;

/// The text names no state of the country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state is unknown in its country (an ISO 3166-2 code or name)")]
pub struct UnknownState;

/// A country of ISO 3166-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(CountryCode);

/// A state, province or other first division of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The part of its ISO 3166-2 code after the hyphen.
    pub code: &'static str,
    /// Its full name.
    pub name: &'static str,
}

/// The country that `text` names: by a code, by its English name, or by a usual other spelling;
/// neither case nor accents nor punctuation count.
pub fn country(text: &str) -> Result<Country, UnknownCountry> {
    BY_COUNTRY_NAME.get(plain(text).as_str()).copied().map(Country).ok_or(UnknownCountry)
}

impl Country {
    /// ISO 3166-1 alpha-2: `DE`.
    pub fn alpha2(self) -> &'static str {
        self.0.alpha2
    }

    /// ISO 3166-1 alpha-3: `DEU`.
    pub fn alpha3(self) -> &'static str {
        self.0.alpha3
    }

    /// The English name in everyday use: `Germany`, `United States`, `Bolivia`.
    pub fn name(self) -> &'static str {
        COUNTRIES.iter().find(|(code, _)| *code == self.0.alpha2).map_or(self.0.name, |(_, name)| name)
    }

    /// The state that `text` names: by its code, with or without the country's, or by its name;
    /// neither case nor accents nor punctuation count.
    pub fn state(self, text: &str) -> Result<State, UnknownState> {
        BY_STATE_NAME.get(&(self.0.alpha2, plain(text))).copied().ok_or(UnknownState)
    }

    /// Whether a postal address here names one of a closed list of states. Elsewhere a state is
    /// free text: ISO's divisions are not what people write on envelopes.
    pub fn has_states(self) -> bool {
        WITH_A_CLOSED_LIST.contains(&self.0.alpha2)
    }

    /// Whether every postal address here has a postal code.
    pub fn has_postal_codes(self) -> bool {
        !WITHOUT_POSTAL_CODES.contains(&self.0.alpha2)
    }
}

static BY_COUNTRY_NAME: LazyLock<HashMap<String, CountryCode>> = LazyLock::new(|| {
    let by_code = |code: &str| ALL.iter().find(|country| country.alpha2 == code).copied();
    let everyday = COUNTRIES.iter().chain(SPELLINGS).filter_map(|(code, name)| Some((*name, by_code(code)?)));
    let formal = ALL.iter().flat_map(|c| [(c.alpha2, *c), (c.alpha3, *c), (c.name, *c)]);
    everyday.chain(formal).map(|(name, country)| (plain(name), country)).collect()
});

/// By country and plain text: codes stand before names, and of two divisions of one name the
/// first stands.
static BY_STATE_NAME: LazyLock<HashMap<(&'static str, String), State>> = LazyLock::new(|| {
    let divisions = || SUBDIVISION_COUNTRY_MAP.values().flat_map(|divisions| divisions.iter());
    let mut index = HashMap::new();
    for division in divisions() {
        let state = State { code: division.region_code, name: division.name };
        index.insert((division.country_code, plain(division.region_code)), state);
        index.insert((division.country_code, plain(division.code)), state);
    }
    for (country, code, name) in STATES {
        let state = *index.entry((*country, plain(code))).or_insert(State { code, name });
        index.entry((*country, plain(name))).or_insert(state);
    }
    for division in divisions() {
        let state = State { code: division.region_code, name: division.name };
        index.entry((division.country_code, plain(division.name))).or_insert(state);
    }
    index
});

/// Letters and digits alone, lower-case and without accents.
fn plain(text: &str) -> String {
    let letters = text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    let mut plain = String::with_capacity(text.len());
    for letter in letters {
        match letter {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' => plain.push('d'),
            'ı' => plain.push('i'),
            'æ' => plain.push_str("ae"),
            'ß' => plain.push_str("ss"),
            letter if letter.is_alphanumeric() => plain.push(letter),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_its_codes_and_by_its_names() {
        for text in ["US", "us", " USA ", "U.S.A.", "United States", "united states of america"] {
            assert_eq!(country(text).unwrap().alpha2(), "US", "{text}");
        }
        for text in ["Cote d’Ivoire", "CÔTE D'IVOIRE", "Ivory Coast", "CIV"] {
            assert_eq!(country(text).unwrap().alpha2(), "CI", "{text}");
        }
        assert_eq!(country("South Korea").unwrap().alpha3(), "KOR");
        assert_eq!(country("Bolivia (Plurinational State of)").unwrap().name(), "Bolivia");
    }

    #[test]
    fn what_names_no_country_is_an_error() {
        for text in ["", "Atlantis", "XX", "Korea", "U", "🇺🇸"] {
            assert_eq!(country(text), Err(UnknownCountry), "{text}");
        }
    }

    #[test]
    fn every_country_is_found_by_what_it_is_called() {
        for known in ALL {
            for text in [known.alpha2, known.alpha3, known.name, Country(*known).name()] {
                assert_eq!(country(text).unwrap().0, *known, "{text}");
            }
        }
    }

    #[test]
    fn a_state_is_known_by_its_code_and_by_its_name() {
        let at = |code, text| country(code).unwrap().state(text).map(|state| (state.code, state.name));
        for text in ["TX", "tx", "US-TX", "texas", " Texas"] {
            assert_eq!(at("US", text), Ok(("TX", "Texas")), "{text}");
        }
        assert_eq!(at("CA", "Québec"), Ok(("QC", "Quebec")));
        assert_eq!(at("MX", "Michoacan"), Ok(("MIC", "Michoacán de Ocampo")));
        assert_eq!(at("US", "Washington, D.C."), Ok(("DC", "District of Columbia")));
        assert_eq!(at("US", "AE"), Ok(("AE", "Armed Forces Europe")));
    }

    #[test]
    fn a_state_of_another_country_is_an_error() {
        assert_eq!(country("US").unwrap().state("Ontario"), Err(UnknownState));
        assert_eq!(country("CA").unwrap().state("TX"), Err(UnknownState));
        assert_eq!(country("SG").unwrap().state(""), Err(UnknownState));
    }

    #[test]
    fn the_name_and_the_code_of_every_state_find_a_state_of_that_name() {
        for division in SUBDIVISION_COUNTRY_MAP.values().flat_map(|divisions| divisions.iter()) {
            let country = country(division.country_code).unwrap();
            assert_eq!(country.state(division.code).unwrap().code, division.region_code, "{}", division.code);
            let found = country.state(division.name).unwrap();
            assert_eq!(plain(found.name), plain(division.name), "{}", division.code);
            assert_eq!(country.state(found.name), country.state(found.code), "{}", division.code);
        }
    }
}
