//! What stands around every page, and how pages write times and numbers.

use jiff::{SignedDuration, Timestamp};
use shared::operator::Role;

use crate::{assets, caller::Caller};

/// What stands around a page. A page's struct has it as `frame`, left out of its JSON
/// (`#[serde(skip)]`).
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) title: String,
    place: Place,
    /// Who is signed in; none: nobody, and there is no navigation.
    who: Option<(String, Role)>,
    /// What a form sends back as `csrf`.
    pub(crate) csrf: String,
    /// What was just done.
    pub(crate) flash: Option<String>,
    now: Timestamp,
}

/// Where in the navigation a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Attention,
    Users,
    Onboarding,
    Imports,
    Reports,
    Applications,
    Profile,
    Clients,
    Operators,
    Changes,
    /// Nowhere in it.
    None,
}

/// A line of the navigation.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) is_here: bool,
}

/// What people do each day, and what is set up once.
const DAILY: [(Place, &str, &str); 6] = [
    (Place::Home, "Overview", "/admin"),
    (Place::Attention, "Attention", "/admin/attention"),
    (Place::Users, "Users", "/admin/users"),
    (Place::Onboarding, "Onboarding", "/admin/onboarding"),
    (Place::Imports, "Imports", "/admin/imports"),
    (Place::Reports, "Reports", "/admin/reports"),
];
const SET_UP: [(Place, &str, &str); 5] = [
    (Place::Applications, "Applications", "/admin/applications"),
    (Place::Profile, "Profile fields", "/admin/profile-fields"),
    (Place::Clients, "API clients", "/admin/clients"),
    (Place::Operators, "Operators", "/admin/operators"),
    (Place::Changes, "Change log", "/admin/changes"),
];

impl Caller {
    /// The frame of a page with this title, at this place of the navigation.
    pub(crate) fn frame(&self, title: impl Into<String>, place: Place) -> Frame {
        Frame {
            title: title.into(),
            place,
            who: Some((self.name().to_owned(), self.role)),
            csrf: self.csrf.clone().unwrap_or_default(),
            flash: self.flash.clone(),
            now: self.now,
        }
    }
}

impl Frame {
    /// The frame of a page for who is not signed in.
    pub(crate) fn outside(title: impl Into<String>, now: Timestamp) -> Frame {
        Frame { title: title.into(), place: Place::None, who: None, csrf: String::new(), flash: None, now }
    }

    pub(crate) fn who(&self) -> Option<&str> {
        self.who.as_ref().map(|(name, _)| name.as_str())
    }

    /// Whether who looks may do what takes `role`: what they may not, a page does not offer.
    pub(crate) fn may(&self, role: &str) -> bool {
        let needed = Role::ALL.into_iter().find(|one| one.as_str() == role);
        self.who.as_ref().zip(needed).is_some_and(|((_, role), needed)| *role >= needed)
    }

    pub(crate) fn role(&self) -> &'static str {
        self.who.as_ref().map_or("", |(_, role)| role.as_str())
    }

    pub(crate) fn daily(&self) -> Vec<Line> {
        self.lines(&DAILY)
    }

    pub(crate) fn set_up(&self) -> Vec<Line> {
        self.lines(&SET_UP)
    }

    fn lines(&self, lines: &[(Place, &'static str, &'static str)]) -> Vec<Line> {
        let lines = lines.iter();
        lines.map(|(place, name, address)| Line { name, address, is_here: *place == self.place }).collect()
    }

    /// The address of a file of ours: `console.css`.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// A time as people say it: `just now`, `5 min ago`, `in 2 h`, or the day.
    pub(crate) fn ago(&self, at: &Timestamp) -> String {
        ago(self.now, *at)
    }

    /// A time in full: `2026-01-02 03:04 UTC`.
    pub(crate) fn time(&self, at: &Timestamp) -> String {
        at.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }
}

fn ago(now: Timestamp, at: Timestamp) -> String {
    let passed = now.duration_since(at);
    let text = match passed.abs() {
        less if less < SignedDuration::from_secs(45) => return "just now".to_owned(),
        less if less < SignedDuration::from_mins(60) => format!("{} min", (less.as_secs() + 30) / 60),
        less if less < SignedDuration::from_hours(48) => format!("{} h", (less.as_secs() + 1800) / 3600),
        less if less < SignedDuration::from_hours(24 * 30) => format!("{} days", less.as_hours() / 24),
        _ => return at.strftime("%Y-%m-%d").to_string(),
    };
    if passed.is_negative() { format!("in {text}") } else { format!("{text} ago") }
}

/// A number with its thousands apart: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut parts: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    let mut rest = &digits[first..];
    while !rest.is_empty() {
        let (part, after) = rest.split_at(3);
        parts.push(part);
        rest = after;
    }
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let told = |seconds: i64| ago(now, now - SignedDuration::from_secs(seconds));
        assert_eq!(told(10), "just now");
        assert_eq!(told(90), "2 min ago");
        assert_eq!(told(-7200), "in 2 h");
        assert_eq!(told(3 * 86_400), "3 days ago");
        assert_eq!(told(300 * 86_400), "2000-11-13");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
