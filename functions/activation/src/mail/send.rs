//! Mails are sent in groups of as many as a second may have, at the pace that all who send share,
//! and within the quota of the day.

use futures_util::future::{join_all, try_join_all};
use jiff::{SignedDuration, Timestamp};
use shared::{
    mail::{QueuedMail, Quota},
    store,
};

use super::{
    App,
    deliver::Sent,
    letter::{Errand, Plan},
    stores::Stores,
};

/// The most mails that are under way at once.
const MOST_AT_ONCE: usize = 50;
/// How long nobody sends after SES said that it was too fast.
const SLOW_DOWN: SignedDuration = SignedDuration::from_secs(1);
/// How much of the day's quota is kept for those who wait for their mail: one in so many.
const KEPT: u64 = 50;
/// How long a mail waits while a person is asked about those that came back.
const WAIT: SignedDuration = SignedDuration::from_mins(15);

/// Sends mails during one call.
pub(super) struct Sender<'a> {
    pub(super) app: &'a App,
    pub(super) stores: Stores,
    quota: Option<Quota>,
    until: Timestamp,
}

impl Sender<'_> {
    pub(super) fn new(app: &App, until: Timestamp) -> Sender<'_> {
        Sender { app, stores: Stores::default(), quota: None, until }
    }

    /// Sends all that is due, until it is time to stop.
    pub(super) async fn drain(&mut self) -> Result<(), store::Error> {
        let mut after = None;
        loop {
            let page = self.app.tables.due_mails(self.app.clock.now(), after).await?;
            if !self.send(page.mails).await? {
                return Ok(());
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Sends those that are due; `false` where no more can be sent now. What is not sent stays due.
    pub(super) async fn send(&mut self, mut mails: Vec<QueuedMail>) -> Result<bool, store::Error> {
        mails.retain(|mail| mail.is_due(self.app.clock.now()));
        if mails.is_empty() {
            return Ok(true);
        }
        let Some(quota) = self.quota().await else { return Ok(false) };
        for group in mails.chunks(group_size(quota)) {
            if !self.send_group(group).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What may be sent, asked once a call.
    async fn quota(&mut self) -> Option<Quota> {
        if self.quota.is_none() {
            let asked = self.app.mailer.quota().await;
            let asked = asked.inspect_err(|error| tracing::warn!(?error, "mail.quota_unknown"));
            self.quota = asked.ok();
        }
        self.quota
    }

    async fn send_group(&mut self, group: &[QueuedMail]) -> Result<bool, store::Error> {
        let plans = try_join_all(group.iter().map(|row| self.plan(row.clone()))).await?;
        let mut errands = Vec::new();
        for (row, plan) in group.iter().zip(plans) {
            match plan {
                Plan::Send(errand) => errands.push(*errand),
                Plan::Drop(why) => self.app.drop_mail(row, why).await?,
                Plan::Wait => self.app.tables.delay_mail(row, self.app.clock.now() + WAIT).await?,
            }
        }
        let Some(quota) = self.quota else { return Ok(false) };
        let all = errands.len();
        errands.retain(|errand| may_go(quota, errand));
        let enough = errands.len() == all;
        if errands.is_empty() {
            return Ok(enough);
        }
        if !self.wait_for_turn(quota, errands.len()).await? {
            return Ok(false);
        }
        let sent: Vec<Sent> = join_all(errands.iter().map(|errand| self.app.deliver(errand)))
            .await
            .into_iter()
            .collect::<Result<_, _>>()?;
        Ok(self.went(&sent).await? && enough)
    }

    /// Waits until so many mails may be sent; `false` where that is too late for this call.
    async fn wait_for_turn(&self, quota: Quota, mails: usize) -> Result<bool, store::Error> {
        let begin = self.app.tables.take_pace(time_for(quota, mails)).await?;
        if begin >= self.until {
            return Ok(false);
        }
        let wait = begin.duration_since(self.app.clock.now());
        self.app.clock.sleep(wait.try_into().unwrap_or_default()).await;
        Ok(true)
    }

    /// Takes in what became of a group; `false` where no more can be sent now.
    async fn went(&mut self, sent: &[Sent]) -> Result<bool, store::Error> {
        let accepted = sent.iter().filter(|sent| matches!(sent, Sent::Accepted | Sent::Doubtful)).count();
        if let Some(left) = self.quota.as_mut().and_then(|quota| quota.left.as_mut()) {
            *left = left.saturating_sub(accepted as u64);
        }
        if sent.contains(&Sent::TooFast) {
            self.app.tables.take_pace(SLOW_DOWN).await?;
        }
        let unavailable = sent.iter().all(|sent| *sent == Sent::PutOff);
        Ok(!sent.contains(&Sent::QuotaSpent) && !unavailable && self.app.clock.now() < self.until)
    }
}

/// Those who wait for their mail come before the many.
fn may_go(quota: Quota, errand: &Errand) -> bool {
    let kept = if errand.is_awaited() { 0 } else { quota.a_day.unwrap_or_default() / KEPT };
    quota.left.is_none_or(|left| left > kept)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is small and not negative, and parts of a mail are not sent"
)]
fn group_size(quota: Quota) -> usize {
    let within_a_day = quota.left.map_or(MOST_AT_ONCE, |left| usize::try_from(left).unwrap_or(MOST_AT_ONCE));
    (quota.a_second as usize).min(within_a_day).clamp(1, MOST_AT_ONCE)
}

#[expect(clippy::cast_precision_loss, reason = "there are few mails in a group")]
fn time_for(quota: Quota, mails: usize) -> SignedDuration {
    SignedDuration::from_secs_f64(mails as f64 / quota.a_second.max(0.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(a_second: f64, left: Option<u64>) -> Quota {
        Quota { a_second, a_day: Some(200), left }
    }

    #[test]
    fn a_group_is_what_a_second_and_the_day_may_have_g80() {
        assert_eq!(group_size(quota(1.0, Some(200))), 1);
        assert_eq!(group_size(quota(14.0, Some(5))), 5);
        assert_eq!(group_size(quota(500.0, None)), 50);
        assert_eq!(group_size(quota(0.0, Some(0))), 1);
    }

    #[test]
    fn mails_take_the_time_that_the_rate_gives_them_g80() {
        assert_eq!(time_for(quota(1.0, None), 1), SignedDuration::from_secs(1));
        assert_eq!(time_for(quota(14.0, None), 14), SignedDuration::from_secs(1));
    }
}
