//! A mapping as a form, and the mapping that a form tells. What cannot be read stays in its row, with
//! the reason beside it.

use shared::{
    application::Authority,
    group::GroupId,
    mapping::{
        AddressAttribute, AddressField, AddressRule, Direction, GroupRule, GroupRules, Mapping, Rule,
        Transform, read_transforms, write_transforms,
    },
};

/// What a form sends, in order.
pub(super) type Pairs = Vec<(String, String)>;

/// A rule as a row of the form.
#[derive(Clone, Default)]
pub(super) struct Row {
    pub(super) attribute: String,
    pub(super) direction: String,
    pub(super) field: String,
    pub(super) authority: String,
    pub(super) required: bool,
    pub(super) to_store: String,
    pub(super) to_directory: String,
    pub(super) wrong: String,
}

/// A rule that maps a group to a customer group.
#[derive(Clone, Default)]
pub(super) struct GroupRow {
    pub(super) group: String,
    pub(super) customer_group: String,
    pub(super) wrong: String,
}

/// A mapping as a form.
#[derive(Clone, Default)]
pub(super) struct Editor {
    pub(super) rules: Vec<Row>,
    pub(super) addresses: Vec<Row>,
    pub(super) groups: Vec<GroupRow>,
    pub(super) otherwise: String,
    pub(super) otherwise_wrong: String,
}

const BOTH: &str = "both";
const TO_STORE: &str = "toStore";
const TO_DIRECTORY: &str = "toDirectory";

impl Editor {
    pub(super) fn of(mapping: &Mapping) -> Editor {
        Editor {
            rules: mapping.rules.iter().map(Row::of_rule).collect(),
            addresses: mapping.address_rules.iter().map(Row::of_address).collect(),
            groups: mapping
                .groups
                .rules
                .iter()
                .map(|rule| GroupRow {
                    group: rule.group.to_string(),
                    customer_group: rule.customer_group.to_string(),
                    wrong: String::new(),
                })
                .collect(),
            otherwise: mapping.groups.otherwise.map(|group| group.to_string()).unwrap_or_default(),
            otherwise_wrong: String::new(),
        }
    }

    /// The form as it was sent, with what its buttons did: rows taken out, moved.
    pub(super) fn sent(sent: &Pairs) -> Editor {
        let mut editor = Editor {
            rules: rows(sent, ""),
            addresses: rows(sent, "address."),
            groups: groups(sent),
            otherwise: one(sent, "otherwise").to_owned(),
            otherwise_wrong: String::new(),
        };
        for (name, rows) in [("", &mut editor.rules), ("address.", &mut editor.addresses)] {
            if let Some((row, up)) = moved(one(sent, &format!("{name}move")), rows.len()) {
                rows.swap(row, if up { row - 1 } else { row + 1 });
            }
            rows.retain(|row| !(row.attribute.is_empty() && row.field.is_empty()));
        }
        editor
    }

    /// The mapping; `Err`: the form, each row that cannot be read with what is wrong.
    pub(super) fn read(&self) -> Result<Mapping, Editor> {
        let mut told = self.clone();
        let rules = each(&mut told.rules, Row::rule);
        let address_rules = each(&mut told.addresses, Row::address);
        let mut groups = Vec::new();
        for row in &mut told.groups {
            match row.rule() {
                Ok(rule) => groups.push(rule),
                Err(wrong) => row.wrong = wrong,
            }
        }
        let otherwise = match self.otherwise.trim() {
            "" => Ok(None),
            number => number.parse().map(Some),
        };
        match (rules, address_rules, groups.len() == told.groups.len(), otherwise) {
            (Some(rules), Some(address_rules), true, Ok(otherwise)) => {
                let groups = GroupRules { rules: groups, otherwise };
                Ok(Mapping { rules, address_rules, groups, identity: None })
            }
            (_, _, _, otherwise) => {
                if otherwise.is_err() {
                    told.otherwise_wrong = NUMBER.to_owned();
                }
                Err(told)
            }
        }
    }
}

const NUMBER: &str = "Write the number of a customer group, as the store has it.";

impl Row {
    fn of_rule(rule: &Rule) -> Row {
        Row {
            attribute: rule.attribute.to_string(),
            direction: direction_word(rule.direction).to_owned(),
            field: rule.field.to_string(),
            authority: authority_word(rule.authority).to_owned(),
            required: rule.required,
            to_store: write_transforms(&rule.to_store),
            to_directory: write_transforms(&rule.to_directory),
            wrong: String::new(),
        }
    }

