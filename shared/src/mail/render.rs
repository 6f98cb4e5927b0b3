//! A mail as it is read: subject, text and HTML, made of a wording and of values that are somebody
//! else's. In HTML all of them are escaped; in text, names have neither line breaks nor addresses.

use askama::Template as _;

use super::{
    Language, Template, Wording,
    address::one_line,
    wording::filled,
    words::{validity, words},
};
use crate::{application::ActivationSettings, user::User};

/// The longest name that a mail greets with.
const LONGEST_NAME: usize = 60;

/// A mail as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The part in plain text.
    pub text: String,
    /// The part in HTML.
    pub html: String,
}

/// What a mail is made of.
pub struct Letter<'a> {
    /// Which mail.
    pub template: Template,
    /// In which language.
    pub language: Language,
    /// How the application's mails look.
    pub settings: &'a ActivationSettings,
    /// The store's name, where the settings give none.
    pub store: &'a str,
    /// Who is greeted; empty for nobody by name.
    pub name: &'a str,
    /// Where the button leads.
    pub link: Option<&'a str>,
    /// For how many minutes the link works.
    pub minutes: u32,
}

#[derive(askama::Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    language: &'a str,
    subject: &'a str,
    store: &'a str,
    logo: Option<&'a str>,
    paragraphs: Vec<&'a str>,
    link: Option<&'a str>,
    button: &'a str,
    hint: &'a str,
}

impl Letter<'_> {
    /// The mail.
    pub fn render(&self) -> Rendered {
        let wording = self.wording();
        let store = one_line(self.settings.display_name.as_deref().unwrap_or(self.store));
        let name = greeted(self.name);
        let validity = validity(self.language, self.minutes);
        let values = [("store", store.as_str()), ("name", name.as_str()), ("validity", validity.as_str())];
        // Without a name, the space before it goes too.
        let body = if name.is_empty() { wording.body.replace(" {name}", "") } else { wording.body };
        let body = filled(&body.replace("\r\n", "\n"), &values);
        let subject = one_line(&filled(&wording.subject, &values[..1]));
        let button = filled(&wording.button, &values[..1]);
        let hint = words(self.language).address;
        let link = self.link.filter(|_| self.template.has_link());
        let paragraphs: Vec<&str> =
            body.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect();
        let text = plain(&paragraphs, link, &button);
        let logo = self.settings.logo.as_deref();
        let language = self.language.as_str();
        let page = Page {
            language,
            subject: &subject,
            store: &store,
            logo,
            paragraphs,
            link,
            button: &button,
            hint,
        };
        // Writing to a string does not fail, and the page has no other way to.
        let html = page.render().unwrap_or_default();
        Rendered { subject, text, html }
    }

    fn wording(&self) -> Wording {
        let own = self.settings.wording.get(&self.template).and_then(|own| own.get(&self.language));
        // What was kept before the rules were stricter is not sent.
        let own = own.filter(|own| own.check().is_ok()).cloned();
        own.unwrap_or_else(|| Wording::standard(self.template, self.language))
    }
}

fn plain(paragraphs: &[&str], link: Option<&str>, button: &str) -> String {
    let mut parts: Vec<String> = paragraphs.iter().map(|paragraph| (*paragraph).to_owned()).collect();
    if let Some(link) = link {
        parts.insert(parts.len().min(2), format!("{button}:\n{link}"));
    }
    parts.join("\n\n") + "\n"
}

/// A name as a mail greets with it: on one line, of a bounded length. One that could be taken for an
/// address is left out: anybody may choose a name, and mail programs make links of such text.
fn greeted(name: &str) -> String {
    let name: String = one_line(name).chars().take(LONGEST_NAME).collect();
    let is_address = |word: &str| {
        let inner = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        let dotted = inner.split_once('.').is_some_and(|(before, after)| before.len() > 2 && after.len() > 1);
        word.contains("://") || word.contains('@') || word.contains('/') || dotted
    };
    if name.split(' ').any(is_address) { String::new() } else { name.trim().to_owned() }
}

