//! What the store keeps of a customer, packed: a million of them must fit in memory.

use ring::pbkdf2;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use shared::clock;

/// `N` texts in one allocation.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Words<const N: usize> {
    text: Box<str>,
    ends: [u32; N],
}

impl<const N: usize> Words<N> {
    /// Packs `words`.
    pub(super) fn new(words: &[impl AsRef<str>; N]) -> Words<N> {
        let mut text = String::with_capacity(words.iter().map(|word| word.as_ref().len()).sum());
        let ends = words.each_ref().map(|word| {
            text.push_str(word.as_ref());
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        });
        Words { text: text.into(), ends }
    }

    /// The text at `place`.
    pub(super) fn get(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.text[start as usize..self.ends[place] as usize]
    }

    /// Replaces the text at `place`.
    pub(super) fn set(&mut self, place: usize, word: &str) {
        let words: [&str; N] = std::array::from_fn(|at| if at == place { word } else { self.get(at) });
        *self = Words::new(&words);
    }
}

impl<const N: usize> Serialize for Words<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..N).map(|place| self.get(place)))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Words<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words<N>, D::Error> {
        let words = <[String; N]>::try_from(Vec::deserialize(deserializer)?);
        words.map(|words| Words::new(&words)).map_err(|_| D::Error::custom("another number of texts"))
    }
}

/// The texts of a customer, by their place in [`Customer::words`].
#[derive(Clone, Copy)]
pub(super) enum Field {
    Email,
    FirstName,
    LastName,
    Company,
    Phone,
    Notes,
    TaxExemptCategory,
}

/// The texts of an address, by their place in [`Address::words`].
#[derive(Clone, Copy)]
pub(super) enum Line {
    FirstName,
    LastName,
    Company,
    Address1,
    Address2,
    City,
    State,
    PostalCode,
    CountryCode,
    Phone,
}

/// A customer. Times are seconds since 1970.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) id: u32,
    pub(super) words: Words<7>,
    pub(super) group: u32,
    pub(super) origin_channel: u32,
    pub(super) accepts_mails: bool,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) addresses: Vec<Address>,
    pub(super) values: Vec<Held>,
    rare: Option<Box<Rare>>,
}

/// What few customers have.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rare {
    pub(super) channels: Option<Vec<u32>>,
    pub(super) password: Option<Password>,
    pub(super) force_reset: bool,
    pub(super) credit: f64,
    pub(super) form_fields: Vec<FormField>,
    pub(super) allow: Vec<String>,
    pub(super) deny: Vec<String>,
}

static PLAIN: Rare = Rare {
    channels: None,
    password: None,
    force_reset: false,
    credit: 0.0,
    form_fields: Vec::new(),
    allow: Vec::new(),
    deny: Vec::new(),
};

impl Customer {
    /// A customer created now, with no more than its texts.
    pub(super) fn new(id: u32, words: Words<7>, now: i64) -> Customer {
        Customer {
            id,
            words,
            group: 0,
            origin_channel: 1,
            accepts_mails: false,
            created: now,
            modified: now,
            addresses: Vec::new(),
            values: Vec::new(),
            rare: None,
        }
    }

    /// One of its texts.
    pub(super) fn get(&self, field: Field) -> &str {
        self.words.get(field as usize)
    }

    /// Sets the last name, or the state of the first address, whatever the value.
    pub(super) fn set_past_the_rules(&mut self, field: &str, value: &str) {
        match (field, self.addresses.first_mut()) {
            ("email", _) => self.words.set(Field::Email as usize, value),
            ("last_name", _) => self.words.set(Field::LastName as usize, value),
            ("state_or_province", Some(address)) => address.words.set(Line::State as usize, value),
            _ => {}
        }
    }

    /// First and last name, as a person reads them.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.get(Field::FirstName), self.get(Field::LastName))
    }

    /// What few customers have.
    pub(super) fn rare(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&PLAIN)
    }

    /// What few customers have, to be changed.
    pub(super) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

/// An address of a customer. The phone number is the last of its texts.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) id: u32,
    pub(super) words: Words<10>,
    pub(super) commercial: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) form_fields: Vec<FormField>,
}

impl Address {
    /// One of its texts.
    pub(super) fn get(&self, line: Line) -> &str {
        self.words.get(line as usize)
    }

    /// Whether the store takes both for one: all the texts and the type are alike.
    pub(super) fn is_like(&self, other: &Address) -> bool {
        self.words == other.words && self.commercial == other.commercial
    }
}

/// The value that a customer has of an attribute.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) id: u32,
    pub(super) attribute: u32,
    pub(super) value: Box<str>,
    pub(super) created: i64,
    pub(super) modified: i64,
}

/// A form field filled in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FormField {
    pub(super) name: String,
    pub(super) value: Value,
}

/// A password, salted and hashed: the state file must not hold what a shopper typed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Password {
    salt: [u8; 16],
    hash: [u8; 32],
}

/// Few rounds: the accounts are made up, and a thousand of them are created in one test.
const ROUNDS: std::num::NonZeroU32 = std::num::NonZeroU32::new(100).expect("100 is not 0");

impl Password {
    /// Hashes `text` with a fresh salt.
    pub(super) fn new(text: &str) -> Password {
        let salt = clock::random_bytes();
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, text.as_bytes(), &mut hash);
        Password { salt, hash }
    }

    /// Whether `text` is the password.
    pub(super) fn is(&self, text: &str) -> bool {
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &self.salt, text.as_bytes(), &self.hash).is_ok()
    }
}
