//! A directory of many users, put into the tables without writing each as users are written.

use std::collections::BTreeMap;

use dynoxide::{
    ImportOptions,
    types::{AttributeValue, Item},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use shared::{
    mapping::{AddressAttribute, AddressField, CustomerField},
    user::{Address, Link, PhoneNumber, User},
};

use super::bench::{Bench, email, link, user};

/// The names of the numbers in a row of counts.
const NAMES: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Bench {
    /// Puts `users` typical ones into the table, with their counts and no reservations. Gives
    /// their identifiers in order.
    pub(super) async fn people(&self, users: usize) -> Vec<String> {
        let pattern = self.pattern().await;
        let mut random = StdRng::seed_from_u64(7);
        let mut ids: Vec<String> = (0..users).map(|_| identifier(random.random())).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), users);
        let keyed = |pk: String, sk: String| {
            [("pk", pk), ("sk", sk)].map(|(k, v)| (k.to_owned(), AttributeValue::S(v)))
        };
        let rows = ids.iter().map(|id| {
            let keys = keyed(format!("user#{}", &id[..1]), id.clone());
            pattern.clone().into_iter().chain(keys).collect::<Item>()
        });
        let mut counts: BTreeMap<usize, BTreeMap<String, usize>> = BTreeMap::new();
        for id in &ids {
            let bucket = usize::from_str_radix(&id[..3], 16).unwrap();
            let (row, name) = (counts.entry(bucket / 64).or_default(), char::from(NAMES[bucket % 64]));
            *row.entry(name.to_string()).or_default() += 1;
            *row.entry("link:main-store".to_owned()).or_default() += 1;
        }
        let counts = counts.into_iter().map(|(row, counts)| {
            let counts = counts.into_iter().map(|(name, count)| (name, AttributeValue::N(count.to_string())));
            counts.chain(keyed("count".to_owned(), format!("{row:02}"))).collect::<Item>()
        });
        let items = rows.chain(counts).collect();
        self.engine.import_items("users", items, ImportOptions::default()).unwrap();
        ids
    }

    /// A typical user's row as the tables write it.
    async fn pattern(&self) -> Item {
        let typical = self.tables.create_user(&typical(99_999), &[]).await.unwrap();
        let key = |text: &str| AttributeValue::S(text.to_owned());
        let id = typical.id.as_str();
        let keys = json!({ "pk": key(&format!("user#{}", &id[..1])), "sk": key(id) });
        let request = json!({ "TableName": "users", "Key": keys });
        let row = self.engine.get_item(serde_json::from_value(request).unwrap()).unwrap().item.unwrap();
        self.tables.delete_user(&typical, &typical.links.keys().cloned().collect(), &[]).await.unwrap();
        row
    }
}

fn identifier(random: u128) -> String {
    let hex = format!("{random:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The user of this number, as most are: with a name, an e-mail address, a telephone number, a
/// postal address and a link.
pub(super) fn typical(n: usize) -> User {
    let (given, family) = (format!("Zofia{n}"), "Brzezinska-Quillfeather".to_owned());
    let address = format!("zofia.brzezinska.{n}@wholesale.example");
    let mut user = user(&address, &[]);
    user.name.given_name = Some(given.clone());
    user.name.family_name = Some(family.clone());
    user.attributes.insert("organization".to_owned(), "Analytical Engines Ltd".to_owned());
    user.emails = vec![email(&address)];
    user.phone_numbers = vec![PhoneNumber {
        value: "+44 20 7946 0958".to_owned(),
        kind: Some("work".to_owned()),
        display: None,
        primary: true,
    }];
    let parts = address_parts(&given, &family);
    user.addresses = vec![Address { parts: parts.into(), kind: Some("home".to_owned()), primary: true }];
    user.links.insert("main-store".parse().unwrap(), typical_link(n, &user));
    user
}

fn address_parts(given: &str, family: &str) -> [(AddressAttribute, String); 8] {
    [
        (AddressAttribute::GivenName, given),
        (AddressAttribute::FamilyName, family),
        (AddressAttribute::StreetAddress, "12 St James's Square"),
        (AddressAttribute::Locality, "London"),
        (AddressAttribute::Region, "Greater London"),
        (AddressAttribute::PostalCode, "SW1Y 4JH"),
        (AddressAttribute::Country, "GB"),
        (AddressAttribute::PhoneNumber, "+44 20 7946 0958"),
    ]
    .map(|(part, value)| (part, value.to_owned()))
}

fn typical_link(n: usize, user: &User) -> Link {
    let mut link = link(i64::try_from(n).unwrap() + 1);
    let fields: [(CustomerField, Value); 5] = [
        (CustomerField::Email, json!(user.user_name)),
        (CustomerField::FirstName, json!(user.name.given_name)),
        (CustomerField::LastName, json!(user.name.family_name)),
        (CustomerField::Company, json!("Analytical Engines Ltd")),
        (CustomerField::Phone, json!("+44 20 7946 0958")),
    ];
    link.base.fields = fields.into();
    let parts = &user.addresses[0].parts;
    let fields = [
        (AddressField::FirstName, AddressAttribute::GivenName),
        (AddressField::LastName, AddressAttribute::FamilyName),
        (AddressField::Address1, AddressAttribute::StreetAddress),
        (AddressField::City, AddressAttribute::Locality),
        (AddressField::StateOrProvince, AddressAttribute::Region),
        (AddressField::PostalCode, AddressAttribute::PostalCode),
        (AddressField::CountryCode, AddressAttribute::Country),
        (AddressField::Phone, AddressAttribute::PhoneNumber),
    ];
    let address = fields.map(|(field, part)| (field, parts[&part].clone()));
    link.base.addresses = [BTreeMap::from(address)].into();
    link.store_modified = Some("2026-03-10T12:00:00Z".parse().unwrap());
    link
}
