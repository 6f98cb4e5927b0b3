//! The data directory: who uses it, and what is where in it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use shared::{
    clock::{Clock, random_bytes, random_id},
    secret::Secret,
    vault::{self, Vault},
};

use super::Time;
use crate::engine::Keep;

/// What the tables look like; another number where they no longer can be read as before.
const FORMAT: &str = "3";

/// Where the data is, for as long as it is in use.
pub(super) struct Data(Place);

enum Place {
    /// In the engine's own memory, so that items expire by a clock that is moved by hand.
    Engine,
    /// In SQLite's memory.
    Memory,
    /// In a directory; the open file holds the lock.
    Directory(PathBuf, #[expect(dead_code, reason = "dropping it ends the lock")] File),
}

/// A stack of another process.
pub struct Running {
    /// The address of its API, without a slash at the end.
    pub api: String,
    /// The token that opens it, once it has made one.
    pub token: Option<Secret>,
}

/// The stack that runs with the data in `directory`, if one does.
pub fn running(directory: &Path) -> Option<Running> {
    let lock = File::open(directory.join("lock")).ok()?;
    let is_held = matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock));
    let port: u16 = fs::read_to_string(directory.join("port")).ok()?.trim().parse().ok()?;
    let token = fs::read_to_string(directory.join("token")).ok().map(Secret::new);
    is_held.then(|| Running { api: format!("http://127.0.0.1:{port}"), token })
}

/// Why the data cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process uses the directory.
    #[error(
        "the data directory {0} is in use (one process at a time: stop process {1}, or name another \
         directory with --data-dir)"
    )]
    InUse(PathBuf, String),
    /// The directory or a file in it cannot be read or written.
    #[error("the data directory {0} cannot be used (it must be a directory of this user's)")]
    Unfit(PathBuf, #[source] io::Error),
    /// The rows in the directory are of another shape.
    #[error(
        "the data directory {0} cannot be used (another version of this program wrote it: delete it, \
         or name another directory with --data-dir)"
    )]
    OtherFormat(PathBuf),
    /// The key that seals secrets cannot be had.
    #[error("the vault cannot be opened")]
    Vault(#[source] vault::Error),
}

impl Data {
    pub(super) fn open(directory: Option<&Path>, time: &Time) -> Result<Data, Error> {
        Ok(Data(match (directory, time) {
            (None, Time::ByHand(_)) => Place::Engine,
            (None, Time::Machine) => Place::Memory,
            (Some(directory), _) => {
                let lock = lock(directory)?;
                check_format(directory)?;
                Place::Directory(directory.to_owned(), lock)
            }
        }))
    }

    pub(super) fn keep(&self, clock: &Clock) -> Keep {
        match &self.0 {
            Place::Engine => Keep::Memory(clock.clone()),
            Place::Memory => Keep::File(format!("file:{}?mode=memory&cache=shared", random_id()).into()),
            Place::Directory(directory, _) => Keep::File(directory.join("engine.db")),
        }
    }

    /// The file of the simulated store.
    pub(super) fn store(&self) -> Option<PathBuf> {
        self.file("store.jsonl")
    }

    pub(super) fn vault(&self) -> Result<Vault, Error> {
        let vault = match self.file("vault.key") {
            None => {
                let key: String = random_bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
                Vault::new(&Secret::new(key))
            }
            Some(path) if path.exists() => Vault::from_file(&path.to_string_lossy()),
            Some(path) => Vault::create_file(&path.to_string_lossy()),
        };
        vault.map_err(Error::Vault)
    }

    /// Starts at the port that was asked for, or else at that of the last run, or else at any: who
    /// knows the address from the last run finds it again where that can be.
    pub(super) async fn with_port<T, E>(
        &self,
        asked: u16,
        start: impl AsyncFn(u16) -> Result<T, E>,
    ) -> Result<T, E> {
        let last = self.file("port").and_then(|path| fs::read_to_string(path).ok()?.trim().parse().ok());
        if let (0, Some(last)) = (asked, last)
            && let Ok(started) = start(last).await
        {
            return Ok(started);
        }
        start(asked).await
    }

    pub(super) fn remember_port(&self, url: &str) -> Result<(), Error> {
        let port = url.rsplit(':').next().unwrap_or_default();
        match self.file("port") {
            Some(path) => fs::write(&path, port).map_err(|error| Error::Unfit(path, error)),
            None => Ok(()),
        }
    }

    /// The token of the last run, if there was one.
    pub(super) fn token(&self) -> Option<Secret> {
        fs::read_to_string(self.file("token")?).ok().map(Secret::new)
    }

    /// Keeps the token for the next run; nobody else may read it.
    pub(super) fn remember_token(&self, token: &Secret) -> Result<(), Error> {
        let Some(path) = self.file("token") else { return Ok(()) };
        let mut options = File::options();
        private(options.write(true).create(true).truncate(true))
            .open(&path)
            .and_then(|mut file| file.write_all(token.expose().as_bytes()))
            .map_err(|error| Error::Unfit(path, error))
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        match &self.0 {
            Place::Directory(directory, _) => Some(directory.join(name)),
            Place::Engine | Place::Memory => None,
        }
    }
}

fn lock(directory: &Path) -> Result<File, Error> {
    let unfit = |error| Error::Unfit(directory.to_owned(), error);
    create_private(directory).map_err(unfit)?;
    let path = directory.join("lock");
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(unfit)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&path).unwrap_or_default();
            return Err(Error::InUse(directory.to_owned(), holder.trim().to_owned()));
        }
        Err(TryLockError::Error(error)) => return Err(unfit(error)),
    }
    file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(unfit)?;
    Ok(file)
}

/// A file that nobody else may read. Where the system knows no such mode, the directory's rights hold.
#[cfg(unix)]
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    options
}

/// Tables of another format would be half understood: counts, say, would be wrong.
fn check_format(directory: &Path) -> Result<(), Error> {
    let path = directory.join("format");
    let is_new = !directory.join("engine.db").exists();
    match fs::read_to_string(&path) {
        Ok(format) if format.trim() == FORMAT => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_new => {
            fs::write(&path, FORMAT).map_err(|error| Error::Unfit(path, error))
        }
        Ok(_) => Err(Error::OtherFormat(directory.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Error::OtherFormat(directory.to_owned()))
        }
        Err(error) => Err(Error::Unfit(path, error)),
    }
}

/// The store's credentials are in there.
#[cfg(unix)]
fn create_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn create_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}
