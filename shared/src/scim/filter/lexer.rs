//! The words of a filter or a path.

use serde_json::Value;

use super::{FilterError, LONGEST};
use crate::scim::name::is_of_name;

/// Reads words from the front of a text.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Lexer<'a>, FilterError> {
        let lexer = Lexer { text, at: 0 };
        match text.len() > LONGEST {
            true => Err(lexer.error("at most 10,000 bytes")),
            false => Ok(lexer),
        }
    }

    pub(crate) fn error(&self, rule: &'static str) -> FilterError {
        FilterError::Unreadable { at: self.at + 1, rule }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_ascii_start().len();
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// Whether the text goes on with `byte`.
    pub(crate) fn sees(&self, byte: u8) -> bool {
        self.rest().as_bytes().first() == Some(&byte)
    }

    /// Takes `byte` if the text goes on with it.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let sees = self.sees(byte);
        self.at += usize::from(sees);
        sees
    }

    /// The name or operator with which the text goes on, without taking it; empty: there is none.
    pub(crate) fn peek_word(&self) -> &'a str {
        let length = self.rest().bytes().take_while(|byte| is_of_name(*byte)).count();
        &self.rest()[..length]
    }

    /// Takes the name or operator with which the text goes on.
    pub(crate) fn word(&mut self) -> &'a str {
        let word = self.peek_word();
        self.at += word.len();
        word
    }

    /// Takes `word`, in any case, if the text goes on with it.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let sees = self.peek_word().eq_ignore_ascii_case(word);
        self.at += if sees { word.len() } else { 0 };
        sees
    }

    /// Takes the value of a comparison: a string, a number, true, false or null as JSON has them,
    /// the words in any case.
    pub(crate) fn value(&mut self) -> Result<Value, FilterError> {
        let length = match self.sees(b'"') {
            true => self.string_length(),
            false => self.rest().bytes().take_while(|byte| is_of_name(*byte) || *byte == b'+').count(),
        };
        let token = &self.rest()[..length];
        let word = |word: &str| token.eq_ignore_ascii_case(word);
        let value = match token {
            _ if word("true") => Value::Bool(true),
            _ if word("false") => Value::Bool(false),
            _ if word("null") => Value::Null,
            token => exact(token)
                .ok_or_else(|| self.error("a value is expected: \"text\", a number, true, false or null"))?,
        };
        self.at += length;
        Ok(value)
    }

    /// How long the string is with its quotes; without an end it is all there is.
    fn string_length(&self) -> usize {
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        end.map_or(self.rest().len(), |end| end + 2)
    }
}

/// A string or number of JSON. serde_json reads floating point numbers almost, the standard library as they are.
fn exact(token: &str) -> Option<Value> {
    match serde_json::from_str(token).ok()? {
        Value::Number(number) if number.is_f64() => Some(Value::from(token.parse::<f64>().ok()?)),
        value => Some(value),
    }
}
