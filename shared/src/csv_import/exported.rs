//! A row of BigCommerce's export: a customer, read as the store's mapping reads one. The default export has
//! all addresses in one cell, `Address Line 1: …, City/Suburb: …` with a bar between two of them; the one
//! for editing has a column for each part of each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Target;
use crate::{
    bigcommerce::{Address, Customer},
    mapping::{AddressField, CustomerField, Direction, Fields, Limits, Mapping, alike},
    merge::AddressChanges,
    places,
    user::User,
};

/// What is written before the parts of an address in the one cell. `State/Province` is often empty where
/// the abbreviation is not.
const LABELS: [(&str, Option<AddressField>); 15] = [
    ("Address ID", None),
    ("Address Name", None),
    ("Address First Name", Some(AddressField::FirstName)),
    ("Address Last Name", Some(AddressField::LastName)),
    ("Address Company", Some(AddressField::Company)),
    ("Address Line 1", Some(AddressField::Address1)),
    ("Address Line 2", Some(AddressField::Address2)),
    ("City/Suburb", Some(AddressField::City)),
    ("State/Province", Some(AddressField::StateOrProvince)),
    (ABBREVIATION, None),
    ("Zip/Postcode", Some(AddressField::PostalCode)),
    ("Country", Some(AddressField::CountryCode)),
    ("Building Type", Some(AddressField::AddressType)),
    ("Address Phone", Some(AddressField::Phone)),
    ("Phone", Some(AddressField::Phone)),
];
const ABBREVIATION: &str = "State Abbreviation";

/// A row.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) customer: Customer,
    /// The fields that the file has columns for.
    told: BTreeSet<CustomerField>,
}

/// The customer that a row tells.
///
/// # Errors
/// When a cell is not of its field's kind; a sentence says which.
pub(super) fn read(cells: &[(Target, String)]) -> Result<Exported, String> {
    let mut row = Exported { customer: Customer::default(), told: BTreeSet::new() };
    let mut addresses: BTreeMap<u8, Address> = BTreeMap::new();
    let mut listed = Vec::new();
    let mut has_addresses = false;
    for (target, cell) in cells {
        match target {
            Target::Customer(field) => row.set(field, cell)?,
            Target::CustomerAddresses => (listed, has_addresses) = (read_addresses(cell), true),
            Target::CustomerAddress(number, field) => {
                has_addresses = true;
                *field.of_mut(addresses.entry(*number).or_default()) = cell.clone();
            }
            _ => {}
        }
    }
    let all = listed.into_iter().chain(addresses.into_values()).map(with_codes);
    let all = all.filter(|address| *address != Address::default());
    row.customer.addresses = has_addresses.then(|| all.collect());
    Ok(row)
}

impl Exported {
    fn set(&mut self, field: &CustomerField, cell: &str) -> Result<(), String> {
        let text = || Some(cell.to_owned());
        let customer = &mut self.customer;
        match field {
            CustomerField::Id if cell.is_empty() => {}
            CustomerField::Id => {
                let id = cell.parse().map_err(|_| format!("The customer's ID “{cell}” is no number."))?;
                customer.id = Some(id);
            }
            CustomerField::Email => customer.email = cell.to_owned(),
            CustomerField::FirstName => customer.first_name = cell.to_owned(),
            CustomerField::LastName => customer.last_name = cell.to_owned(),
            CustomerField::Company => customer.company = text(),
            CustomerField::Phone => customer.phone = text(),
            CustomerField::Notes => customer.notes = text(),
            CustomerField::TaxExemptCategory => customer.tax_exempt_category = text(),
            CustomerField::CustomerGroupId if cell.is_empty() => {}
            CustomerField::CustomerGroupId => {
                let group =
                    cell.parse().map_err(|_| format!("The customer group's ID “{cell}” is no number."))?;
                customer.customer_group_id = Some(group);
            }
            CustomerField::AcceptsMarketing => {
                let accepts = match cell.to_lowercase().as_str() {
                    "" | "n" | "no" | "0" | "false" => false,
                    "y" | "yes" | "1" | "true" => true,
                    _ => return Err(format!("Whether the customer takes mails is “{cell}”: write Y or N.")),
                };
                customer.accepts_product_review_abandoned_cart_emails = Some(accepts);
            }
            // An export has none of these.
            CustomerField::ChannelIds | CustomerField::Attribute(_) | CustomerField::FormField(_) => {}
        }
        self.told.insert(field.clone());
        Ok(())
    }

