//! What a link leads to: the user, the stores that the password is for, and its rules.

use futures_util::future::try_join_all;
use shared::{
    activation::Step,
    application::{ActivationSettings, Application, ApplicationId},
    bigcommerce::CustomerId,
    mail::Language,
    one_time::{OneTimeLink, Purpose, Token},
    password::{Rules, StoreRule},
    store,
    user::User,
};

use super::{App, Trouble, dead::Dead};

/// What a link leads to.
pub(super) struct Case {
    pub(super) link: OneTimeLink,
    pub(super) user: User,
    /// Those that the user is a customer of.
    pub(super) stores: Vec<Store>,
}

/// A store that the password is for.
pub(super) struct Store {
    pub(super) application: Application,
    pub(super) settings: ActivationSettings,
    pub(super) customer: CustomerId,
}

impl App {
    /// What the link with this token leads to, or why it leads nowhere.
    pub(super) async fn case(&self, token: &Token) -> Result<Result<Case, Dead>, Trouble> {
        let link = self.tables.one_time_link(&token.hash()).await?;
        let Some(link) = link.filter(|link| link.purpose != Purpose::SignIn) else {
            return Ok(Err(Dead::Unknown));
        };
        if let Some(dead) = Dead::of(link.standing(self.clock.now())) {
            return Ok(Err(dead));
        }
        let user = self.tables.user(&link.subject.clone().into()).await?;
        // Who is gone, or is reached elsewhere now, has no use of what was sent there.
        let has_address = |user: &User| user.folded_emails().contains(&link.email.folded());
        let Some(user) = user.filter(|user| user.active && has_address(user)) else {
            return Ok(Err(Dead::Unknown));
        };
        let stores = self.stores(&user, link.application.as_ref()).await?;
        Ok(Ok(Case { link, user, stores }))
    }

    /// The stores that the user is a customer of, the one in whose name the mail was sent first.
    async fn stores(&self, user: &User, first: Option<&ApplicationId>) -> Result<Vec<Store>, store::Error> {
        // Who was offboarded somewhere is not to be let in there by a password.
        let linked = user.links.iter().filter(|(_, link)| link.held.is_none());
        let all = linked.map(async |(id, link)| self.store(id, link.customer).await);
        let mut stores: Vec<Store> = try_join_all(all).await?.into_iter().flatten().collect();
        stores.sort_by_key(|store| Some(&store.application.id) != first);
        Ok(stores)
    }

    async fn store(&self, id: &ApplicationId, customer: CustomerId) -> Result<Option<Store>, store::Error> {
        let (application, settings) =
            futures_util::try_join!(self.tables.application(id), self.tables.activation_settings(id))?;
        Ok(application.map(|application| Store { application, settings, customer }))
    }

    /// Notes that the page was opened, where a mail led to it.
    pub(super) async fn note_opened(&self, case: &Case) -> Result<(), Trouble> {
        if let Some(application) = &case.link.application {
            let now = self.clock.now();
            self.tables.set_activation(&case.user.id, application, &Step::Opened, now).await?;
        }
        Ok(())
    }
}

impl Store {
    /// The name that people know it by.
    pub(super) fn name(&self) -> &str {
        self.settings.display_name.as_deref().unwrap_or(&self.application.name)
    }
}

impl Case {
    /// What satisfies every store.
    pub(super) fn rules(&self) -> Rules {
        let all = self.stores.iter().map(|store| store.settings.rules());
        all.reduce(Rules::and).unwrap_or(Rules::new(0, StoreRule::default()))
    }

    /// What the password must not be made of.
    pub(super) fn names(&self) -> Vec<&str> {
        let user = &self.user;
        let parts = [&user.name.given_name, &user.name.family_name, &user.name.formatted];
        let mut names = vec![user.user_name.as_str()];
        names.extend(parts.into_iter().flatten().map(String::as_str));
        names.extend(
            ["displayName", "nickName"]
                .iter()
                .filter_map(|name| user.attributes.get(*name))
                .map(String::as_str),
        );
        names.extend(user.emails.iter().map(|email| email.value.as_str()));
        names.extend(self.stores.iter().flat_map(|store| [store.name(), &store.application.name]));
        names
    }

    /// The language of the user, or else of the store.
    pub(super) fn language(&self) -> Option<Language> {
        Language::of_user(&self.user)
    }

    /// The stores' names, for a sentence.
    pub(super) fn at(&self) -> String {
        self.stores.iter().map(Store::name).collect::<Vec<_>>().join(", ")
    }
}
