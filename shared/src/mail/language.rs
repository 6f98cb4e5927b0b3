//! The languages that mails and pages speak.

use serde::{Deserialize, Serialize};

use crate::user::User;

/// A language, by its ISO 639 code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Italian.
    It,
    /// Dutch.
    Nl,
}

impl Language {
    /// All of them, English first.
    pub const ALL: [Language; 6] =
        [Language::En, Language::De, Language::Es, Language::Fr, Language::It, Language::Nl];

    /// Its code: `en`, `de`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
            Language::Es => "es",
            Language::Fr => "fr",
            Language::It => "it",
            Language::Nl => "nl",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::De => "Deutsch",
            Language::Es => "Español",
            Language::Fr => "Français",
            Language::It => "Italiano",
            Language::Nl => "Nederlands",
        }
    }

    /// The language of a tag such as `de`, `de-AT` or `de_AT`; `None` where it is not spoken here.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Language::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.as_str()))
    }

    /// The first that is spoken here of a list as HTTP's `Accept-Language` and SCIM's
    /// `preferredLanguage` have it (RFC 9110, 12.5.4): by its weights.
    pub fn of_list(list: &str) -> Option<Language> {
        let weighed = list.split(',').take(MOST_RANGES).filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok());
            Some((Language::of_tag(tag)?, weight.filter(|weight: &f32| *weight > 0.0)?))
        });
        // Of equal weights the first one goes first.
        let best = weighed.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(language, _)| language)
    }

    /// What a user is spoken to in: the preferred language, or else that of the locale.
    pub fn of_user(user: &User) -> Option<Language> {
        let attribute = |name| user.attributes.get(name).map(String::as_str);
        let preferred = attribute("preferredLanguage").and_then(Language::of_list);
        preferred.or_else(|| attribute("locale").and_then(Language::of_tag))
    }
}

const MOST_RANGES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_its_tag_wherever_it_is_spoken() {
        for (tag, language) in [("de", "de"), ("de-AT", "de"), ("fr_CA", "fr"), ("EN", "en"), (" it ", "it")]
        {
            assert_eq!(Language::of_tag(tag).unwrap().as_str(), language, "{tag}");
        }
        for tag in ["", "xx", "d", "deu", "-"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn the_weightiest_language_that_is_spoken_here_is_chosen() {
        let of = |list| Language::of_list(list).map(Language::as_str);
        assert_eq!(of("da, en-gb;q=0.8, nl;q=0.9"), Some("nl"));
        assert_eq!(of("es, fr"), Some("es"));
        assert_eq!(of("da, sv;q=0.5"), None);
        assert_eq!(of("de;q=0, fr;q=0.1"), Some("fr"));
        assert_eq!(of("de;q=x"), None);
    }

    #[test]
    fn the_preferred_language_goes_before_the_locale() {
        let mut user = User::new("ada", jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(Language::of_user(&user), None);
        user.attributes.insert("locale".to_owned(), "fr-FR".to_owned());
        assert_eq!(Language::of_user(&user), Some(Language::Fr));
        user.attributes.insert("preferredLanguage".to_owned(), "sv, de;q=0.5".to_owned());
        assert_eq!(Language::of_user(&user), Some(Language::De));
    }
}
