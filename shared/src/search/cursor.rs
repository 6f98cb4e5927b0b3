//! Where a search goes on, as it is handed out.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// A place in what a search finds. It is opaque, may be handed out, and leads nowhere but into the
/// search that it is sent with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub(super) source: usize,
    pub(super) at: String,
}

/// The text is no place in a search.
#[derive(Debug, thiserror::Error)]
#[error("no place in a search (only what a page gave as its next)")]
pub struct NotAPlace;

/// The longest place, in bytes.
const LONGEST: usize = 1024;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Place, NotAPlace> {
        let text = Some(text).filter(|text| text.len() <= 2 * LONGEST).ok_or(NotAPlace)?;
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAPlace)?;
        let place: Place = serde_json::from_slice(&json).map_err(|_| NotAPlace)?;
        let ours = (1..=LONGEST).contains(&place.at.len()) && place.at.chars().all(|letter| letter != '\0');
        if ours { Ok(place) } else { Err(NotAPlace) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_written_and_other_text_is_none_g33() {
        let place = Place { source: 1, at: "king ada\u{1f}0f".to_owned() };
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        let empty = Place { at: String::new(), ..place.clone() };
        let long = Place { at: "x".repeat(LONGEST + 1), ..place };
        for text in ["", "x", "e30", &empty.to_string(), &long.to_string()] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
