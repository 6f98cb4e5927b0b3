//! Channels: where a customer can sign in.

use super::{record::Rare, shop::Shop, state::State};

/// The channels that `channels` reaches; none named reaches those with global sign-in.
pub(super) fn reach(shop: &Shop, state: &State, channels: Option<&[u32]>) -> Vec<u32> {
    let all = || shop.config.channels.iter().copied();
    match channels {
        Some(channels) => channels.to_vec(),
        None => all().filter(|channel| state.head.settings.is_global(*channel)).collect(),
    }
}

/// Whether two customers can sign in at one channel; then they cannot have one e-mail address.
pub(super) fn overlap(shop: &Shop, state: &State, a: &Rare, b: &Rare) -> bool {
    if a.channels.is_none() && b.channels.is_none() {
        return true;
    }
    let other = reach(shop, state, b.channels.as_deref());
    reach(shop, state, a.channels.as_deref()).iter().any(|channel| other.contains(channel))
}
