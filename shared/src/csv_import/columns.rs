//! What the columns of a file are: guessed by their headings, and chosen by a person.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Target,
    target::{MOST_ADDRESSES, targets},
};
use crate::{
    mapping::{AddressField, CustomerField},
    profile::ProfileField,
};

/// Whether a cell stands for a user's attribute or for a customer's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layout {
    /// A column an attribute of the user.
    Plain,
    /// A column a field of the customer, as BigCommerce exports them; values go through the store's mapping.
    Exported,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// What the file calls it.
    pub heading: String,
    /// What it is; `None`: it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
}

/// What headings mean in a plain file, beside the targets' own names; in letters and digits alone.
const PLAIN: [(&str, &str); 57] = [
    ("clienteleid", "id"),
    ("userid", "id"),
    ("login", "userName"),
    ("username", "userName"),
    ("enabled", "active"),
    ("accountenabled", "active"),
    ("email", "emails"),
    ("emailaddress", "emails"),
    ("mail", "emails"),
    ("workemail", "emails"),
    ("phone", "phoneNumbers"),
    ("phonenumber", "phoneNumbers"),
    ("telephone", "phoneNumbers"),
    ("telephonenumber", "phoneNumbers"),
    ("mobile", "phoneNumbers"),
    ("mobilephone", "phoneNumbers"),
    ("givenname", "name.givenName"),
    ("firstname", "name.givenName"),
    ("forename", "name.givenName"),
    ("familyname", "name.familyName"),
    ("lastname", "name.familyName"),
    ("surname", "name.familyName"),
    ("sn", "name.familyName"),
    ("middlename", "name.middleName"),
    ("fullname", "name.formatted"),
    ("name", "displayName"),
    ("nickname", "nickName"),
    ("jobtitle", "title"),
    ("position", "title"),
    ("company", "organization"),
    ("companyname", "organization"),
    ("organisation", "organization"),
    ("employeeid", "employeeNumber"),
    ("language", "preferredLanguage"),
    ("address", "addresses.streetAddress"),
    ("address1", "addresses.streetAddress"),
    ("addressline1", "addresses.streetAddress"),
    ("street", "addresses.streetAddress"),
    ("streetaddress", "addresses.streetAddress"),
    ("address2", "addresses.extendedAddress"),
    ("addressline2", "addresses.extendedAddress"),
    ("city", "addresses.locality"),
    ("town", "addresses.locality"),
    ("locality", "addresses.locality"),
    ("state", "addresses.region"),
    ("stateorprovince", "addresses.region"),
    ("stateprovince", "addresses.region"),
    ("province", "addresses.region"),
    ("region", "addresses.region"),
    ("zip", "addresses.postalCode"),
    ("zipcode", "addresses.postalCode"),
    ("zippostcode", "addresses.postalCode"),
    ("postcode", "addresses.postalCode"),
    ("postalcode", "addresses.postalCode"),
    ("country", "addresses.country"),
    ("countrycode", "addresses.country"),
    ("addressphone", "addresses.phoneNumber"),
];

/// What headings of an export mean, in letters and digits alone.
const OF_EXPORT: [(&str, CustomerField); 16] = [
    ("customerid", CustomerField::Id),
    ("id", CustomerField::Id),
    ("email", CustomerField::Email),
    ("emailaddress", CustomerField::Email),
    ("customeremail", CustomerField::Email),
    ("firstname", CustomerField::FirstName),
    ("lastname", CustomerField::LastName),
    ("company", CustomerField::Company),
    ("phone", CustomerField::Phone),
    ("phonenumber", CustomerField::Phone),
    ("notes", CustomerField::Notes),
    ("taxexemptcategory", CustomerField::TaxExemptCategory),
    ("receivereviewabandonedcartemails", CustomerField::AcceptsMarketing),
    ("receiveacsreviewemails", CustomerField::AcceptsMarketing),
    ("receivemarketingemails", CustomerField::AcceptsMarketing),
    ("customergroupid", CustomerField::CustomerGroupId),
];