/// The name with which a mail greets a user: the given name, or else the name as displayed.
pub fn name_of(user: &User) -> &str {
    let display = user.attributes.get("displayName").map(String::as_str);
    let names = [user.name.given_name.as_deref(), display, user.name.formatted.as_deref()];
    names.into_iter().flatten().find(|name| !name.trim().is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://clientele.example/activate/abc";

    fn letter<'a>(settings: &'a ActivationSettings, name: &'a str) -> Letter<'a> {
        Letter {
            template: Template::Activation,
            language: Language::En,
            settings,
            store: "Main Store",
            name,
            link: Some(LINK),
            minutes: 7 * 24 * 60,
        }
    }

    #[test]
    fn a_mail_says_who_what_and_where_in_text_and_html() {
        let mail = letter(&ActivationSettings::default(), "Ada").render();
        assert_eq!(mail.subject, "Set your password for Main Store");
        assert!(mail.text.starts_with("Hello Ada,\n\nyour account at Main Store is ready."), "{}", mail.text);
        assert!(mail.text.contains(&format!("Choose a password:\n{LINK}\n\n")), "{}", mail.text);
        assert!(mail.text.contains("for 7 days") && mail.html.contains("for 7 days"));
        assert_eq!(mail.html.matches(&format!("href=\"{LINK}\"")).count(), 1, "{}", mail.html);
    }

    #[test]
    fn html_in_names_is_text_g84() {
        let settings = ActivationSettings {
            display_name: Some("<script>alert(1)</script> & Co".to_owned()),
            ..ActivationSettings::default()
        };
        let mail = letter(&settings, "<b onmouseover=x>\"Ada\"</b\u{202e}>\r\n\r\nPay here").render();
        assert!(!mail.html.contains("<script") && !mail.html.contains("<b "), "{}", mail.html);
        assert!(mail.html.contains("&#60;script&#62;alert(1)"), "{}", mail.html);
        let plain = letter(&ActivationSettings::default(), "Ada\r\n\r\nPay here\u{202e}").render();
        assert!(plain.text.starts_with("Hello Ada Pay here,\n\n"), "{}", plain.text);
    }

    #[test]
    fn a_name_that_could_be_an_address_is_left_out_g84() {
        for name in ["win at https://evil.example now", "www.evil.example", "evil.example/x", "a@b.example"] {
            let mail = letter(&ActivationSettings::default(), name).render();
            assert!(mail.text.starts_with("Hello,\n\n"), "{name}: {}", mail.text);
            assert!(!mail.html.contains("evil"), "{name}");
        }
        assert_eq!(greeted("J. R. R. Tolkien"), "J. R. R. Tolkien");
        assert_eq!(greeted(&"a".repeat(200)).len(), 60);
    }

    #[test]
    fn a_persons_name_reaches_no_header_g77() {
        let own =
            Wording { subject: "Welcome {store}".to_owned(), body: "x".to_owned(), button: String::new() };
        let mut settings = ActivationSettings::default();
        settings.wording.entry(Template::Activation).or_default().insert(Language::En, own);
        let mail = letter(&settings, "Ada\r\nBcc: x@y.example").render();
        assert_eq!(mail.subject, "Welcome Main Store");
    }

    #[test]
    fn every_mail_is_whole_in_every_language() {
        for template in Template::ALL {
            for language in Language::ALL {
                let settings = ActivationSettings::default();
                let mail = Letter { template, language, ..letter(&settings, "Ada") }.render();
                let whole = format!("{}{}{}", mail.subject, mail.text, mail.html);
                assert!(!whole.contains('{') && whole.contains("Main Store"), "{whole}");
                assert_eq!(mail.text.contains(LINK), template.has_link(), "{template:?}");
                assert!(mail.html.contains(&format!("<html lang=\"{}\">", language.as_str())));
            }
        }
    }
}
