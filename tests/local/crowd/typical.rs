//! A user as most are.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use shared::user::User;

/// The user of this number: with a name, an e-mail address, a telephone number, a postal address, and
/// the customer of the next number at the application `main-store`. The same each time.
pub fn typical(n: u64) -> User {
    let address = format!("zofia.brzezinska.{n}@wholesale.example");
    let (given, family, phone) = (format!("Zofia{n}"), "Brzezinska-Quillfeather", "+44 20 7946 0958");
    let user = json!({
        "id": identifier(n),
        "userName": address,
        "active": true,
        "name": { "givenName": given, "familyName": family },
        "attributes": { "organization": "Analytical Engines Ltd" },
        "emails": [{ "value": address, "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": phone, "type": "work", "primary": true }],
        "addresses": [{
            "givenName": given, "familyName": family, "streetAddress": "12 St James's Square",
            "locality": "London", "region": "Greater London", "postalCode": "SW1Y 4JH", "country": "GB",
            "phoneNumber": phone, "type": "home", "primary": true,
        }],
        "externalIds": { "local": format!("00u{n:017}") },
        "links": { "main-store": {
            "customer": n + 1,
            "base": {
                "fields": {
                    "email": address, "first_name": given, "last_name": family,
                    "company": "Analytical Engines Ltd", "phone": phone,
                },
                "addresses": [{
                    "first_name": given, "last_name": family, "address1": "12 St James's Square",
                    "city": "London", "state_or_province": "Greater London", "postal_code": "SW1Y 4JH",
                    "country_code": "GB", "phone": phone,
                }],
            },
            "storeModified": "2026-03-10T12:00:00Z",
            "syncedAt": "2026-03-10T12:00:01Z",
        } },
        "version": 0,
        "created": "2026-03-10T12:00:00Z",
        "lastModified": "2026-03-10T12:00:00Z",
    });
    serde_json::from_value(user).expect("it has the shape of a user")
}

fn identifier(n: u64) -> String {
    let hex = format!("{:032x}", StdRng::seed_from_u64(n).random::<u128>());
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