/// How an export calls the fields of an address, with its number behind: `Address City - 2`.
const OF_ADDRESS: [(&str, AddressField); 12] = [
    ("addressfirstname", AddressField::FirstName),
    ("addresslastname", AddressField::LastName),
    ("addresscompany", AddressField::Company),
    ("addressline1", AddressField::Address1),
    ("addressline2", AddressField::Address2),
    ("addresscity", AddressField::City),
    ("addressstate", AddressField::StateOrProvince),
    ("addresszip", AddressField::PostalCode),
    ("addresscountry", AddressField::CountryCode),
    ("addressphone", AddressField::Phone),
    ("addressbuildingtype", AddressField::AddressType),
    ("buildingtype", AddressField::AddressType),
];

/// What only an export has.
const TELLING: [&str; 6] = [
    "customerid",
    "datejoined",
    "storecredit",
    "customergroup",
    "receivereviewabandonedcartemails",
    "receiveacsreviewemails",
];

/// How a file of these headings is most likely laid out.
pub fn guessed_layout(headings: &[String]) -> Layout {
    let telling = headings.iter().filter(|heading| TELLING.contains(&letters(heading).as_str())).count();
    if telling >= 2 { Layout::Exported } else { Layout::Plain }
}

/// What the columns of these headings most likely are. No two are the same: the first of them is it.
pub fn guessed(layout: Layout, headings: &[String], fields: &[ProfileField]) -> Vec<Column> {
    let mut taken = BTreeSet::new();
    let column = |heading: &String| {
        let folded = letters(heading);
        let target = match layout {
            Layout::Plain => plain(heading, &folded, fields),
            Layout::Exported => exported(heading, &folded),
        };
        let target = target.filter(|target| taken.insert(target.clone()));
        Column { heading: heading.clone(), target }
    };
    headings.iter().map(column).collect()
}

/// Why columns cannot be read so, in a sentence; `None`: they can.
pub fn flaw(layout: Layout, columns: &[Column], fields: &[ProfileField]) -> Option<String> {
    let targets: Vec<&Target> = columns.iter().filter_map(|column| column.target.as_ref()).collect();
    let mut taken = BTreeSet::new();
    for target in &targets {
        if target.layout() != layout {
            return Some(format!("{target} is nothing that a column can be in a file laid out so."));
        }
        if !taken.insert(target) {
            return Some(format!("Two columns are {target}. Leave one of them out."));
        }
        if let Target::Field(name) = target
            && !fields.iter().any(|field| field.name == *name && !field.read_only)
        {
            return Some(format!("There is no profile field {name} that may be written."));
        }
    }
    let naming = match layout {
        Layout::Plain => &[Target::Id, Target::UserName, Target::Email, Target::ExternalId][..],
        Layout::Exported => {
            &[Target::Customer(CustomerField::Email), Target::Customer(CustomerField::Id)][..]
        }
    };
    let names_somebody = naming.iter().any(|target| taken.contains(&target));
    (!names_somebody).then(|| {
        let names: Vec<String> = naming.iter().map(Target::to_string).collect();
        format!("No column says whom a row is about. Choose one for {}.", names.join(" or "))
    })
}

fn plain(heading: &str, folded: &str, fields: &[ProfileField]) -> Option<Target> {
    let named = |target: &Target| letters(&target.to_string()) == folded;
    let own = targets(Layout::Plain, fields).into_iter().find(named);
    let known = || PLAIN.iter().find(|(name, _)| *name == folded)?.1.parse().ok();
    let field = || {
        let is_it = |field: &&ProfileField| letters(&field.name) == folded || field.label == heading;
        let field = fields.iter().filter(|field| !field.read_only).find(is_it)?;
        Some(Target::Field(field.name.clone()))
    };
    own.or_else(known).or_else(field)
}

fn exported(heading: &str, folded: &str) -> Option<Target> {
    if folded == "addresses" {
        return Some(Target::CustomerAddresses);
    }
    if let Some((_, field)) = OF_EXPORT.iter().find(|(name, _)| *name == folded) {
        return Some(Target::Customer(field.clone()));
    }
    let (name, number) = match heading.rsplit_once('-') {
        Some((name, number)) => (letters(name), number.trim().parse().ok()?),
        None => (folded.to_owned(), 1),
    };
    let (_, field) = OF_ADDRESS.iter().find(|(known, _)| *known == name)?;
    (1..=MOST_ADDRESSES).contains(&number).then_some(Target::CustomerAddress(number, *field))
}