    fn of_address(rule: &AddressRule) -> Row {
        Row {
            attribute: rule.attribute.to_string(),
            field: rule.field.to_string(),
            to_store: write_transforms(&rule.to_store),
            to_directory: write_transforms(&rule.to_directory),
            ..Row::default()
        }
    }

    fn rule(&self) -> Result<Rule, String> {
        let unknown = |error: shared::mapping::NotMappable| sentence(&error);
        let (to_store, to_directory) = self.transforms()?;
        Ok(Rule {
            attribute: self.attribute.trim().parse().map_err(unknown)?,
            field: self.field.trim().parse().map_err(unknown)?,
            direction: match self.direction.as_str() {
                TO_STORE => Direction::ToStore,
                TO_DIRECTORY => Direction::ToDirectory,
                _ => Direction::Both,
            },
            authority: match self.authority.as_str() {
                "directory" => Some(Authority::Directory),
                "store" => Some(Authority::Store),
                _ => None,
            },
            required: self.required,
            to_store,
            to_directory,
        })
    }

    fn address(&self) -> Result<AddressRule, String> {
        let named = |name: &str| format!("Addresses have no {name}. Choose one of the list.");
        let (attribute, field) = (self.attribute.trim(), self.field.trim());
        let (to_store, to_directory) = self.transforms()?;
        Ok(AddressRule {
            attribute: AddressAttribute::ALL
                .into_iter()
                .find(|known| known.as_str() == attribute)
                .ok_or_else(|| named(attribute))?,
            field: AddressField::ALL
                .into_iter()
                .find(|known| known.as_str() == field)
                .ok_or_else(|| named(field))?,
            to_store,
            to_directory,
        })
    }

    fn transforms(&self) -> Result<(Vec<Transform>, Vec<Transform>), String> {
        let read = |line: &str| read_transforms(line).map_err(|error| sentence(&error));
        Ok((read(&self.to_store)?, read(&self.to_directory)?))
    }
}

impl GroupRow {
    fn rule(&self) -> Result<GroupRule, String> {
        let customer_group = self.customer_group.trim().parse().map_err(|_| NUMBER.to_owned())?;
        match self.group.trim() {
            "" => Err("Write the identifier of a group of the directory.".to_owned()),
            group => Ok(GroupRule { group: GroupId::from(group.to_owned()), customer_group }),
        }
    }
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => BOTH,
        Direction::ToStore => TO_STORE,
        Direction::ToDirectory => TO_DIRECTORY,
    }
}

fn authority_word(authority: Option<Authority>) -> &'static str {
    match authority {
        None => "",
        Some(Authority::Directory) => "directory",
        Some(Authority::Store) => "store",
    }
}

fn each<T>(rows: &mut [Row], read: impl Fn(&Row) -> Result<T, String>) -> Option<Vec<T>> {
    let mut whole = Vec::new();
    for row in &mut *rows {
        match read(row) {
            Ok(rule) => whole.push(rule),
            Err(wrong) => row.wrong = wrong,
        }
    }
    (whole.len() == rows.len()).then_some(whole)
}

fn one<'a>(sent: &'a Pairs, name: &str) -> &'a str {
    sent.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
}

fn all<'a>(sent: &'a Pairs, name: &str) -> Vec<&'a str> {
    sent.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
}

/// The rows of a table of the form, but those that are to be taken out.
fn rows(sent: &Pairs, table: &str) -> Vec<Row> {
    let column = |name: &str| all(sent, &format!("{table}{name}"));
    let (fields, directions, authorities) = (column("field"), column("direction"), column("authority"));
    let (to_store, to_directory) = (column("toStore"), column("toDirectory"));
    let (required, gone) = (column("required"), column("remove"));
    let cell = |column: &[&str], row: usize| column.get(row).copied().unwrap_or_default().to_owned();
    let attributes = column("attribute").into_iter().enumerate();
    attributes
        .map(|(row, attribute)| {
            let marked = |boxes: &[&str]| boxes.iter().any(|marked| marked.parse() == Ok(row));
            match marked(&gone) {
                true => Row::default(),
                false => Row {
                    attribute: attribute.to_owned(),
                    direction: cell(&directions, row),
                    field: cell(&fields, row),
                    authority: cell(&authorities, row),
                    required: marked(&required),
                    to_store: cell(&to_store, row),
                    to_directory: cell(&to_directory, row),
                    wrong: String::new(),
                },
            }
        })
        .collect()
}

