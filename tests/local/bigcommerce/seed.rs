//! Made-up customers: believable, some of them awkward, the same for the same seed.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::{
    attributes::Attribute,
    record::{Address, Customer, Held, Words},
    state::{State, next},
};

const FIRST_NAMES: [&str; 36] = [
    "Amara",
    "Björn",
    "Chloé",
    "D'Angelo",
    "Elif",
    "Fatima",
    "Giulia",
    "Hiroshi",
    "Ingrid",
    "Jamal",
    "Katarzyna",
    "Liam",
    "Mónica",
    "Nguyễn",
    "Olga",
    "Priya",
    "Quentin",
    "Renée",
    "Søren",
    "Tomás",
    "Uma",
    "Viktor",
    "Wei",
    "Ximena",
    "Yusuf",
    "Zoë",
    "Grace",
    "Noah",
    "Emma",
    "Oliver",
    "Anne-Marie",
    "Jo",
    "Lucía",
    "Peter",
    "Sofia",
    "U",
];
const LAST_NAMES: [&str; 36] = [
    "Almeida",
    "Brontë",
    "Carter",
    "Dvořák",
    "Eriksen",
    "Fischer",
    "García Márquez",
    "Haddad",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lefèvre",
    "Müller",
    "Nowak",
    "O'Brien",
    "Petrov",
    "Quinn",
    "Rossi",
    "Silva",
    "Tanaka",
    "Ueda",
    "van der Berg",
    "Williams",
    "Xu",
    "Yılmaz",
    "Zhang",
    "St. John",
    "Smith-Jones",
    "Okafor",
    "Patel",
    "Ó Sé",
    "Weiß",
    "Å",
    "Martin",
    "López",
    "X",
];
const COMPANIES: [&str; 10] = [
    "",
    "",
    "",
    "",
    "Blue Kettle Ltd",
    "Field & Sons",
    "Günther Werkzeugbau GmbH",
    "Marché du Coin",
    "O'Dea \"Quality\" Tools",
    "Northwind <Retail>",
];
const DOMAINS: [&str; 4] = ["example.com", "example.org", "example.net", "mail.example"];
const STREETS: [&str; 8] = [
    "High Street",
    "Station Road",
    "Elm Avenue",
    "Rue de la Paix",
    "Hauptstraße",
    "Calle Mayor",
    "Via Roma",
    "Mill Lane",
];

/// Cities with their state, country, and how postal codes look: `9` is a digit, `A` a letter.
const PLACES: [(&str, &str, &str, &str); 18] = [
    ("Austin", "Texas", "US", "78799"),
    ("Portland", "Oregon", "US", "97299"),
    ("Brooklyn", "New York", "US", "11299"),
    ("Sacramento", "California", "US", "95899"),
    ("Toronto", "Ontario", "CA", "M9A 9A9"),
    ("Montréal", "Quebec", "CA", "H9A 9A9"),
    ("Sydney", "New South Wales", "AU", "2099"),
    ("Melbourne", "Victoria", "AU", "3099"),
    ("São Paulo", "São Paulo", "BR", "01999-999"),
    ("Guadalajara", "Jalisco", "MX", "44999"),
    ("Mumbai", "Mahārāshtra", "IN", "400099"),
    ("Yokohama", "Kanagawa", "JP", "220-9999"),
    ("London", "", "GB", "SW9A 9AA"),
    ("Köln", "Nordrhein-Westfalen", "DE", "50999"),
    ("Lyon", "", "FR", "69099"),
    ("Utrecht", "", "NL", "3599 AA"),
    ("Málaga", "Málaga", "ES", "29099"),
    ("Hong Kong", "", "HK", ""),
];

/// The attributes of a store that has none, with how their values look.
const ATTRIBUTES: [(&str, &str, &str); 2] =
    [("Loyalty number", "string", "L-9999-999"), ("Birthday", "date", "1979-09-19")];

/// Adds `count` customers, created over the two years before `now`.
pub(super) fn seed(state: &mut State, count: u32, seed: u64, now: i64) {
    let mut rng = StdRng::seed_from_u64(seed);
    if state.head.attributes.is_empty() && count > 0 {
        for (name, kind, _) in ATTRIBUTES {
            let id = next(&mut state.head.last.attribute);
            state.head.attributes.insert(id, Attribute::new(id, name, kind, now));
        }
    }
    for number in 0..count {
        let created = now - rng.random_range(0..63_072_000);
        let mut customer = customer(&mut rng, state, number, seed, created);
        customer.modified = customer.modified.min(now);
        state.put(customer);
    }
}

