//! Starting once more when the program is opened while its last window is still closing: the one
//! that closes answers no more, and the one that opens must not give up for that.

use std::time::Duration;

/// How often this start was already tried.
const TRIED: &str = "HEALTHSYNC_STARTED_AGAIN";
const MOST: u32 = 5;
const WAIT: Duration = Duration::from_millis(400);

/// The number of the next try, if there is one.
fn next(tried: Option<&str>) -> Option<u32> {
    let tried = tried.map_or(Some(0), |t| t.parse().ok())?;
    (tried < MOST).then(|| tried + 1)
}

/// Starts the program again in place of this process and does not return; false when it was tried
/// often enough or cannot be started.
pub fn start() -> bool {
    let Some(number) = next(std::env::var(TRIED).ok().as_deref()) else { return false };
    let Ok(program) = std::env::current_exe() else { return false };
    std::thread::sleep(WAIT);
    let mut again = std::process::Command::new(program);
    again.args(std::env::args_os().skip(1)).env(TRIED, number.to_string());
    replace(&mut again)
}

#[cfg(unix)]
fn replace(again: &mut std::process::Command) -> bool {
    use std::os::unix::process::CommandExt as _;
    // Only returns when it failed.
    let _ = again.exec();
    false
}

#[cfg(not(unix))]
fn replace(again: &mut std::process::Command) -> bool {
    again.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_five_times_and_never_for_ever() {
        assert_eq!(next(None), Some(1));
        assert_eq!(next(Some("4")), Some(5));
        assert_eq!(next(Some("5")), None);
        assert_eq!(next(Some("nonsense")), None);
    }
}
