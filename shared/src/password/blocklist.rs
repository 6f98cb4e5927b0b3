//! Passwords long enough to pass for good ones that everybody tries first: sentences and rows of
//! words that were printed too often. Short ones are not here: the length and the estimate of
//! guesses see to them.

const LISTED: [&str; 40] = [
    "correcthorsebatterystaple",
    "correcthorsebatterystaple1",
    "tobeornottobe",
    "tobeornottobethatisthequestion",
    "maytheforcebewithyou",
    "thequickbrownfox",
    "thequickbrownfoxjumpsoverthelazydog",
    "franzjagtimkomplettverwahrlostentaxiquerdurchbayern",
    "onceuponatime",
    "ihavenoidea",
    "iloveyousomuch",
    "iloveyouforever",
    "ilovemyfamily",
    "iloveyou123456",
    "inthebeginning",
    "letmeinplease",
    "letmeinletmein",
    "opensesame1234",
    "passwordpassword",
    "password123456",
    "password1234567",
    "password12345678",
    "passwort123456",
    "motdepasse123",
    "contrasena123",
    "contraseña123",
    "wachtwoord123",
    "qwertyuiop123",
    "qwertyuiop1234",
    "qwertyuiopasdfghjkl",
    "1qaz2wsx3edc4rfv",
    "zaq12wsxcde34rfv",
    "abcdefghijklm1",
    "abc123abc123",
    "changemenow123",
    "welcometothejungle",
    "mypasswordis123",
    "thisismypassword",
    "thisisapassword",
    "administrator1",
];

/// Whether a folded password is one of them, whatever stands between its letters and digits.
pub(super) fn holds(folded: &str) -> bool {
    let bare: String = folded.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let worded = bare.trim_end_matches(|letter: char| letter.is_ascii_digit());
    LISTED.iter().any(|listed| *listed == bare || *listed == worded)
}