fn customer(rng: &mut StdRng, state: &mut State, number: u32, seed: u64, created: i64) -> Customer {
    let (first, last) = (pick(rng, &FIRST_NAMES), pick(rng, &LAST_NAMES));
    let company = pick(rng, &COMPANIES);
    let phone = if rng.random_bool(0.6) { filled(rng, "555 01 99 99") } else { String::new() };
    let email = email(rng, first, last, number, seed);
    let id = next(&mut state.head.last.customer);
    let words = Words::new(&[email.as_str(), first, last, company, &phone, "", ""]);
    let mut customer = Customer::new(id, words, created);
    customer.accepts_mails = rng.random_bool(0.3);
    customer.modified = created + rng.random_range(0..86_400);
    let addresses = match rng.random_range(0..100) {
        0..20 => 0,
        20..85 => 1,
        85..99 => 2,
        _ => 10,
    };
    for house in 1..=addresses {
        let id = next(&mut state.head.last.address);
        customer.addresses.push(address(rng, id, house, first, last, company, &phone));
    }
    customer.values = values(rng, state, created);
    customer
}

/// Two customers in five have a value of each attribute.
fn values(rng: &mut StdRng, state: &mut State, created: i64) -> Vec<Held> {
    let mut values = Vec::new();
    for (attribute, (_, _, looks)) in (1..).zip(ATTRIBUTES) {
        if rng.random_bool(0.4) {
            let value = filled(rng, looks).into();
            let id = next(&mut state.head.last.value);
            values.push(Held { id, attribute, value, created, modified: created });
        }
    }
    values
}

fn address(
    rng: &mut StdRng,
    id: u32,
    house: u32,
    first: &str,
    last: &str,
    company: &str,
    phone: &str,
) -> Address {
    let (city, place, country, code) = PLACES.choose(rng).copied().unwrap_or(PLACES[0]);
    let line = format!("{} {}", house * 10 + rng.random_range(0..10), pick(rng, &STREETS));
    let flat = if rng.random_bool(0.2) { format!("Flat {}", rng.random_range(1..40)) } else { String::new() };
    let code = filled(rng, code);
    let words = Words::new(&[first, last, company, &line, &flat, city, place, &code, country, phone]);
    Address { id, words, commercial: !company.is_empty(), form_fields: Vec::new() }
}

/// An address nobody has: the number and the seed are in it. One in twenty has a `+`.
fn email(rng: &mut StdRng, first: &str, last: &str, number: u32, seed: u64) -> String {
    let plain = |name: &str| {
        let letters = name.chars().filter(char::is_ascii_alphabetic);
        letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()
    };
    let tag = if rng.random_bool(0.05) { "+shop" } else { "" };
    let domain = pick(rng, &DOMAINS);
    format!("{}.{}.{seed}.{number}{tag}@{domain}", plain(first), plain(last))
        .trim_start_matches('.')
        .replace("..", ".")
}

fn pick(rng: &mut StdRng, from: &[&'static str]) -> &'static str {
    from.choose(rng).copied().unwrap_or_default()
}

/// Puts a digit for every `9` and a letter for every `A`.
fn filled(rng: &mut StdRng, pattern: &str) -> String {
    let letters = b"ABCEGHJKLMNPRSTVXY";
    pattern
        .chars()
        .map(|c| match c {
            '9' => char::from(b'0' + rng.random_range(0..10)),
            'A' => char::from(letters.choose(rng).copied().unwrap_or(b'A')),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bigcommerce::{
        countries,
        record::{Field, Line},
    };

    fn seeded(count: u32) -> State {
        let mut state = State::default();
        seed(&mut state, count, 7, 1_700_000_000);
        state
    }

    #[test]
    fn the_same_seed_makes_the_same_customers() {
        let (one, two) = (seeded(200), seeded(200));
        assert!(one.customers() == two.customers());
    }

    #[test]
    fn addresses_are_such_as_the_store_itself_would_take() {
        for customer in seeded(2_000).customers().values() {
            for address in &customer.addresses {
                let country = address.get(Line::CountryCode);
                assert!(countries::takes_state(country, address.get(Line::State)));
                assert!(!countries::needs_postal_code(country) || !address.get(Line::PostalCode).is_empty());
            }
        }
    }

    #[test]
    fn no_e_mail_address_is_made_twice_and_awkward_customers_are_among_them() {
        let state = seeded(5_000);
        let customers = || state.customers().values();
        for customer in customers() {
            assert_eq!(state.with_email(customer.get(Field::Email)).count(), 1);
        }
        assert!(customers().any(|customer| customer.addresses.len() == 10));
        assert!(customers().any(|customer| customer.get(Field::Email).contains('+')));
        assert!(customers().any(|customer| customer.get(Field::FirstName) == "U"));
    }
}
