//! One pair as it was read.

use jiff::Timestamp;

use crate::{
    application::Application,
    bigcommerce::Customer,
    plan::{CustomerSeen, Pair, UserSeen},
    user::{Link, Sent, User, UserId},
};

use super::gather::linked_customer;

/// One pair as it was read.
#[derive(Default)]
pub(super) struct Case {
    /// Which of the rows it belongs to.
    pub(super) row: usize,
    /// The user: the linked one, or else the one for whom we made the customer, or else the one with
    /// the customer's e-mail address.
    pub(super) user: Option<User>,
    /// Whose the customer was, where that user is gone; then there is no `user`.
    pub(super) gone: Option<Gone>,
    /// The customers: the linked one, or else those with the user's e-mail address.
    pub(super) customers: Vec<Customer>,
    /// Whether the user is there and meets the application's scope, if it has one.
    pub(super) in_scope: bool,
    /// What was sent to the customer and is not known to be taken.
    pub(super) sent: Option<Sent>,
    /// What this look sends, as noted.
    pub(super) noted: Option<Sent>,
    /// Once written, the user is to be looked at for all its applications.
    pub(super) user_anew: bool,
    /// Someone else changed the pair while it was read.
    pub(super) overtaken: bool,
    /// A customer with the user's e-mail address is yet to be taken from a user who is gone.
    pub(super) waits: bool,
}

/// A user that is gone.
pub(super) struct Gone {
    pub(super) user: UserId,
    pub(super) since: Timestamp,
    /// Whether nothing remembers it but the customer itself, which we made for that user.
    pub(super) unburied: bool,
}

impl Case {
    /// The user, unless it is another customer and only has this one's e-mail address.
    pub(super) fn own_user(&self, application: &Application) -> Option<&User> {
        let is_ours = |user: &&User| {
            let linked = linked_customer(user, application);
            let ours = |id| self.customers.iter().any(|customer| customer.id == Some(id));
            self.customers.is_empty() || linked.is_none_or(ours)
        };
        self.user.as_ref().filter(is_ours)
    }

    /// What makes the two a pair.
    pub(super) fn link(&self, application: &Application) -> Option<&Link> {
        self.own_user(application)?.links.get(&application.id)
    }

    /// The pair as it is planned about.
    pub(super) fn pair<'a>(&'a self, application: &'a Application) -> Pair<'a> {
        let customer = match self.customers.as_slice() {
            [] => CustomerSeen::None,
            [customer] => CustomerSeen::One(customer),
            several => CustomerSeen::Several(several),
        };
        let id = self.customers.first().and_then(|customer| customer.id);
        let user = match (&self.user, &self.gone, id) {
            (Some(user), _, _) => UserSeen::One(user),
            (None, Some(gone), Some(customer)) => {
                UserSeen::Deleted { user: &gone.user, customer, since: gone.since }
            }
            (None, ..) => UserSeen::None,
        };
        Pair { application, user, customer, in_scope: self.in_scope, sent: self.sent.as_ref() }
    }
}
