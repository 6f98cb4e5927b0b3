//! Filters as text.

use std::fmt::{self, Display, Formatter};

use super::{Expression, Filter, Operator};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expression::And(all) => joined(f, all, " and "),
            Expression::Or(all) => joined(f, all, " or "),
            Expression::Not(one) => write!(f, "not ({one})"),
            Expression::Present(path) => write!(f, "{path} pr"),
            Expression::Compare(path, operator, value) => write!(f, "{path} {operator} {value}"),
            Expression::Values(path, inside) => write!(f, "{path}[{inside}]"),
        }
    }
}

fn joined(f: &mut Formatter<'_>, all: &[Expression], word: &str) -> fmt::Result {
    for (place, one) in all.iter().enumerate() {
        if place > 0 {
            f.write_str(word)?;
        }
        match one {
            Expression::Or(_) => write!(f, "({one})")?,
            one => one.fmt(f)?,
        }
    }
    Ok(())
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let named = Operator::ALL.iter().find(|(_, operator)| operator == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}
