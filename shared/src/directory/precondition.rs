//! Whether a request is for the version that is there (RFC 7644, 3.14; RFC 9110, 13).

use super::Refused;

/// What a request asks of the version that is there.
#[derive(Clone, Debug, Default)]
pub struct Precondition {
    /// One of these, if there are any.
    pub only: Vec<String>,
    /// None of these.
    pub unless: Vec<String>,
}

impl Precondition {
    /// That this is the version that is there.
    pub fn is(version: &str) -> Precondition {
        Precondition { only: vec![version.to_owned()], unless: Vec::new() }
    }

    /// Whether the request insists on a version: then nothing is to be tried again with another.
    pub fn insists(&self) -> bool {
        !self.only.is_empty()
    }

    /// For what is to be changed.
    ///
    /// # Errors
    /// [`Refused::Version`] when the version that is there is not one that was asked for.
    pub fn check(&self, version: &str) -> Result<(), Refused> {
        let unfit = self.insists() && !names(&self.only, version);
        if unfit || self.knows(version) { Err(Refused::Version) } else { Ok(()) }
    }

    /// Whether who asks has this version already.
    pub fn knows(&self, version: &str) -> bool {
        names(&self.unless, version)
    }
}

/// A version is a weak tag, so tags are compared weakly, in If-Match too: SCIM has it so.
fn names(tags: &[String], version: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    tags.iter().any(|tag| tag == "*" || opaque(tag) == opaque(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_weakly_and_a_star_is_any() {
        let only = |tag: &str| Precondition::is(tag).check("W/\"3\"").is_ok();
        assert!(only("W/\"3\"") && only("\"3\"") && only("*") && !only("\"2\""));
        let unless = Precondition { unless: vec!["\"3\"".to_owned()], ..Precondition::default() };
        assert!(unless.knows("W/\"3\"") && unless.check("W/\"3\"").is_err());
        assert!(Precondition::default().check("W/\"3\"").is_ok());
    }
}
