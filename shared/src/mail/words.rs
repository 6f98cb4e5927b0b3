//! What mails say in each language where an application does not say it otherwise.

mod de;
mod en;
mod es;
mod fr;
mod it;
mod nl;

use super::{Language, Template, Wording};

/// A language's own phrases.
pub(super) struct Words {
    /// Subject, body and button.
    pub(super) wording: fn(Template) -> [&'static str; 3],
    /// One day, and several.
    pub(super) days: [&'static str; 2],
    /// One minute, and several.
    pub(super) minutes: [&'static str; 2],
    /// What stands before the link's address.
    pub(super) address: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &en::WORDS,
        Language::De => &de::WORDS,
        Language::Es => &es::WORDS,
        Language::Fr => &fr::WORDS,
        Language::It => &it::WORDS,
        Language::Nl => &nl::WORDS,
    }
}

impl Wording {
    /// What such a mail says in this language where nobody said otherwise.
    pub fn standard(template: Template, language: Language) -> Wording {
        let [subject, body, button] = (words(language).wording)(template).map(str::to_owned);
        Wording { subject, body, button }
    }
}

/// For how long a link works, in a person's words: in days where it is whole ones.
pub(super) fn validity(language: Language, minutes: u32) -> String {
    const A_DAY: u32 = 24 * 60;
    let words = words(language);
    let (count, [one, several]) = match minutes % A_DAY {
        0 => (minutes / A_DAY, words.days),
        _ => (minutes, words.minutes),
    };
    format!("{count} {}", if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_has_words_of_its_own_in_every_language() {
        for template in Template::ALL {
            let mut subjects = Vec::new();
            for language in Language::ALL {
                let wording = Wording::standard(template, language);
                assert_eq!(wording.check(), Ok(()), "{template:?} {language:?}");
                assert_eq!(template.has_link(), !wording.button.is_empty(), "{template:?} {language:?}");
                assert_eq!(
                    template.has_link(),
                    wording.body.contains("{validity}"),
                    "{template:?} {language:?}"
                );
                subjects.push(wording.subject);
            }
            subjects.sort();
            subjects.dedup();
            assert_eq!(subjects.len(), Language::ALL.len(), "{template:?}");
        }
    }

    #[test]
    fn how_long_a_link_works_is_said_in_days_or_minutes() {
        assert_eq!(validity(Language::En, 7 * 24 * 60), "7 days");
        assert_eq!(validity(Language::De, 24 * 60), "1 Tag");
        assert_eq!(validity(Language::Fr, 60), "60 minutes");
        assert_eq!(validity(Language::Nl, 1), "1 minuut");
    }
}
