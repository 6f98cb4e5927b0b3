//! The pages, as their templates are filled in. Whatever stands in them is escaped.

use askama::Template;
use shared::{
    application::ApplicationId,
    password::{MOST_CHARACTERS, Shortcoming},
};

use crate::page::{
    case::Case,
    ending::Not,
    words::{Words, at, numbered},
};

/// What is around every page.
pub(super) struct Frame<'a> {
    pub(super) language: &'static str,
    pub(super) store: &'a str,
    pub(super) logo: Option<&'a str>,
    /// What makes a form ours.
    pub(super) form: String,
}

/// The form for a password.
#[derive(Template)]
#[template(path = "choose.html")]
pub(super) struct ChoosePage<'a> {
    frame: Frame<'a>,
    words: &'static Words,
    lead: String,
    rules: Vec<Rule>,
    minimum: usize,
    maximum: usize,
    /// What is wrong, and each of its reasons.
    wrong: Vec<(String, Vec<String>)>,
}

/// A rule that the page's script can check while somebody types.
pub(super) struct Rule {
    name: &'static str,
    text: String,
}

/// Why a link opens nothing.
#[derive(Template)]
#[template(path = "dead.html")]
pub(super) struct DeadPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) words: &'static Words,
    pub(super) title: &'static str,
    pub(super) next: &'static str,
    pub(super) again: bool,
}

/// The form for an e-mail address.
#[derive(Template)]
#[template(path = "ask.html")]
pub(super) struct AskPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) words: &'static Words,
    pub(super) application: Option<ApplicationId>,
}

/// A sentence or three.
#[derive(Template)]
#[template(path = "tell.html")]
pub(super) struct TellPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) title: String,
    pub(super) next: String,
    pub(super) more: String,
}

impl<'a> ChoosePage<'a> {
    pub(super) fn new(
        frame: Frame<'a>,
        words: &'static Words,
        case: &Case,
        not: Option<&Not>,
    ) -> ChoosePage<'a> {
        let all = case.rules();
        let asked = [
            (true, "length", Shortcoming::TooShort(all.minimum)),
            (true, "letter", Shortcoming::NoLetter),
            (true, "digit", Shortcoming::NoDigit),
            (all.store.capital, "capital", Shortcoming::NoCapital),
            (all.store.small, "small", Shortcoming::NoSmall),
            (all.store.symbol, "symbol", Shortcoming::NoSymbol),
        ];
        let asked = asked.into_iter().filter(|(asked, ..)| *asked);
        ChoosePage {
            lead: at(words.choose_for, &case.at()),
            rules: asked.map(|(_, name, rule)| Rule { name, text: words.shortcoming(rule) }).collect(),
            minimum: all.minimum,
            maximum: MOST_CHARACTERS,
            wrong: not.map(|not| wrong(words, not)).unwrap_or_default(),
            frame,
            words,
        }
    }
}

fn wrong(words: &Words, not: &Not) -> Vec<(String, Vec<String>)> {
    let only = |sentence: String| vec![(sentence, Vec::new())];
    match not {
        Not::Short(short) => {
            let reasons = short.iter().map(|shortcoming| words.shortcoming(*shortcoming)).collect();
            vec![(words.refused.to_owned(), reasons)]
        }
        Not::Refused(refused) => refused
            .iter()
            .map(|refusal| (at(words.store_says, &refusal.store), vec![refusal.says.clone()]))
            .collect(),
        Not::Somewhere(stores) => only(at(words.not_everywhere, &stores.join(", "))),
        Not::Nowhere => only(words.not_now.to_owned()),
        Not::Busy => only(words.busy.to_owned()),
        Not::TooOften(too_often) => only(numbered(words.too_often, too_often.minutes())),
    }
}
