//! From text to an expression, by descent: `or` binds less than `and`, `and` less than `not`.

use serde_json::Value;

use super::{DEEPEST, Expression, FilterError, MOST_TERMS, Operator, lexer::Lexer};
use crate::scim::name::AttributePath;

/// Reads expressions, within the bounds.
pub(crate) struct Parser<'a> {
    pub(crate) lexer: Lexer<'a>,
    depth: usize,
    terms: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Parser<'a>, FilterError> {
        Ok(Parser { lexer: Lexer::new(text)?, depth: 0, terms: 0, in_brackets: false })
    }

    /// Nothing may follow.
    pub(crate) fn end(&mut self) -> Result<(), FilterError> {
        self.lexer.skip_space();
        match self.lexer.is_at_end() {
            true => Ok(()),
            false => Err(self.lexer.error("and, or, or the end is expected")),
        }
    }

    pub(crate) fn expression(&mut self) -> Result<Expression, FilterError> {
        let mut all = Vec::new();
        loop {
            match self.conjunction()? {
                Expression::Or(more) => all.extend(more),
                one => all.push(one),
            }
            if !self.joined_by("or") {
                return Ok(one_or(all, Expression::Or));
            }
        }
    }

    fn conjunction(&mut self) -> Result<Expression, FilterError> {
        let mut all = Vec::new();
        loop {
            match self.unit()? {
                Expression::And(more) => all.extend(more),
                one => all.push(one),
            }
            if !self.joined_by("and") {
                return Ok(one_or(all, Expression::And));
            }
        }
    }

    fn joined_by(&mut self, word: &str) -> bool {
        self.lexer.skip_space();
        self.lexer.take_word(word)
    }

    fn unit(&mut self) -> Result<Expression, FilterError> {
        self.lexer.skip_space();
        if self.lexer.sees(b'(') {
            return self.group();
        }
        let path = self.path()?;
        let is_not = path.urn.is_none() && path.part.is_none() && path.name.eq_ignore_ascii_case("not");
        self.lexer.skip_space();
        match () {
            () if is_not && self.lexer.sees(b'(') => Ok(Expression::Not(Box::new(self.group()?))),
            () if self.lexer.sees(b'[') => self.values(path),
            () => self.comparison(path),
        }
    }

    fn group(&mut self) -> Result<Expression, FilterError> {
        self.enter(1)?;
        self.lexer.take(b'(');
        let inside = self.expression()?;
        self.lexer.skip_space();
        if !self.lexer.take(b')') {
            return Err(self.lexer.error("a closing parenthesis is expected"));
        }
        self.depth -= 1;
        Ok(inside)
    }

    fn values(&mut self, path: AttributePath) -> Result<Expression, FilterError> {
        let inside = self.brackets()?;
        Ok(Expression::Values(path, Box::new(self.after_brackets(inside)?)))
    }

    /// What stands in brackets, with them.
    pub(crate) fn brackets(&mut self) -> Result<Expression, FilterError> {
        if self.in_brackets {
            return Err(self.lexer.error("brackets stand in no brackets"));
        }
        // What may follow the brackets is printed within them, one level deeper.
        self.enter(2)?;
        self.lexer.take(b'[');
        self.in_brackets = true;
        let inside = self.expression()?;
        self.in_brackets = false;
        self.lexer.skip_space();
        if !self.lexer.take(b']') {
            return Err(self.lexer.error("a closing bracket is expected"));
        }
        self.depth -= 2;
        Ok(inside)
    }

    /// Entra ID compares a part of the values that the brackets leave, or their `value`:
    /// `emails[type eq "work"].value eq "x"`. That is one more term within the brackets.
    fn after_brackets(&mut self, inside: Expression) -> Result<Expression, FilterError> {
        let part = match self.lexer.take(b'.') {
            true => self.part()?,
            false => {
                self.lexer.skip_space();
                let next = self.lexer.peek_word();
                if Operator::named(next).is_none() && !next.eq_ignore_ascii_case("pr") {
                    return Ok(inside);
                }
                AttributePath { urn: None, name: "value".to_owned(), part: None }
            }
        };
        let further = self.comparison(part)?;
        Ok(match inside {
            Expression::And(mut all) => {
                all.push(further);
                Expression::And(all)
            }
            one => Expression::And(vec![one, further]),
        })
    }

    /// The name after a dot.
    pub(crate) fn part(&mut self) -> Result<AttributePath, FilterError> {
        let error = self.lexer.error("the name of one sub-attribute is expected");
        match self.path()? {
            AttributePath { urn: None, name, part: None } => {
                Ok(AttributePath { urn: None, name, part: None })
            }
            _ => Err(error),
        }
    }

    fn path(&mut self) -> Result<AttributePath, FilterError> {
        let error = self.lexer.error("the name of an attribute is expected");
        self.lexer.word().parse().map_err(|_| error)
    }

    fn comparison(&mut self, path: AttributePath) -> Result<Expression, FilterError> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(self.lexer.error("at most 200 comparisons"));
        }
        self.lexer.skip_space();
        if self.lexer.take_word("pr") {
            return Ok(Expression::Present(path));
        }
        let error = self.lexer.error("an operator is expected: eq, ne, co, sw, ew, gt, ge, lt, le or pr");
        let operator = Operator::named(self.lexer.word()).ok_or(error)?;
        self.lexer.skip_space();
        let value: Value = self.lexer.value()?;
        Ok(Expression::Compare(path, operator, value))
    }

    fn enter(&mut self, levels: usize) -> Result<(), FilterError> {
        self.depth += levels;
        match self.depth > DEEPEST {
            true => Err(self.lexer.error("at most 50 levels of parentheses and brackets")),
            false => Ok(()),
        }
    }
}

impl Operator {
    fn named(word: &str) -> Option<Operator> {
        let named = Operator::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        named.map(|(_, operator)| *operator)
    }
}

fn one_or(mut all: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match all.len() {
        1 => all.remove(0),
        _ => join(all),
    }
}
