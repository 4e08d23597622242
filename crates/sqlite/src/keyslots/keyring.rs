//! The keyring of the operating system, behind a door that never blocks.
//!
//! A minimal desktop has no keyring, and a locked one may wait for ever for a person who is not
//! there. So every call runs on a thread of its own and is given three seconds.

use std::{sync::mpsc, thread, time::Duration};
use zeroize::Zeroizing;

const SERVICE: &str = "HealthSync";
const LIMIT: Duration = Duration::from_secs(3);

/// Why the keyring cannot be used. All of these are normal; a password always works.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    #[error("the keyring did not answer within three seconds")]
    Silent,
    #[error("there is no usable keyring: {0}")]
    Failed(String),
    #[error("the keyring does not give back what was put in")]
    Forgetful,
}

/// Writes, reads and deletes a random value. Ok means that a slot may rely on the keyring.
pub fn probe() -> Result<(), Absent> {
    let account = format!("probe-{}", hex::encode(super::random_bytes::<8>()));
    let secret = super::random_key();
    store(&account, &secret)?;
    let back = read(&account);
    let gone = delete(&account);
    if back?.as_slice() != secret.as_slice() {
        return Err(Absent::Forgetful);
    }
    gone
}

/// Puts a secret under `account`.
pub fn store(account: &str, secret: &Zeroizing<[u8; 32]>) -> Result<(), Absent> {
    let secret = secret.clone();
    within_the_limit(account, move |entry| entry.set_secret(secret.as_slice()))
}

/// Reads the secret of `account`.
pub fn read(account: &str) -> Result<Zeroizing<Vec<u8>>, Absent> {
    within_the_limit(account, |entry| entry.get_secret().map(Zeroizing::new))
}

/// Deletes the secret of `account`.
pub fn delete(account: &str) -> Result<(), Absent> {
    within_the_limit(account, |entry| entry.delete_credential())
}

fn within_the_limit<T: Send + 'static>(
    account: &str,
    call: impl FnOnce(&::keyring::Entry) -> ::keyring::Result<T> + Send + 'static,
) -> Result<T, Absent> {
    let account = account.to_owned();
    let (answer, wait) = mpsc::channel();
    let spawned = thread::Builder::new().name("keyring".into()).spawn(move || {
        let result = ::keyring::Entry::new(SERVICE, &account).and_then(|entry| call(&entry));
        // Nobody listens any more when the limit has passed.
        let _ = answer.send(result.map_err(|error| error.to_string()));
    });
    if let Err(error) = spawned {
        return Err(Absent::Failed(error.to_string()));
    }
    match wait.recv_timeout(LIMIT) {
        Ok(result) => result.map_err(Absent::Failed),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Absent::Silent),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(Absent::Failed("the keyring library gave up".into()))
        }
    }
}
