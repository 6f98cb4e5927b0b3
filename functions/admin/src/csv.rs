//! Tables for spreadsheets (RFC 4180), in which no cell is taken for a formula.

/// A table that is being written.
pub(crate) struct Table(String);

impl Table {
    /// A table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Table {
        Table::headless().row(columns.iter())
    }

    /// A part of a table, to stand below others.
    pub(crate) fn headless() -> Table {
        Table(String::new())
    }

    /// With another row.
    pub(crate) fn row<T: AsRef<str>>(mut self, cells: impl IntoIterator<Item = T>) -> Table {
        let cells: Vec<String> = cells.into_iter().map(|value| cell(value.as_ref())).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
        self
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

fn cell(value: &str) -> String {
    let value = shared::import::plain(value);
    match value.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_neither_two_nor_a_formula() {
        let table = Table::new(&["a", "b"]).row(["x,y", "say \"hi\""]).row(["=1+1", "plain"]).into_text();
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines[..2], ["a,b", "\"x,y\",\"say \"\"hi\"\"\""]);
        assert!(!lines[2].starts_with('='), "{}", lines[2]);
    }
}