/// Letters and digits alone, lower-case.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{FieldKind, standard_fields};

    fn columns(headings: &str, fields: &[ProfileField]) -> (Layout, Vec<String>) {
        let headings: Vec<String> = headings.split(',').map(str::to_owned).collect();
        let layout = guessed_layout(&headings);
        let columns = guessed(layout, &headings, fields);
        let named = |column: Column| column.target.map(|target| target.to_string()).unwrap_or_default();
        (layout, columns.into_iter().map(named).collect())
    }

    #[test]
    fn the_default_export_is_known_by_its_columns() {
        let (layout, columns) = columns(
            "Customer ID,Customer Name,First Name,Last Name,Company,Email,Phone,Notes,Store Credit,Customer Group,\
             Orders,Date Joined,Addresses,Receive Review/Abandoned Cart Emails?,Tax Exempt Category",
            &[],
        );
        assert_eq!(layout, Layout::Exported);
        let expected = [
            "customer.id",
            "",
            "customer.first_name",
            "customer.last_name",
            "customer.company",
            "customer.email",
            "customer.phone",
            "customer.notes",
            "",
            "",
            "",
            "",
            "customer.addresses",
            "customer.accepts_product_review_abandoned_cart_emails",
            "customer.tax_exempt_category",
        ];
        assert_eq!(columns, expected);
    }

    #[test]
    fn the_export_for_editing_has_a_column_for_each_part_of_each_address() {
        let (layout, columns) = columns(
            "Email Address,Store Credit,Customer Group,Address ID - 1,Address Line 1 - 1,Address Zip - 1,\
             Address Line 1 - 2,Address City - x",
            &[],
        );
        assert_eq!(layout, Layout::Exported);
        let expected = [
            "customer.email",
            "",
            "",
            "",
            "customer.addresses.1.address1",
            "customer.addresses.1.postal_code",
            "customer.addresses.2.address1",
            "",
        ];
        assert_eq!(columns, expected);
    }

    #[test]
    fn a_plain_file_may_use_scim_s_names_the_store_s_and_those_of_daily_life() {
        let size = ProfileField::new("shirtSize", "Shirt size", FieldKind::String);
        let fields: Vec<_> = standard_fields().into_iter().chain([size]).collect();
        let (layout, columns) = columns(
            "userName,E-Mail,First name,name.familyName,department,address1,state_or_province,postal_code,\
             country_code,Shirt size,acceptsMarketing,customerId,Surname,whatever",
            &fields,
        );
        assert_eq!(layout, Layout::Plain);
        let expected = [
            "userName",
            "emails",
            "name.givenName",
            "name.familyName",
            "department",
            "addresses.streetAddress",
            "addresses.region",
            "addresses.postalCode",
            "addresses.country",
            "fields.shirtSize",
            "fields.acceptsMarketing",
            "",
            "",
            "",
        ];
        assert_eq!(columns, expected);
    }

    #[test]
    fn columns_that_name_nobody_or_clash_are_refused() {
        let check = |layout, targets: &[&str]| {
            let column = |target: &&str| Column { heading: String::new(), target: target.parse().ok() };
            flaw(layout, &targets.iter().map(column).collect::<Vec<_>>(), &standard_fields())
        };
        assert_eq!(check(Layout::Plain, &["emails", "", "fields.acceptsMarketing"]), None);
        assert_eq!(check(Layout::Exported, &["customer.id"]), None);
        assert!(check(Layout::Plain, &["title"]).unwrap().contains("whom a row is about"));
        assert!(check(Layout::Plain, &["emails", "emails"]).unwrap().contains("Two columns"));
        assert!(check(Layout::Plain, &["emails", "customer.email"]).unwrap().contains("laid out so"));
        assert!(check(Layout::Plain, &["emails", "fields.customerId"]).unwrap().contains("customerId"));
    }

    #[test]
    fn every_heading_that_is_known_means_something() {
        for (_, target) in PLAIN {
            assert!(target.parse::<Target>().is_ok(), "{target}");
        }
    }
}
