//! The walk of a wave over its users: page by page, resumable, and without a second mail for who
//! was sent one of the same wave.

use futures_util::future::{join_all, try_join_all};
use jiff::{SignedDuration, Timestamp};
use shared::{
    activation::{Activation, Selection, Skipped, Step, Wave, WaveCounts, WaveState},
    application::ApplicationId,
    client::ClientId,
    import::RunId,
    mail::{Mail, MailId, Recipient},
    profile::ProfileField,
    scim::{Filter, Schemas, user_resource},
    store,
    user::{User, UserId},
};

use super::App;

/// How many users are gone over at a time.
const USERS_A_PAGE: usize = 100;
/// For how long nobody is sent a second mail who is not named.
const RECENT: SignedDuration = SignedDuration::from_hours(24);
/// How many mails are asked for at once.
const AT_ONCE: usize = 20;

/// Users, and from where to go on; `None`: there are no more.
struct Page {
    users: Vec<User>,
    /// How many were looked at to find them.
    seen: usize,
    next: Option<String>,
}

impl App {
    /// Goes on with a wave until all its users were gone over, or it is time to stop.
    pub(super) async fn walk_wave(&self, id: &RunId, until: Timestamp) -> Result<(), store::Error> {
        if !self.tables.hold_wave(id, self.clock.now()).await? {
            return Ok(());
        }
        loop {
            let wave = self.tables.wave(id).await?.filter(|wave| wave.state == WaveState::Active);
            let Some(wave) = wave else { return self.tables.finish_wave(id).await };
            if self.clock.now() >= until {
                return self.tables.hand_back_wave(id).await;
            }
            self.walk_page(&wave).await?;
        }
    }

    async fn walk_page(&self, wave: &Wave) -> Result<(), store::Error> {
        let page = self.page(wave).await?;
        let mut counts = wave.counts.clone();
        counts.seen += page.seen as u64;
        let wanted = self.wanted(wave, page.users, &mut counts).await?;
        self.ask(wave, &wanted).await?;
        let state = if page.next.is_some() { WaveState::Active } else { WaveState::Walked };
        let after = page.next.unwrap_or_else(|| wave.after.clone());
        // Where somebody wrote it meanwhile, the page is gone over again, and asks for no second mail.
        self.tables.put_wave(wave, &Wave { state, after, counts, ..wave.clone() }).await.map(drop)
    }

    async fn page(&self, wave: &Wave) -> Result<Page, store::Error> {
        match &wave.selection {
            Selection::Users(ids) => {
                let begin = wave.after.parse().unwrap_or(0).min(ids.len());
                let end = (begin + USERS_A_PAGE).min(ids.len());
                let found = self.tables.users(&ids[begin..end]).await?;
                let next = (end < ids.len()).then(|| end.to_string());
                Ok(Page { users: found.into_values().collect(), seen: end - begin, next })
            }
            Selection::NeverSet => self.page_of_all(wave).await,
            Selection::Filter(filter) => {
                let page = self.page_of_all(wave).await?;
                let audience = Audience { filter, fields: self.tables.profile_fields().await? };
                Ok(Page { users: audience.of(page.users), ..page })
            }
        }
    }

    async fn page_of_all(&self, wave: &Wave) -> Result<Page, store::Error> {
        let after = Some(&wave.after).filter(|after| !after.is_empty()).cloned().map(UserId::from);
        let users = self.tables.page_of_users(after.as_ref(), USERS_A_PAGE).await?;
        let next = users.last().filter(|_| users.len() == USERS_A_PAGE).map(|user| user.id.to_string());
        Ok(Page { seen: users.len(), users, next })
    }

