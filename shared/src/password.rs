//! What a password must be: long, and not easily guessed; and what the store asks of it besides.
//! Pure.
//!
//! Length goes first, and no mixture of characters is asked for but what a store insists on (NIST
//! SP 800-63B-4, 3.1.1.2). A password is sent as it was typed: the store compares what is typed at
//! its own page, and a normal form here would lock out whose keyboard writes another. Only for
//! judging, it is brought into one: NFC to count, NFKC and small letters to guess.

mod blocklist;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

use crate::secret::fold;

/// How many characters a password may have.
pub const MOST_CHARACTERS: usize = 128;

/// How many bytes a password may have: that many characters of the widest kind. What is longer is
/// not even looked at.
pub const MOST_BYTES: usize = 4 * MOST_CHARACTERS;

/// A name of fewer letters may stand in a password by chance.
const SHORTEST_NAME: usize = 3;

/// How many letters and digits there must be besides names.
const BESIDES_NAMES: usize = 6;

/// How many names are looked for.
const MOST_NAMES: usize = 24;

/// What a store asks of a password by itself; the fewest are what every store asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StoreRule {
    /// How many characters, at least.
    pub minimum: u16,
    /// Whether there must be a capital letter.
    pub capital: bool,
    /// Whether there must be a small letter.
    pub small: bool,
    /// Whether there must be something that is neither letter nor digit.
    pub symbol: bool,
}

/// Seven characters, with a letter and a digit, which are always asked for.
impl Default for StoreRule {
    fn default() -> StoreRule {
        StoreRule { minimum: 7, capital: false, small: false, symbol: false }
    }
}

/// What a password must be that is to open one or more stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many characters, at least.
    pub minimum: usize,
    /// What all stores together ask for.
    pub store: StoreRule,
}

/// What a password falls short of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shortcoming {
    /// It has fewer characters than this.
    TooShort(usize),
    /// It has more characters than this.
    TooLong(usize),
    /// It holds what no keyboard writes: a NUL, a line break.
    Control,
    /// The store wants a letter.
    NoLetter,
    /// The store wants a digit.
    NoDigit,
    /// The store wants a capital letter.
    NoCapital,
    /// The store wants a small letter.
    NoSmall,
    /// The store wants a symbol.
    NoSymbol,
    /// It is one of the passwords that everybody tries first.
    Common,
    /// It is little more than a name: of the person, the address, the store.
    Personal,
    /// It is soon guessed: words, dates, repetitions, rows of keys.
    Guessable,
}

impl Rules {
    /// The rules of one store, with our own least length.
    pub fn new(minimum: u16, store: StoreRule) -> Rules {
        Rules { minimum: usize::from(minimum.max(store.minimum)).min(MOST_CHARACTERS), store }
    }

    /// The rules that satisfy both.
    pub fn and(self, other: Rules) -> Rules {
        let (a, b) = (self.store, other.store);
        let store = StoreRule {
            minimum: a.minimum.max(b.minimum),
            capital: a.capital || b.capital,
            small: a.small || b.small,
            symbol: a.symbol || b.symbol,
        };
        Rules { minimum: self.minimum.max(other.minimum), store }
    }

    /// What `password` falls short of; nothing: it may be set. `names` are what it must not be made
    /// of: of the person and the store, and their addresses.
    pub fn shortcomings(&self, password: &str, names: &[&str]) -> Vec<Shortcoming> {
        if password.len() > MOST_BYTES || password.chars().count() > MOST_CHARACTERS {
            return vec![Shortcoming::TooLong(MOST_CHARACTERS)];
        }
        if password.chars().any(char::is_control) {
            return vec![Shortcoming::Control];
        }
        let length = password.nfc().count();
        let mut found: Vec<Shortcoming> = self.of_the_store(password).collect();
        if length < self.minimum {
            found.insert(0, Shortcoming::TooShort(self.minimum));
        }
        if found.is_empty() {
            found.extend(weakness(password, &parts(names)));
        }
        found
    }

    fn of_the_store(&self, password: &str) -> impl Iterator<Item = Shortcoming> {
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        let rules = [
            (true, has(char::is_alphabetic), Shortcoming::NoLetter),
            (true, has(char::is_numeric), Shortcoming::NoDigit),
            (self.store.capital, has(char::is_uppercase), Shortcoming::NoCapital),
            (self.store.small, has(char::is_lowercase), Shortcoming::NoSmall),
            (self.store.symbol, has(|letter| !letter.is_alphanumeric()), Shortcoming::NoSymbol),
        ];
        rules.into_iter().filter(|(asked, has, _)| *asked && !has).map(|(_, _, shortcoming)| shortcoming)
    }
}

/// How a password that is long enough is soon guessed all the same.
fn weakness(password: &str, names: &[String]) -> Option<Shortcoming> {
    let folded = fold(password);
    if blocklist::holds(&folded) {
        return Some(Shortcoming::Common);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if besides(&folded, &names) < BESIDES_NAMES.min(besides(&folded, &[])) {
        return Some(Shortcoming::Personal);
    }
    let holds_out = |names: &[&str]| zxcvbn(&folded, names).score() >= Score::Three;
    match holds_out(&names) {
        true => None,
        false if holds_out(&[]) => Some(Shortcoming::Personal),
        false => Some(Shortcoming::Guessable),
    }
}

/// How many letters and digits are left of a password without the names in it.
fn besides(folded: &str, names: &[&str]) -> usize {
    let left = names.iter().fold(folded.to_owned(), |left, name| left.replace(name, " "));
    left.chars().filter(|letter| letter.is_alphanumeric()).count()
}

/// The words that names and addresses are made of, and the names without what is between them.
fn parts(names: &[&str]) -> Vec<String> {
    let mut parts = Vec::new();
    for name in names {
        let folded = fold(name);
        let words = folded.split(|letter: char| !letter.is_alphanumeric());
        parts.extend(words.map(str::to_owned));
        parts.push(folded.chars().filter(|letter| letter.is_alphanumeric()).collect());
    }
    parts.retain(|part| part.chars().count() >= SHORTEST_NAME);
    // The longest first: what is struck out must not leave the half of a longer one.
    parts.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    parts.dedup();
    parts.truncate(MOST_NAMES);
    parts
}

#[cfg(test)]
mod tests;
