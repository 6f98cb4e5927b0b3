//! Keeping the store between runs: a file with the account, the hooks and what is undelivered in its
//! first line, and a customer in each further one.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::secret::Secret;

use super::{
    Account, Error,
    delivery::Delivery,
    state::{Head, State},
};

#[derive(Serialize)]
struct FirstLine<'a> {
    account: KeptAccount,
    head: &'a Head,
    undelivered: Vec<(Timestamp, &'a Delivery)>,
}

#[derive(Deserialize)]
struct FirstLineRead {
    account: KeptAccount,
    head: Head,
    undelivered: Vec<(Timestamp, Delivery)>,
}

#[derive(Serialize, Deserialize)]
struct KeptAccount {
    store_hash: String,
    client_id: String,
    client_secret: String,
    access_token: String,
}

/// Writes everything to `path`, whole or not at all.
pub(super) fn save(path: &Path, account: &Account, state: &State, now: Timestamp) -> Result<(), Error> {
    let queued = state.queue.iter().map(|((due, _), delivery)| (*due, delivery));
    let sending = state.sending.values().map(|delivery| (now, delivery));
    let account = KeptAccount {
        store_hash: account.store_hash.clone(),
        client_id: account.client_id.clone(),
        client_secret: account.client_secret.expose().to_owned(),
        access_token: account.access_token.expose().to_owned(),
    };
    let first = FirstLine { account, head: &state.head, undelivered: sending.chain(queued).collect() };
    let beside = path.with_extension("new");
    let mut file = BufWriter::new(File::create(&beside).map_err(Error::File)?);
    line(&mut file, &first)?;
    for customer in state.customers().values() {
        line(&mut file, customer)?;
    }
    file.flush().map_err(Error::File)?;
    std::fs::rename(beside, path).map_err(Error::File)
}

fn line(file: &mut impl Write, value: &impl Serialize) -> Result<(), Error> {
    serde_json::to_writer(&mut *file, value).map_err(Error::Line)?;
    file.write_all(b"\n").map_err(Error::File)
}

/// Reads what was saved; `None` if there is no file.
pub(super) fn load(path: &Path) -> Result<Option<(Account, State)>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let mut lines = BufReader::new(File::open(path).map_err(Error::File)?).lines();
    let first = lines.next().transpose().map_err(Error::File)?.unwrap_or_default();
    let FirstLineRead { account, head, undelivered } = serde_json::from_str(&first).map_err(Error::Line)?;
    let mut state = State::default();
    state.head = head;
    for (due, delivery) in undelivered {
        state.head.last.delivery += 1;
        state.queue.insert((due, state.head.last.delivery), delivery);
    }
    for line in lines {
        state.put(serde_json::from_str(&line.map_err(Error::File)?).map_err(Error::Line)?);
    }
    let account = Account {
        store_hash: account.store_hash,
        client_id: account.client_id,
        client_secret: Secret::new(account.client_secret),
        access_token: Secret::new(account.access_token),
    };
    Ok(Some((account, state)))
}