fn groups(sent: &Pairs) -> Vec<GroupRow> {
    let numbers = all(sent, "customerGroup");
    let rows = all(sent, "group").into_iter().enumerate().map(|(row, group)| GroupRow {
        group: group.to_owned(),
        customer_group: numbers.get(row).copied().unwrap_or_default().to_owned(),
        wrong: String::new(),
    });
    rows.filter(|row| !(row.group.trim().is_empty() && row.customer_group.trim().is_empty())).collect()
}

/// Which row a button moves, and whether up: `3.up`; `None` where it cannot go.
fn moved(button: &str, rows: usize) -> Option<(usize, bool)> {
    let (row, way) = button.split_once('.')?;
    let (row, up) = (row.parse::<usize>().ok()?, way == "up");
    (if up { row > 0 && row < rows } else { row + 1 < rows }).then_some((row, up))
}

/// What a rule says, as a sentence.
fn sentence(error: &impl std::error::Error) -> String {
    let told = error.to_string();
    let mut letters = told.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    format!("{}.", first.chain(letters).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a browser sends of the form.
    fn form(editor: &Editor) -> Pairs {
        let mut sent = Vec::new();
        for (table, rows) in [("", &editor.rules), ("address.", &editor.addresses)] {
            for (number, row) in rows.iter().enumerate() {
                let cells = [
                    ("attribute", &row.attribute),
                    ("direction", &row.direction),
                    ("field", &row.field),
                    ("authority", &row.authority),
                    ("toStore", &row.to_store),
                    ("toDirectory", &row.to_directory),
                ];
                sent.extend(cells.map(|(name, value)| (format!("{table}{name}"), value.clone())));
                if row.required {
                    sent.push((format!("{table}required"), number.to_string()));
                }
            }
        }
        sent
    }

    fn with(name: &str, value: &str) -> Pairs {
        let mut sent = form(&Editor::of(&Mapping::default()));
        sent.push((name.to_owned(), value.to_owned()));
        sent
    }

    fn read(sent: &Pairs) -> Mapping {
        Editor::sent(sent).read().unwrap_or_else(|_| panic!("it can be read"))
    }

    #[test]
    fn a_form_that_nobody_touched_is_the_mapping_it_was_made_of() {
        assert_eq!(read(&with("otherwise", "")), Mapping::default());
    }

    #[test]
    fn rows_are_taken_out_moved_and_added() {
        let fields =
            |mapping: Mapping| mapping.rules.iter().map(|rule| rule.field.to_string()).collect::<Vec<_>>();
        let before = fields(Mapping::default());
        let gone = fields(read(&with("remove", "4")));
        assert_eq!(gone, [&before[..4], &before[5..]].concat());
        let up = fields(read(&with("move", "1.up")));
        assert_eq!((&up[0], &up[1]), (&before[1], &before[0]));
        assert_eq!(fields(read(&with("move", "0.up"))), before, "the first goes no higher");
        let last = before.len() - 1;
        assert_eq!(fields(read(&with("move", &format!("{last}.down")))), before);
        let mut sent = with("attribute", "title");
        sent.push(("field".to_owned(), "notes".to_owned()));
        assert_eq!(fields(read(&sent)).last().map(String::as_str), Some("notes"));
        let mut grouped = with("group", "staff");
        grouped
            .extend([("customerGroup", "5"), ("otherwise", "1")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        let groups = read(&grouped).groups;
        assert_eq!((groups.rules[0].customer_group, groups.otherwise), (5, Some(1)));
    }

    #[test]
    fn what_cannot_be_read_stays_with_its_reason() {
        let mut sent = with("attribute", "fields.");
        sent.extend(
            [("field", "notes"), ("group", "staff"), ("customerGroup", "x")]
                .map(|(a, b)| (a.to_owned(), b.to_owned())),
        );
        let Err(told) = Editor::sent(&sent).read() else { panic!("it cannot be read") };
        let row = told.rules.last().unwrap();
        assert_eq!((row.attribute.as_str(), row.field.as_str()), ("fields.", "notes"));
        assert!(row.wrong.starts_with("\"fields.\" cannot be mapped"), "{}", row.wrong);
        assert!(told.groups[0].wrong.contains("number of a customer group"));
        assert!(told.rules[0].wrong.is_empty());
    }
}
