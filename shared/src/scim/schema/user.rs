//! The schema of a user (RFC 7643, 4.1). It has no password: none is kept, anywhere.

use std::borrow::Cow;

use super::{
    Attribute, Kind, Schema, USER,
    table::{attribute, complex, reference, text},
};

pub(super) const SCHEMA: Schema = Schema {
    id: USER,
    name: "User",
    description: "A person in the directory.",
    attributes: Cow::Borrowed(ATTRIBUTES),
};

static ATTRIBUTES: &[Attribute] = &[
    text("userName", "The name by which the person is known to clients, unique without case.")
        .required()
        .unique(),
    complex("name", NAME, "The parts of the person's name."),
    text("displayName", "The name as it is shown to people."),
    text("nickName", "How the person is called casually."),
    reference("profileUrl", &["external"], "The address of a page about the person."),
    text("title", "The person's title, such as Vice President."),
    text("userType", "The relation of the person to the organisation, such as Employee."),
    text(
        "preferredLanguage",
        "The language in which the person likes to be addressed, as in Accept-Language.",
    ),
    text("locale", "The language and region by which values are shown, such as en-US."),
    text("timezone", "The person's time zone, such as Europe/Berlin."),
    attribute("active", Kind::Boolean, "Whether the person may be served at all."),
    complex("emails", EMAIL, "E-mail addresses, each unique over the directory without case.").multi(),
    complex("phoneNumbers", PHONE_NUMBER, "Telephone numbers.").multi(),
    complex("ims", INSTANT_MESSAGING, "Instant messaging addresses.").multi(),
    complex("photos", PHOTO, "Addresses of pictures of the person.").multi(),
    complex("addresses", ADDRESS, "Postal addresses.").multi(),
    complex("groups", MEMBERSHIP, "The groups that the person is a direct member of.").multi().read_only(),
    complex("entitlements", PLAIN, "What the person is entitled to.").multi(),
    complex("roles", PLAIN, "The person's roles.").multi(),
    complex("x509Certificates", CERTIFICATE, "The person's certificates.").multi(),
];

const NAME: &[Attribute] = &[
    text("formatted", "The whole name as it is shown to people."),
    text("familyName", "The last name."),
    text("givenName", "The first name."),
    text("middleName", "The middle names."),
    text("honorificPrefix", "A title before the name, such as Dr."),
    text("honorificSuffix", "A suffix after the name, such as III."),
];

const DISPLAY: Attribute = text("display", "How the value is shown to people.");
const KIND: Attribute = text("type", "What the value is for.");
const PRIMARY: Attribute =
    attribute("primary", Kind::Boolean, "Whether this value stands for all; at most one does.");
const WORK_HOME_OTHER: &[&str] = &["work", "home", "other"];

const EMAIL: &[Attribute] =
    &[text("value", "The e-mail address."), DISPLAY, KIND.canonical(WORK_HOME_OTHER), PRIMARY];

const PHONE_NUMBER: &[Attribute] = &[
    text("value", "The telephone number."),
    DISPLAY,
    KIND.canonical(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];

const INSTANT_MESSAGING: &[Attribute] = &[
    text("value", "The instant messaging address."),
    DISPLAY,
    KIND.canonical(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    PRIMARY,
];

const PHOTO: &[Attribute] = &[
    reference("value", &["external"], "The address of the picture."),
    DISPLAY,
    KIND.canonical(&["photo", "thumbnail"]),
    PRIMARY,
];

const ADDRESS: &[Attribute] = &[
    text("formatted", "The whole address as it is shown to people."),
    text("streetAddress", "Street, house number and what else stands above the town, in lines."),
    text("locality", "The town."),
    text("region", "The state or region."),
    text("postalCode", "The postal code."),
    text("country", "The country."),
    text("givenName", "The first name of the recipient, if it is another person."),
    text("familyName", "The last name of the recipient, if it is another person."),
    text("organization", "The organisation at the address."),
    text("phoneNumber", "The telephone number at the address."),
    text("premises", "What stands there.").canonical(&["residential", "commercial"]),
    KIND.canonical(WORK_HOME_OTHER),
    PRIMARY,
];

const MEMBERSHIP: &[Attribute] = &[
    text("value", "The identifier of the group.").exact().read_only(),
    reference("$ref", &["Group"], "The address of the group.").read_only(),
    text("display", "The name of the group.").read_only(),
    text("type", "How the person is a member.").canonical(&["direct", "indirect"]).read_only(),
];

const PLAIN: &[Attribute] = &[text("value", "The value."), DISPLAY, KIND, PRIMARY];

const CERTIFICATE: &[Attribute] =
    &[attribute("value", Kind::Binary, "The certificate (DER, in Base64).").exact(), DISPLAY, KIND, PRIMARY];
