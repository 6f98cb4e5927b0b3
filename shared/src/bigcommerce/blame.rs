//! Which rows of a refused batch the store's errors are about. Not every endpoint names the row, and
//! the words may change: what is not named stays unnamed. Pure.

use std::collections::{BTreeMap, HashSet};

use super::{
    batch::Row,
    error::{Error, Reasons},
};
use crate::secret::fold;

/// Which positions the store names, by `<position>.<field>` or by e-mail address, and what it says of each.
pub(super) fn named(sent: &[&Row], title: &str, errors: &Reasons) -> BTreeMap<usize, Reasons> {
    let mut named: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
    for (about, words) in errors.iter() {
        let position = about.split('.').next().and_then(|position| position.parse().ok());
        let position = position.filter(|position| *position < sent.len());
        for position in position.map_or_else(|| mentioned(sent, words), |position| vec![position]) {
            named.entry(position).or_default().push((about.to_owned(), words.to_owned()));
        }
    }
    if named.is_empty() {
        let mentioned = mentioned(sent, title).into_iter();
        return mentioned.map(|position| (position, errors.clone())).collect();
    }
    named.into_iter().map(|(position, reasons)| (position, reasons.into_iter().collect())).collect()
}

/// The rows whose e-mail address is a word of `text`.
fn mentioned(sent: &[&Row], text: &str) -> Vec<usize> {
    let splits =
        |c: char| c.is_whitespace() || matches!(c, '"' | ',' | ';' | '<' | '>' | '(' | ')' | '[' | ']');
    let trimmed = |word: &str| fold(word.trim_matches(['\'', '`', ':', '.', '!']));
    let words: HashSet<String> = text.split(splits).filter(|word| word.contains('@')).map(trimmed).collect();
    let is_mentioned = |row: &Row| row.email.as_ref().is_some_and(|email| words.contains(email));
    sent.iter().enumerate().filter(|(_, row)| is_mentioned(row)).map(|(position, _)| position).collect()
}

/// What a row's own errors mean: a record that is not there any more is not refused, it is gone.
pub(super) fn refusal(status: u16, title: &str, errors: &Reasons) -> Error {
    let gone = errors.iter().any(|(about, _)| {
        about
            .split_once('.')
            .is_some_and(|(position, field)| position.parse::<u32>().is_ok() && field == "id")
    });
    if gone {
        return Error::NotFound;
    }
    Error::Refused { status, title: title.to_owned(), errors: errors.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<Row> {
        (0..count).map(|n| Row { key: n.to_string(), email: Some(format!("p{n}@x.example")) }).collect()
    }

    fn reasons(errors: &[(&str, &str)]) -> Reasons {
        errors.iter().map(|(about, words)| ((*about).to_owned(), (*words).to_owned())).collect()
    }

    #[test]
    fn an_address_within_another_names_nobody() {
        let rows = rows(2);
        let sent: Vec<&Row> = rows.iter().collect();
        assert!(mentioned(&sent, "email pp1@x.example is taken").is_empty());
        assert_eq!(mentioned(&sent, "email 'p1@x.example' is taken."), [1]);
        assert_eq!(mentioned(&sent, "taken: p0@x.example, p1@x.example."), [0, 1]);
    }

    #[test]
    fn numbers_that_are_no_positions_name_nobody() {
        let rows = rows(2);
        let sent: Vec<&Row> = rows.iter().collect();
        let errors = reasons(&[("2.email", "a"), ("email", "b"), ("-1.x", "c"), ("", "at most 1")]);
        assert!(named(&sent, "0.email is bad", &errors).is_empty());
    }

    #[test]
    fn a_position_is_believed_before_a_mention() {
        let rows = rows(2);
        let sent: Vec<&Row> = rows.iter().collect();
        let errors = reasons(&[("1.email", "p0@x.example is taken")]);
        assert_eq!(named(&sent, "", &errors).into_keys().collect::<Vec<_>>(), [1]);
    }
}
