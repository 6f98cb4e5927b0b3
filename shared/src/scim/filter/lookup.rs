//! Which filters are answered from unique values, at any size of the directory.

use serde_json::Value;

use super::{Expression, Filter, Operator};
use crate::scim::{
    name::AttributePath,
    schema::{GROUP, Place, Schemas, Target},
};

/// A value by which resources are found at once. What is found must still meet the filter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// The identifier.
    Id(String),
    /// The user name.
    UserName(String),
    /// What the client calls the resource.
    ExternalId(String),
    /// One of a user's e-mail addresses.
    Email(String),
    /// The name of a group, which several may have.
    DisplayName(String),
    /// A member of a group: the groups of a user.
    Member(String),
}

impl Filter {
    /// Values one of which each resource that meets the filter has; `None`: the filter tells none.
    pub fn lookup(&self, schemas: &Schemas) -> Option<Vec<Lookup>> {
        let mut found = self.0.lookup(None, schemas)?;
        found.sort();
        found.dedup();
        Some(found)
    }

    /// The members of a group that the filter asks about, so that only these need to be in the
    /// resource it is held against; `None`: all of them.
    pub fn members_asked(&self, schemas: &Schemas) -> Option<Vec<String>> {
        let mut asked = Vec::new();
        self.0.members_asked(None, false, schemas, &mut asked).then_some(asked)
    }
}

impl Expression {
    fn lookup(&self, outer: Option<&AttributePath>, schemas: &Schemas) -> Option<Vec<Lookup>> {
        match self {
            Expression::And(all) => {
                all.iter().filter_map(|one| one.lookup(outer, schemas)).min_by_key(Vec::len)
            }
            Expression::Or(all) => {
                let each: Option<Vec<_>> = all.iter().map(|one| one.lookup(outer, schemas)).collect();
                Some(each?.concat())
            }
            Expression::Values(path, inside) => inside.lookup(Some(path), schemas),
            Expression::Compare(path, Operator::Equal, value) => {
                lookup(place(outer, path, schemas)?, as_text(value)?, schemas).map(|one| vec![one])
            }
            Expression::Compare(..) | Expression::Present(_) | Expression::Not(_) => None,
        }
    }

    /// Whether `asked` holds all the members that decide, once this expression's are added.
    fn members_asked(
        &self,
        outer: Option<&AttributePath>,
        negated: bool,
        schemas: &Schemas,
        asked: &mut Vec<String>,
    ) -> bool {
        match self {
            Expression::And(all) | Expression::Or(all) => {
                all.iter().all(|one| one.members_asked(outer, negated, schemas, asked))
            }
            // Within brackets a negation is about each member; outside it turns the answer round.
            Expression::Not(one) => one.members_asked(outer, negated || outer.is_some(), schemas, asked),
            Expression::Values(path, inside) => inside.members_asked(Some(path), negated, schemas, asked),
            Expression::Present(path) => !is_member(outer, path, schemas),
            Expression::Compare(path, operator, value) => {
                if !is_member(outer, path, schemas) {
                    return true;
                }
                let is_value = place(outer, path, schemas).is_some_and(|place| is_value(&place));
                match (as_text(value), operator, is_value && !negated) {
                    (Some(value), Operator::Equal, true) => {
                        asked.push(value);
                        true
                    }
                    _ => false,
                }
            }
        }
    }
}

fn is_member(outer: Option<&AttributePath>, path: &AttributePath, schemas: &Schemas) -> bool {
    let found = schemas.find(outer.unwrap_or(path));
    matches!(found, Some(Target::Attribute(place)) if place.attribute.name == "members")
}

/// Whether the place is the `value` of an attribute that has one.
fn is_value(place: &Place<'_>) -> bool {
    place.part.is_none_or(|part| part.name == "value")
}

fn place<'a>(outer: Option<&AttributePath>, path: &AttributePath, schemas: &'a Schemas) -> Option<Place<'a>> {
    let Target::Attribute(place) = schemas.find(outer.unwrap_or(path))? else { return None };
    match outer {
        Some(_) => Some(Place { part: Some(place.attribute.part(&path.name)?), ..place }),
        None => Some(place),
    }
}

fn lookup(place: Place<'_>, value: String, schemas: &Schemas) -> Option<Lookup> {
    if place.extension.is_some() || !is_value(&place) {
        return None;
    }
    match (place.attribute.name.as_ref(), schemas.core.id == GROUP) {
        ("id", _) => Some(Lookup::Id(value)),
        ("externalId", _) => Some(Lookup::ExternalId(value)),
        ("userName", false) => Some(Lookup::UserName(value)),
        ("emails", false) => Some(Lookup::Email(value)),
        ("displayName", true) => Some(Lookup::DisplayName(value)),
        ("members", true) => Some(Lookup::Member(value)),
        _ => None,
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
