//! Addresses as they go into a message: one plain address, and names that break no header.

use url::Host;

/// The longest address (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// One address that a message can be sent to or come from: in ASCII, without name, list or comment.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(String);

/// The text is no address that a mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no address to send to (one plain e-mail address, in ASCII before the @)")]
pub struct NotARecipient;

impl Recipient {
    /// Reads an address. A domain of other letters is written as IDNA has it.
    ///
    /// # Errors
    /// It is more than an address, less, or one that SES cannot send to.
    pub fn new(address: &str) -> Result<Recipient, NotARecipient> {
        let (local, domain) = address.trim_matches(' ').rsplit_once('@').ok_or(NotARecipient)?;
        let domain = match Host::parse(domain) {
            Ok(Host::Domain(domain)) if is_domain(&domain) => domain,
            _ => return Err(NotARecipient),
        };
        let whole = format!("{local}@{domain}");
        if is_local(local) && whole.len() <= LONGEST { Ok(Recipient(whole)) } else { Err(NotARecipient) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient(***)")
    }
}

/// A dot-atom (RFC 5322, 3.2.3): what needs quotes is not sent to.
fn is_local(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let parts = || local.split('.');
    local.len() <= LONGEST_LOCAL && parts().all(|part| !part.is_empty() && part.bytes().all(atom))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(allowed) && !label.starts_with('-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

/// `address` with a name before it, as a header has it.
pub(super) fn with_name(name: &str, address: &Recipient) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let name = one_line(name);
    if name.is_empty() {
        return address.as_str().to_owned();
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -_.".contains(&byte);
    if name.bytes().all(plain) {
        return format!("\"{name}\" <{}>", address.as_str());
    }
    // An encoded word has 75 characters at most (RFC 2047, 2), so a long name is several of them.
    let words =
        chunks(&name, 42).into_iter().map(|part| format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(part)));
    format!("{} <{}>", words.collect::<Vec<_>>().join(" "), address.as_str())
}

fn chunks(text: &str, most: usize) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    for letter in text.chars() {
        match parts.last_mut() {
            Some(last) if last.len() + letter.len_utf8() <= most => last.push(letter),
            _ => parts.push(letter.to_string()),
        }
    }
    parts
}

/// Text without line breaks and whatever else has no place in a header or a greeting.
pub(super) fn one_line(text: &str) -> String {
    let invisible = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let visible: String = text.chars().map(|letter| if invisible(letter) { ' ' } else { letter }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_address_is_a_recipient() {
        for address in ["ada@example.com", "a.b+c@mail.example.co.uk", "o'neil@x.example"] {
            assert_eq!(Recipient::new(address).unwrap().as_str(), address);
        }
        assert_eq!(Recipient::new("ada@Bücher.Example").unwrap().as_str(), "ada@xn--bcher-kva.example");
    }

    #[test]
    fn whatever_could_be_several_or_break_a_header_is_none_g77() {
        let long = format!("{}@x.example", "a".repeat(65));
        for address in [
            "",
            "ada",
            "@x.example",
            "ada@",
            "ada@x",
            "a@x.example,b@x.example",
            "a@x.example;b@x.example",
            "a@x.example b@x.example",
            "a@b@x.example",
            "a\r\nBcc: b@x.example",
            "a@x.example\r\ncc: b@y.example",
            "a@x.example\0b",
            "a@x%00b",
            "Ada <a@x.example>",
            "\"a b\"@x.example",
            "a..b@x.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "ä@x.example",
            &long,
        ] {
            assert!(Recipient::new(address).is_err(), "{address:?}");
        }
    }

    #[test]
    fn a_name_breaks_no_header_g77() {
        let address = Recipient::new("shop@x.example").unwrap();
        assert_eq!(with_name("Main Store", &address), "\"Main Store\" <shop@x.example>");
        let named = with_name("Bücher\r\nBcc: <evil@x.example>", &address);
        assert!(!named.contains(['\r', '\n']) && named.matches('<').count() == 1, "{named}");
        assert!(named.starts_with("=?UTF-8?B?") && named.is_ascii(), "{named}");
        let long = with_name(&"ü".repeat(64), &address);
        assert!(long.split(' ').all(|word| word.len() <= 75), "{long}");
        assert_eq!(with_name("\r\n", &address), "shop@x.example");
    }
}
