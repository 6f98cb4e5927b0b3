//! What the tables of ISO do not hold: everyday names, other spellings, and what the post asks for.

/// Countries whose everyday English name is not ISO's.
pub(super) const COUNTRIES: &[(&str, &str)] = &[
    ("BO", "Bolivia"),
    ("BN", "Brunei"),
    ("CD", "Democratic Republic of the Congo"),
    ("FK", "Falkland Islands"),
    ("FM", "Micronesia"),
    ("GB", "United Kingdom"),
    ("IR", "Iran"),
    ("KP", "North Korea"),
    ("KR", "South Korea"),
    ("LA", "Laos"),
    ("MD", "Moldova"),
    ("MF", "Saint Martin"),
    ("NL", "Netherlands"),
    ("PS", "Palestine"),
    ("RU", "Russia"),
    ("SH", "Saint Helena"),
    ("SX", "Sint Maarten"),
    ("SY", "Syria"),
    ("TW", "Taiwan"),
    ("TZ", "Tanzania"),
    ("US", "United States"),
    ("VA", "Vatican City"),
    ("VE", "Venezuela"),
    ("VG", "British Virgin Islands"),
    ("VI", "U.S. Virgin Islands"),
    ("VN", "Vietnam"),
];

/// Further spellings that people use, by the country's code.
pub(super) const SPELLINGS: &[(&str, &str)] = &[
    ("AT", "Österreich"),
    ("BR", "Brasil"),
    ("CH", "Schweiz"),
    ("CI", "Ivory Coast"),
    ("CV", "Cape Verde"),
    ("CZ", "Czech Republic"),
    ("DE", "Deutschland"),
    ("ES", "España"),
    ("GB", "Britain"),
    ("GB", "England"),
    ("GB", "Great Britain"),
    ("GB", "Northern Ireland"),
    ("GB", "Scotland"),
    ("GB", "UK"),
    ("GB", "Wales"),
    ("IT", "Italia"),
    ("KR", "Republic of Korea"),
    ("MK", "Macedonia"),
    ("MM", "Burma"),
    ("MO", "Macau"),
    ("NL", "Holland"),
    ("NL", "The Netherlands"),
    ("ST", "São Tomé and Príncipe"),
    ("SZ", "Swaziland"),
    ("TL", "East Timor"),
    ("TR", "Turkey"),
    ("VI", "Virgin Islands"),
];

/// States that ISO 3166-2 has not, or has under another name: country, code, name.
pub(super) const STATES: &[(&str, &str, &str)] = &[
    ("CA", "NL", "Newfoundland"),
    ("CA", "YT", "Yukon Territory"),
    ("MX", "CMX", "Distrito Federal"),
    ("MX", "COA", "Coahuila"),
    ("MX", "MEX", "Estado de México"),
    ("MX", "MIC", "Michoacán"),
    ("MX", "VER", "Veracruz"),
    ("US", "AA", "Armed Forces Americas"),
    ("US", "AE", "Armed Forces Europe"),
    ("US", "AP", "Armed Forces Pacific"),
    ("US", "DC", "Washington DC"),
    ("US", "VI", "U.S. Virgin Islands"),
    ("US", "VI", "Virgin Islands"),
];

/// Where an address without one of the listed states is not deliverable.
pub(super) const WITH_A_CLOSED_LIST: &[&str] = &["AU", "CA", "US"];

/// Where addresses have no postal code, or need not have one.
pub(super) const WITHOUT_POSTAL_CODES: &[&str] = &[
    "AE", "AG", "AO", "AQ", "AW", "BF", "BI", "BJ", "BO", "BQ", "BS", "BV", "BW", "BZ", "CD", "CF", "CG",
    "CI", "CK", "CM", "CW", "DJ", "DM", "EH", "ER", "FJ", "GA", "GD", "GH", "GM", "GN", "GQ", "GY", "HK",
    "HM", "IE", "JM", "KE", "KI", "KM", "KN", "KP", "LC", "LY", "ML", "MO", "MR", "MW", "NA", "NR", "NU",
    "PA", "PS", "QA", "RW", "SB", "SC", "SL", "SO", "SR", "SS", "ST", "SX", "SY", "TD", "TF", "TG", "TK",
    "TL", "TO", "TT", "TV", "TZ", "UG", "UM", "VU", "WS", "YE", "ZM", "ZW",
];
