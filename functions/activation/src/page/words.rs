//! What the page says, in the languages that mails are in.

mod de;
mod en;
mod es;
mod fr;
mod it;
mod nl;

use shared::{mail::Language, password::Shortcoming};

use super::dead::Dead;

/// A language's own phrases. `{store}` and `{number}` stand for what they name.
pub(super) struct Words {
    pub(super) choose: &'static str,
    pub(super) choose_for: &'static str,
    pub(super) password: &'static str,
    pub(super) show: &'static str,
    pub(super) set: &'static str,
    pub(super) advice: &'static str,
    pub(super) refused: &'static str,
    pub(super) rules: Rules,
    pub(super) store_says: &'static str,
    pub(super) not_everywhere: &'static str,
    pub(super) not_now: &'static str,
    pub(super) busy: &'static str,
    pub(super) too_often: &'static str,
    pub(super) done: &'static str,
    pub(super) done_at: &'static str,
    pub(super) close: &'static str,
    pub(super) dead: [[&'static str; 2]; 4],
    pub(super) again: &'static str,
    pub(super) ask: &'static str,
    pub(super) ask_why: &'static str,
    pub(super) email: &'static str,
    pub(super) send: &'static str,
    pub(super) asked: &'static str,
    pub(super) asked_why: &'static str,
    pub(super) foreign: [&'static str; 2],
    pub(super) bad: [&'static str; 2],
    pub(super) broken: [&'static str; 2],
}

/// What is wrong with a password.
pub(super) struct Rules {
    pub(super) short: &'static str,
    pub(super) long: &'static str,
    pub(super) control: &'static str,
    pub(super) letter: &'static str,
    pub(super) digit: &'static str,
    pub(super) capital: &'static str,
    pub(super) small: &'static str,
    pub(super) symbol: &'static str,
    pub(super) common: &'static str,
    pub(super) personal: &'static str,
    pub(super) guessable: &'static str,
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

impl Words {
    pub(super) fn shortcoming(&self, shortcoming: Shortcoming) -> String {
        let rules = &self.rules;
        match shortcoming {
            Shortcoming::TooShort(number) => numbered(rules.short, number),
            Shortcoming::TooLong(number) => numbered(rules.long, number),
            Shortcoming::Control => rules.control.to_owned(),
            Shortcoming::NoLetter => rules.letter.to_owned(),
            Shortcoming::NoDigit => rules.digit.to_owned(),
            Shortcoming::NoCapital => rules.capital.to_owned(),
            Shortcoming::NoSmall => rules.small.to_owned(),
            Shortcoming::NoSymbol => rules.symbol.to_owned(),
            Shortcoming::Common => rules.common.to_owned(),
            Shortcoming::Personal => rules.personal.to_owned(),
            Shortcoming::Guessable => rules.guessable.to_owned(),
        }
    }

    /// A title and what to do next.
    pub(super) fn dead(&self, dead: Dead) -> [&'static str; 2] {
        match dead {
            Dead::Unknown => self.dead[0],
            Dead::Used => self.dead[1],
            Dead::Superseded => self.dead[2],
            Dead::Expired => self.dead[3],
        }
    }
}

pub(super) fn numbered(phrase: &str, number: impl ToString) -> String {
    phrase.replace("{number}", &number.to_string())
}

pub(super) fn at(phrase: &str, store: &str) -> String {
    phrase.replace("{store}", store)
}
