use proptest::prelude::*;

use super::*;

const RULES: Rules =
    Rules { minimum: 12, store: StoreRule { minimum: 7, capital: false, small: false, symbol: false } };
const GOOD: &str = "mauve otter 7 canal";

fn of(password: &str) -> Vec<Shortcoming> {
    RULES.shortcomings(password, &["Ada Lovelace", "ada.lovelace@engine.example", "Winter Outfitters"])
}

#[test]
fn a_long_password_that_nobody_guesses_may_be_set() {
    for password in [GOOD, "Zu-viele Köche 3 x Brei", "ключ от старого дома 27", "🦊🌋 qzv 🪗 8 moss"]
    {
        assert_eq!(of(password), [], "{password}");
    }
}

#[test]
fn one_character_is_too_short_and_what_the_store_wants_is_told_with_it_g83() {
    assert_eq!(of("x"), [Shortcoming::TooShort(12), Shortcoming::NoDigit]);
    assert_eq!(of(""), [Shortcoming::TooShort(12), Shortcoming::NoLetter, Shortcoming::NoDigit]);
}

#[test]
fn a_megabyte_is_refused_for_its_length_alone_g83() {
    let only_length = [Shortcoming::TooLong(MOST_CHARACTERS)];
    assert_eq!(of(&"a1\0".repeat(400_000)), only_length);
    assert_eq!(of(&"ä".repeat(MOST_CHARACTERS + 1)), only_length);
    let long: String = (0..12).map(|n| format!("{n}🦊q{n}vz{n}")).collect();
    assert!(long.chars().count() > 64 && of(&long).is_empty(), "64 characters and more are allowed");
}

#[test]
fn a_nul_and_a_line_break_are_refused_g83() {
    for control in ["\0", "\r\n", "\u{7f}"] {
        assert_eq!(of(&format!("{GOOD}{control}")), [Shortcoming::Control]);
    }
}

#[test]
fn a_letter_counts_once_however_it_is_composed() {
    let rules = Rules { minimum: 20, ..RULES };
    let composed = "müde Ötter 7 am Käfi";
    assert_eq!(composed.chars().count(), 20);
    let decomposed: String = composed.nfd().collect();
    for typed in [composed, decomposed.as_str()] {
        assert_eq!(rules.shortcomings(typed, &[]), []);
        assert_eq!(rules.shortcomings(&typed[..typed.len() - 1], &[]), [Shortcoming::TooShort(20)]);
    }
}

#[test]
fn what_everybody_tries_first_is_refused_however_it_is_written() {
    for password in
        ["correct horse battery staple 1", "CorrectHorseBatteryStaple99", "ｐａｓｓｗｏｒｄ-123456"]
    {
        assert_eq!(of(password), [Shortcoming::Common], "{password}");
    }
}

#[test]
fn rows_repetitions_and_dates_are_soon_guessed() {
    for password in ["aaaaaaaaaaaaaaaa1", "abcabcabcabc123", "summer summer 2024", "12345678901a"] {
        assert_eq!(of(password), [Shortcoming::Guessable], "{password}");
    }
}

#[test]
fn names_of_the_person_and_the_store_do_not_make_a_password() {
    for password in ["Lovelace.engine1", "winteroutfitters9", "ada-lovelace-1815"] {
        assert_eq!(of(password), [Shortcoming::Personal], "{password}");
    }
    assert_eq!(of("ada: mauve otter 7 canal"), [], "a name among other words does no harm");
}

#[test]
fn what_a_stricter_store_wants_is_told_together() {
    let strict = StoreRule { minimum: 14, capital: true, small: true, symbol: true };
    let both = Rules::new(12, StoreRule::default()).and(Rules::new(12, strict));
    assert_eq!(both.minimum, 14);
    assert_eq!(both.shortcomings("7 OTTERS", &[]), [Shortcoming::TooShort(14), Shortcoming::NoSmall]);
    assert_eq!(both.shortcomings("mauveotter7canal", &[]), [Shortcoming::NoCapital, Shortcoming::NoSymbol]);
}

proptest! {
    #[test]
    fn whatever_is_typed_is_judged(password in ".{0,200}", names in proptest::collection::vec(".{0,40}", 0..6)) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = RULES.shortcomings(&password, &names);
        if password.chars().count() < 12 {
            prop_assert!(!found.is_empty());
        }
        prop_assert_eq!(found.clone(), RULES.shortcomings(&password, &names));
    }
}