    /// Lays what the row tells over `user`: a new one where its version is 0. Addresses are gained, and
    /// none is lost: an export may have some of them only.
    ///
    /// # Errors
    /// What the directory refuses, in sentences.
    pub(super) fn lay_over(
        &self,
        user: &mut User,
        mapping: &Mapping,
        clears: bool,
        now: Timestamp,
    ) -> Result<(), String> {
        let read = mapping.read_customer(&self.customer);
        let mut refused = read.refused;
        if user.version == 0 {
            refused.extend(Limits(mapping).directory_misses(&read.fields));
        }
        if !refused.is_empty() {
            let told: Vec<String> =
                refused.iter().map(|refusal| format!("The directory refuses {refusal}.")).collect();
            return Err(told.join(" "));
        }
        let there = mapping.read_user(user);
        let mut changes = Fields::new();
        for field in self.told.iter().filter(|field| flows(mapping, field)) {
            let (told, has) = (read.fields.get(field), there.fields.get(field));
            match told {
                Some(told) if !alike(field, has, Some(told)) => {
                    drop(changes.insert(field.clone(), told.clone()))
                }
                None if clears && has.is_some() => {
                    changes.insert(field.clone(), serde_json::Value::Null);
                }
                Some(_) | None => {}
            }
        }
        let add = read.addresses.difference(&there.addresses).cloned().collect();
        if user.version == 0 && !mapping.maps_user_name() {
            user.user_name = self.customer.email.clone();
        }
        mapping.write_user(user, &changes, &AddressChanges { add, ..AddressChanges::default() }, now);
        Ok(())
    }
}

/// Whether a field of a customer comes to the directory at all.
fn flows(mapping: &Mapping, field: &CustomerField) -> bool {
    mapping.rule(field).is_some_and(|rule| rule.flows() != Direction::ToStore)
}

/// The addresses of the one cell.
fn read_addresses(cell: &str) -> Vec<Address> {
    cell.split('|').filter(|one| !one.trim().is_empty()).map(read_address).collect()
}

/// Values hold commas and colons themselves, so an address is parted by what is written before its values.
fn read_address(text: &str) -> Address {
    let mut begins: Vec<(usize, usize, &str, Option<AddressField>)> = Vec::new();
    for (label, field) in LABELS {
        let labelled = format!("{label}:");
        let place = text.match_indices(&labelled).map(|(place, _)| place).find(|place| {
            let before = text[..*place].trim_end();
            before.is_empty() || before.ends_with(',')
        });
        if let Some(place) = place {
            begins.push((place, place + labelled.len(), label, field));
        }
    }
    begins.sort();
    let mut address = Address::default();
    let mut abbreviation = "";
    for (index, (_, from, label, field)) in begins.iter().enumerate() {
        let to = begins.get(index + 1).map_or(text.len(), |(next, ..)| *next);
        let value = text[*from..to.max(*from)].trim();
        let value = if index + 1 < begins.len() { value.strip_suffix(',').unwrap_or(value) } else { value };
        match field {
            Some(field) => *field.of_mut(&mut address) = value.trim().to_owned(),
            None if *label == ABBREVIATION => abbreviation = value.trim(),
            None => {}
        }
    }
    if address.state_or_province.is_empty() {
        address.state_or_province = abbreviation.to_owned();
    }
    address
}