    /// Those who are to get a mail; the others are counted by the reason.
    async fn wanted(
        &self,
        wave: &Wave,
        users: Vec<User>,
        counts: &mut WaveCounts,
    ) -> Result<Vec<UserId>, store::Error> {
        let application = wave.id.application();
        let ids: Vec<UserId> = users.iter().map(|user| user.id.clone()).collect();
        let activations = self.tables.activations_of(application, &ids).await?;
        let none = Activation::default();
        let judged = try_join_all(
            users.iter().map(|user| self.judge(wave, user, activations.get(&user.id).unwrap_or(&none))),
        )
        .await?;
        let mut wanted = Vec::new();
        for (user, verdict) in users.into_iter().zip(judged) {
            match verdict {
                Verdict::Wanted => wanted.push(user.id),
                Verdict::WasSent => counts.queued += 1,
                Verdict::Skipped(why) => *counts.skipped.entry(why).or_default() += 1,
            }
        }
        counts.queued += wanted.len() as u64;
        Ok(wanted)
    }

    async fn judge(
        &self,
        wave: &Wave,
        user: &User,
        activation: &Activation,
    ) -> Result<Verdict, store::Error> {
        if let Some(verdict) = judged(wave, user, activation, self.clock.now()) {
            return Ok(verdict);
        }
        let email = user.primary_email().map(|email| &email.value);
        let Some(email) = email.filter(|email| Recipient::new(email.as_str()).is_ok()) else {
            return Ok(Verdict::Skipped(Skipped::NoAddress));
        };
        let refused = self.tables.suppression(email).await?.is_some();
        Ok(if refused { Verdict::Skipped(Skipped::Refused) } else { Verdict::Wanted })
    }

    /// Asks for the mails before it is said that they are on their way: who is cut off between asks
    /// for the same rows again.
    async fn ask(&self, wave: &Wave, users: &[UserId]) -> Result<(), store::Error> {
        let (application, id) = (wave.id.application(), wave.id.to_string());
        for users in users.chunks(AT_ONCE) {
            let asked = join_all(users.iter().map(|user| self.ask_one(application, &id, user))).await;
            asked.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    async fn ask_one(
        &self,
        application: &ApplicationId,
        wave: &str,
        user: &UserId,
    ) -> Result<(), store::Error> {
        let mail = Mail::Activation {
            user: user.clone(),
            application: application.clone(),
            wave: Some(wave.to_owned()),
            reminder: 0,
        };
        self.tables.queue_mail(&MailId::activation(application, user), &mail).await?;
        self.tables.set_activation(user, application, &Step::Queued, self.clock.now()).await.map(drop)
    }
}

enum Verdict {
    Wanted,
    /// A mail of this wave was sent before the wave was begun again.
    WasSent,
    Skipped(Skipped),
}

/// What the user and the activation alone tell.
fn judged(wave: &Wave, user: &User, activation: &Activation, now: Timestamp) -> Option<Verdict> {
    let named = matches!(wave.selection, Selection::Users(_));
    let recent = activation.sent_at.is_some_and(|at| now.duration_since(at) < RECENT);
    if activation.wave.as_deref() == Some(wave.id.to_string().as_str()) {
        return Some(Verdict::WasSent);
    }
    let why = if activation.state.is_done() {
        Skipped::Done
    } else if !user.active {
        Skipped::Inactive
    } else if !user.links.contains_key(wave.id.application()) {
        Skipped::NotLinked
    } else if recent && !named {
        Skipped::Recent
    } else {
        return None;
    };
    Some(Verdict::Skipped(why))
}

/// Those who meet a filter.
struct Audience<'a> {
    filter: &'a Filter,
    fields: Vec<ProfileField>,
}

impl Audience<'_> {
    fn of(&self, users: Vec<User>) -> Vec<User> {
        // What each client calls a user is that client's own: no wave is about it.
        let Ok(reader) = ClientId::try_from("wave".to_owned()) else { return Vec::new() };
        let schemas = Schemas::user(&self.fields);
        let meets = |user: &User| {
            let groups: Vec<_> = user.groups.iter().map(|id| (id.clone(), id.to_string())).collect();
            self.filter.matches(&user_resource(user, &reader, "", &groups, &self.fields), &schemas)
        };
        users.into_iter().filter(meets).collect()
    }
}
