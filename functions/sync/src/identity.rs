//! The attribute at a store in which each customer that we make says for which user: should we be
//! cut off before we remember the customer, it is known again by that.

use shared::{
    application::Application,
    bigcommerce::{self, Attribute, Client},
    mapping::{CustomerField, Identity},
    store,
};

use crate::App;

/// What the attribute is called where the environment does not say.
pub const IDENTITY_ATTRIBUTE: &str = "Clientele user";

/// Why a store has no such attribute.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the attribute for our identifiers could not be made")]
    Store(#[from] bigcommerce::Error),
    #[error("the tables could not be used")]
    Tables(#[from] store::Error),
}

/// Sees to it that the store has the attribute and the application knows it; found by its name, it
/// is not made again.
pub(crate) async fn see_to(app: &App, application: &Application) -> Result<(), Error> {
    if application.mapping.identity.is_some() {
        return Ok(());
    }
    let client = app.engine.api.store(application);
    let Some(attribute) = find_or_make(&client, &app.identity_attribute).await? else { return Ok(()) };
    let (tables, now) = (&app.engine.tables, app.engine.clock.now());
    // As it is by now: a person may have changed it meanwhile.
    let Some(mut application) = tables.application(&application.id).await? else { return Ok(()) };
    let mapping = &mut application.mapping;
    mapping.rules.retain(|rule| rule.field != CustomerField::Attribute(attribute));
    mapping.identity.get_or_insert(Identity { attribute, since: now });
    Ok(tables.put_application(&application).await?)
}

async fn find_or_make(client: &Client, name: &str) -> Result<Option<u32>, bigcommerce::Error> {
    let known = client.attributes().await?.into_iter().find(|attribute| attribute.name == name);
    let attribute = match known {
        Some(known) => Some(known),
        None => {
            let new = Attribute { id: None, name: name.to_owned(), kind: "string".to_owned() };
            client.create_attributes(&[new]).await?.pop()
        }
    };
    Ok(attribute.and_then(|attribute| attribute.id))
}
