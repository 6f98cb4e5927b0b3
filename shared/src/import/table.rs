//! Tables that people open in a spreadsheet.

use std::borrow::Cow;

/// The value so that no spreadsheet takes it for a formula: what begins like one gets an apostrophe
/// before it.
pub fn plain(value: &str) -> Cow<'_, str> {
    match value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{value}")),
        false => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_take_for_a_formula_is_made_text() {
        for formula in ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(plain(formula), format!("'{formula}"));
        }
        assert_eq!(plain("a=b"), "a=b");
    }
}
