//! Where the users that a search finds come from, one after the other.

use crate::{
    application::ApplicationId,
    bigcommerce::CustomerId,
    secret::fold,
    store::{Error, Listing, Order, Tables},
    user::{User, UserId},
};

use super::{Reach, Search};

/// Where users come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Who has this as identifier, e-mail address or customer number.
    Key(Key),
    /// Who stands in this listing.
    Listing(Listing),
}

/// A value that one user has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    Id(UserId),
    /// Folded.
    Email(String),
    /// At whichever store.
    Customer(CustomerId),
}

/// Some users with their places.
pub(super) struct Read {
    pub(super) users: Vec<(String, User)>,
    /// Where to go on; `None`: there are no more.
    pub(super) next: Option<String>,
}

/// The sources of a search, in order. A user whom several hold comes from the first.
pub(super) fn sources(search: &Search) -> Vec<Source> {
    let listing = |order, prefix: String| Source::Listing(Listing { order, sense: search.sense, prefix });
    let folded = words(&search.text);
    if folded.is_empty() || search.reach == Reach::Anywhere {
        return vec![listing(search.order, String::new())];
    }
    let mut sources: Vec<Source> = keys(&folded).into_iter().map(Source::Key).collect();
    sources.push(listing(Order::Name, folded.clone()));
    // First name, then family name: as people say it, and not as it is listed.
    if let Some((given, family)) = folded.rsplit_once(' ') {
        sources.push(listing(Order::Name, format!("{family} {given}")));
    }
    sources.push(listing(Order::UserName, folded));
    sources
}

/// Folded, with one space between the words.
fn words(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn keys(folded: &str) -> Vec<Key> {
    let digits = folded.strip_prefix('#').unwrap_or(folded);
    let customer = digits.parse::<i64>().ok().and_then(|id| CustomerId::try_from(id).ok());
    let is_id = folded.len() == 36 && folded.bytes().filter(|byte| *byte == b'-').count() == 4;
    let id = is_id.then(|| Key::Id(UserId::from(folded.to_owned())));
    let email = folded.contains('@').then(|| Key::Email(folded.to_owned()));
    id.into_iter().chain(email).chain(customer.map(Key::Customer)).collect()
}

impl Source {
    pub(super) fn holds(&self, user: &User) -> bool {
        match self {
            Source::Key(Key::Id(id)) => user.id == *id,
            Source::Key(Key::Email(folded)) => user.folded_emails().contains(folded),
            Source::Key(Key::Customer(id)) => user.links.values().any(|link| link.customer == *id),
            Source::Listing(Listing { order, prefix, .. }) => order.text(user).starts_with(prefix.as_str()),
        }
    }

    pub(super) async fn read(
        &self,
        tables: &Tables,
        search: &Search,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Read, Error> {
        let key = match self {
            Source::Listing(listing) => return in_order(listing, tables, after, limit).await,
            Source::Key(key) => key,
        };
        let ids = match key {
            Key::Id(id) => vec![id.clone()],
            Key::Email(folded) => {
                tables.users_by_email(std::slice::from_ref(folded)).await?.into_values().collect()
            }
            Key::Customer(id) => customers(*id, tables, search.application.as_ref()).await?,
        };
        let mut users = tables.users_lately(&ids).await?;
        users.retain(|user| after.is_none_or(|after| user.id.as_str() > after));
        users.sort_by(|one, other| one.id.cmp(&other.id));
        let users = users.into_iter().map(|user| (user.id.to_string(), user)).collect();
        Ok(Read { users, next: None })
    }
}

async fn in_order(
    listing: &Listing,
    tables: &Tables,
    after: Option<&str>,
    limit: usize,
) -> Result<Read, Error> {
    let listed = tables.listed(listing, after, limit).await?;
    let next = listed.last().filter(|_| listed.len() >= limit).map(|last| last.place.clone());
    let ids: Vec<UserId> = listed.iter().map(|listed| listed.user.clone()).collect();
    let mut users = tables.users_lately(&ids).await?.into_iter().peekable();
    let placed = listed
        .into_iter()
        .filter_map(|listed| users.next_if(|user| user.id == listed.user).map(|user| (listed.place, user)));
    Ok(Read { users: placed.collect(), next })
}

/// Whose customers of this number are, at this store or at all.
async fn customers(
    id: CustomerId,
    tables: &Tables,
    application: Option<&ApplicationId>,
) -> Result<Vec<UserId>, Error> {
    let everywhere = match application {
        Some(application) => vec![application.clone()],
        None => tables.applications().await?.into_iter().map(|application| application.id).collect(),
    };
    let mut users = Vec::new();
    for application in everywhere {
        let pointers = tables.pointers(&application, &[id]).await?;
        users.extend(pointers.into_values().filter(|pointer| pointer.gone.is_none()).map(|it| it.user));
    }
    users.sort();
    users.dedup();
    Ok(users)
}

/// Whether the user's names, addresses or numbers hold this text, folded.
pub(super) fn says(user: &User, folded: &str) -> bool {
    let holds = |text: &str| fold(text).contains(folded);
    let name = &user.name;
    let given_first = [name.given_name.as_deref(), name.family_name.as_deref()];
    let given_first = given_first.into_iter().flatten().collect::<Vec<_>>().join(" ");
    holds(&user.user_name)
        || holds(&given_first)
        || Order::Name.text(user).contains(folded)
        || name.formatted.as_deref().is_some_and(holds)
        || user.attributes.values().any(|text| holds(text))
        || user.emails.iter().any(|email| email.value.folded().contains(folded))
        || user.phone_numbers.iter().any(|phone| holds(&phone.value))
        || user.external_ids.values().any(|id| holds(id))
        || user.links.values().any(|link| link.customer.to_string() == folded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Sense;

    fn of(text: &str) -> Vec<Source> {
        sources(&Search { text: text.to_owned(), ..Search::default() })
    }

    fn listing(order: Order, prefix: &str) -> Source {
        Source::Listing(Listing { order, sense: Sense::Ascending, prefix: prefix.to_owned() })
    }

    #[test]
    fn what_is_typed_is_tried_as_all_that_it_may_be() {
        assert_eq!(of(" "), [listing(Order::Name, "")]);
        let both = [
            listing(Order::Name, "ada king"),
            listing(Order::Name, "king ada"),
            listing(Order::UserName, "ada king"),
        ];
        assert_eq!(of(" Ada  King"), both);
        let email = "ada@x.example".to_owned();
        let expected = [
            Source::Key(Key::Email(email.clone())),
            listing(Order::Name, &email),
            listing(Order::UserName, &email),
        ];
        assert_eq!(of("Ada@X.example"), expected);
        assert_eq!(of("#7")[0], Source::Key(Key::Customer(CustomerId::try_from(7_i64).unwrap())));
        assert!(of("-7").iter().all(|source| matches!(source, Source::Listing(_))));
    }
}
