//! What a form says: each field once, and none that is not asked for.

use shared::{
    mail::Recipient,
    secret::{EmailAddress, Secret},
};
use url::form_urlencoded::parse;

/// The longest address that is read, in bytes.
const LONGEST_ADDRESS: usize = 320;

/// The fields of a form. Any of them may be a password.
pub(super) struct Fields(Vec<(&'static str, Secret)>);

impl Fields {
    /// `None` where a field is there twice, or is not one of `names`.
    pub(super) fn read(form: &[u8], names: &[&'static str]) -> Option<Fields> {
        let mut fields: Vec<(&'static str, Secret)> = Vec::new();
        for (name, value) in parse(form) {
            let known = names.iter().copied().find(|known| *known == name)?;
            if fields.iter().any(|(name, _)| *name == known) {
                return None;
            }
            fields.push((known, Secret::new(value)));
        }
        Some(Fields(fields))
    }

    /// A field; empty where it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.expose())
    }

    /// One plain e-mail address, as it was typed.
    pub(super) fn email(&self) -> Option<EmailAddress> {
        let typed = self.get("email").trim_matches(' ');
        let fits = typed.len() <= LONGEST_ADDRESS && Recipient::new(typed).is_ok();
        fits.then(|| EmailAddress::new(typed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["form", "email"];

    fn email(form: &str) -> Option<String> {
        let email = Fields::read(form.as_bytes(), &NAMES)?.email()?;
        Some(email.as_str().to_owned())
    }

    #[test]
    fn one_address_is_read_g77() {
        assert_eq!(email("form=x&email=+ada%40x.example").as_deref(), Some("ada@x.example"));
    }

    #[test]
    fn two_addresses_a_nul_and_a_line_break_are_not_g77() {
        for form in [
            "email=a%40x.example&email=b%40x.example",
            "email=a%40x.example%2Cb%40x.example",
            "email=a%40x.example%00b",
            "email=a%40x.example%0D%0Acc%3A+b%40x.example",
            "email=a%40x.example&cc=b%40x.example",
            "email=",
            "",
            "%FF%FE",
        ] {
            assert_eq!(email(form), None, "{form}");
        }
        assert_eq!(email(&format!("email={}%40x.example", "a".repeat(400))), None);
    }
}
