//! A user as it is written.

use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    bigcommerce::CustomerId,
    profile::{FieldKind, ProfileField},
    user::{Address, Link, PhoneNumber, User},
};

use super::asking::{Directory, sent, user};

/// A user with a value in each attribute that a directory may hold.
fn whole() -> User {
    let created = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut user = user("Ann@Example.com", created);
    user.id = "0123abcd-0000-4000-8000-000000000000".to_owned().into();
    user.name.given_name = Some("Ann".to_owned());
    user.name.family_name = Some("Example".to_owned());
    user.attributes.insert("displayName".to_owned(), "Ann <b>".to_owned());
    user.attributes.insert("department".to_owned(), "Sales".to_owned());
    user.phone_numbers.push(PhoneNumber {
        value: "+1 555 0100".to_owned(),
        kind: None,
        display: None,
        primary: false,
    });
    let address = json!({
        "streetAddress": "1 Main St", "extendedAddress": "Floor 2", "locality": "Austin", "country": "US",
        "type": "home", "primary": true,
    });
    user.addresses.push(serde_json::from_value::<Address>(address).unwrap());
    user.fields.insert("shirt".to_owned(), json!("M"));
    user.links.insert("main-store".parse().unwrap(), link(created));
    user
}

fn link(synced_at: jiff::Timestamp) -> Link {
    Link {
        in_scope: false,
        held: None,
        customer: CustomerId::try_from(7).unwrap(),
        base: Default::default(),
        state: Default::default(),
        store_modified: None,
        synced_at,
        last_error: None,
        attention: Default::default(),
    }
}

#[tokio::test]
async fn a_user_is_written_as_scim_wants_it_and_located_where_the_configuration_says() {
    let directory = Directory::of(0).await;
    let shirt = ProfileField::new("shirt", "Shirt size", FieldKind::String);
    directory.stack.tables().put_profile_fields(&[shirt]).await.unwrap();
    let user = directory.stack.tables().create_user(&whole(), &[]).await.unwrap();
    let path = format!("/Users/{}", user.id);
    let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    let forged = headers
        .into_iter()
        .fold(directory.request(Method::GET, &path), |request, (name, value)| request.header(name, value));
    let answer = sent(forged).await;
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["etag"], "W/\"1\"");
    assert_eq!(answer.body["meta"]["location"], directory.url(&path));
    let mut body = answer.body;
    body["meta"]["location"] = Value::from("(as configured)");
    insta::assert_json_snapshot!(body, @r#"
    {
      "active": true,
      "addresses": [
        {
          "country": "US",
          "locality": "Austin",
          "primary": true,
          "streetAddress": "1 Main St\nFloor 2",
          "type": "home"
        }
      ],
      "displayName": "Ann <b>",
      "emails": [
        {
          "primary": true,
          "type": "work",
          "value": "Ann@Example.com"
        }
      ],
      "id": "0123abcd-0000-4000-8000-000000000000",
      "meta": {
        "created": "2026-01-01T00:00:00Z",
        "lastModified": "2026-01-01T00:00:00Z",
        "location": "(as configured)",
        "resourceType": "User",
        "version": "W/\"1\""
      },
      "name": {
        "familyName": "Example",
        "givenName": "Ann"
      },
      "phoneNumbers": [
        {
          "primary": false,
          "value": "+1 555 0100"
        }
      ],
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:clientele:params:scim:schemas:extension:fields:2.0:User",
        "urn:clientele:params:scim:schemas:extension:links:2.0:User"
      ],
      "urn:clientele:params:scim:schemas:extension:fields:2.0:User": {
        "shirt": "M"
      },
      "urn:clientele:params:scim:schemas:extension:links:2.0:User": {
        "links": [
          {
            "application": "main-store",
            "customer": 7,
            "lastSynced": "2026-01-01T00:00:00Z",
            "state": "inStep"
          }
        ]
      },
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        "department": "Sales"
      },
      "userName": "Ann@Example.com"
    }
    "#);
}

#[tokio::test]
async fn a_client_that_has_the_version_is_told_so_and_no_more() {
    let directory = Directory::of(0).await;
    let user = directory.stack.tables().create_user(&whole(), &[]).await.unwrap();
    let ask = |known: &'static str| {
        let request = directory.request(Method::GET, &format!("/Users/{}", user.id));
        sent(request.header("if-none-match", known))
    };
    for known in ["W/\"1\"", "\"1\"", "\"0\", W/\"1\"", "*"] {
        let answer = ask(known).await;
        assert_eq!((answer.status.as_u16(), answer.body), (304, Value::Null), "{known}");
        assert_eq!(answer.headers["etag"], "W/\"1\"");
    }
    for other in ["W/\"2\"", "1", "\"\"", "W/"] {
        assert_eq!(ask(other).await.status, 200, "{other}");
    }
}

#[tokio::test]
async fn an_attribute_without_a_value_is_not_there() {
    let directory = Directory::of(0).await;
    let bare = User::new("bare", directory.stack.clock().now());
    directory.stack.tables().create_user(&bare, &[]).await.unwrap();
    let written = directory.get(&format!("/Users/{}", bare.id)).await.body;
    let names: Vec<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
    let links = "urn:clientele:params:scim:schemas:extension:links:2.0:User";
    assert_eq!(names, ["active", "id", "meta", "schemas", links, "userName"]);
    assert_eq!(written[links], json!({}), "only that the user is linked to no store is told");
}