/// Exports name countries, stores want their codes; what is unknown is left for the mapping to refuse.
fn with_codes(mut address: Address) -> Address {
    if let Ok(country) = places::country(&address.country_code) {
        address.country_code = country.alpha2().to_owned();
    }
    address.address_type = address.address_type.to_lowercase();
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mapping::AddressAttribute, user::UserId};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn row(cells: &[(&str, &str)]) -> Result<Exported, String> {
        let cells: Vec<(Target, String)> =
            cells.iter().map(|(target, cell)| (target.parse().unwrap(), (*cell).to_owned())).collect();
        read(&cells)
    }

    const ADDRESS: &str = "Address ID: 17, Address Name: Ada King, Address First Name: Ada, Address Last Name: King, \
        Address Company: , Address Line 1: 12, St. James's Square, Address Line 2: Attn: Country: house, \
        City/Suburb: London, State/Province: , State Abbreviation: , Zip/Postcode: SW1Y 4JH, \
        Country: United Kingdom, Building Type: commercial, Address Phone: 020 1";

    #[test]
    fn the_one_cell_of_addresses_is_parted_by_what_stands_before_the_values() {
        let cell = format!(
            "{ADDRESS}|Address Line 1: 1 Way, City/Suburb: Reno, State Abbreviation: NV, Country: US"
        );
        let row = row(&[("customer.addresses", &cell)]).unwrap();
        let addresses = row.customer.addresses.unwrap();
        let [london, reno] = &addresses[..] else { panic!("{}", addresses.len()) };
        assert_eq!(
            (london.address1.as_str(), london.address2.as_str()),
            ("12, St. James's Square", "Attn: Country: house")
        );
        assert_eq!((london.country_code.as_str(), london.postal_code.as_str()), ("GB", "SW1Y 4JH"));
        assert_eq!((london.address_type.as_str(), london.phone.as_str()), ("commercial", "020 1"));
        assert_eq!((reno.state_or_province.as_str(), reno.country_code.as_str()), ("NV", "US"));
    }

    #[test]
    fn a_row_becomes_a_user_by_the_store_s_mapping() {
        let row = row(&[
            ("customer.id", "7"),
            ("customer.email", "ada@x.example"),
            ("customer.first_name", "Ada"),
            ("customer.last_name", "King"),
            ("customer.company", "Engines"),
            ("customer.accepts_product_review_abandoned_cart_emails", "Y"),
            ("customer.addresses.1.address1", "1 Way"),
            ("customer.addresses.1.city", "Reno"),
            ("customer.addresses.1.state_or_province", "Nevada"),
            ("customer.addresses.1.postal_code", "89501"),
            ("customer.addresses.1.country_code", "United States"),
            ("customer.addresses.2.city", ""),
        ])
        .unwrap();
        let mut ada = User::new("", NOW);
        row.lay_over(&mut ada, &Mapping::default(), false, NOW).unwrap();
        assert_eq!(
            (ada.user_name.as_str(), ada.attributes["organization"].as_str()),
            ("ada@x.example", "Engines")
        );
        assert_eq!(
            (ada.addresses.len(), &ada.addresses[0].parts[&AddressAttribute::Locality]),
            (1, &"Reno".to_owned())
        );
        assert_eq!(ada.fields["acceptsMarketing"], true);
        // The same again is no change.
        let before = User { version: 1, id: UserId::from(ada.id.to_string()), ..ada.clone() };
        let mut again = before.clone();
        row.lay_over(&mut again, &Mapping::default(), true, NOW).unwrap();
        assert!(again == before);
    }

    #[test]
    fn an_empty_cell_leaves_the_value_unless_it_is_to_clear_and_addresses_stay() {
        let full = [
            ("customer.email", "ada@x.example"),
            ("customer.first_name", "Ada"),
            ("customer.last_name", "King"),
            ("customer.company", "Engines"),
            ("customer.addresses", ADDRESS),
        ];
        let mut ada = User::new("", NOW);
        row(&full).unwrap().lay_over(&mut ada, &Mapping::default(), false, NOW).unwrap();
        ada.version = 1;
        let bare =
            row(&[("customer.email", "ada@x.example"), ("customer.company", ""), ("customer.addresses", "")]);
        let bare = bare.unwrap();
        let before = ada.clone();
        bare.lay_over(&mut ada, &Mapping::default(), false, NOW).unwrap();
        assert!(ada == before);
        bare.lay_over(&mut ada, &Mapping::default(), true, NOW).unwrap();
        assert_eq!((ada.attributes.get("organization"), ada.addresses.len()), (None, 1));
        assert_eq!(ada.name.given_name.as_deref(), Some("Ada"), "it has no column");
    }

    #[test]
    fn what_the_directory_refuses_is_told() {
        let lay = |cells: &[(&str, &str)]| {
            row(cells)?.lay_over(&mut User::new("", NOW), &Mapping::default(), false, NOW)
        };
        assert!(lay(&[("customer.first_name", "Ada")]).unwrap_err().contains("email"));
        let nowhere = [
            ("customer.email", "a@x.example"),
            ("customer.last_name", "King"),
            ("customer.addresses", "Country: Narnia, City/Suburb: X"),
        ];
        assert!(lay(&nowhere).unwrap_err().contains("Narnia"));
        assert!(lay(&[("customer.id", "x")]).unwrap_err().contains("no number"));
        assert!(lay(&[("customer.accepts_product_review_abandoned_cart_emails", "maybe")]).is_err());
    }
}
