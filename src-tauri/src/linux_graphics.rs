//! WebKitGTK shows a blank window with some NVIDIA drivers. Decided from facts before GTK starts;
//! what the user set themselves wins (style.md 3.6).

/// The facts that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub nvidia: bool,
    pub wayland: bool,
}

/// The variable to set for these facts.
pub fn remedy(facts: Facts) -> Option<(&'static str, &'static str)> {
    match facts {
        Facts { nvidia: false, .. } => None,
        Facts { nvidia: true, wayland: false } => Some(("WEBKIT_DISABLE_DMABUF_RENDERER", "1")),
        Facts { nvidia: true, wayland: true } => Some(("__NV_DISABLE_EXPLICIT_SYNC", "1")),
    }
}

/// Starts the program again under the remedy, where one is needed: a variable can only be given to
/// a new process without unsafe code.
#[cfg(target_os = "linux")]
pub fn prepare() {
    use std::os::unix::process::CommandExt as _;
    let facts = Facts {
        nvidia: std::path::Path::new("/proc/driver/nvidia/version").exists(),
        wayland: std::env::var_os("WAYLAND_DISPLAY").is_some(),
    };
    let Some((name, value)) = remedy(facts) else { return };
    if std::env::var_os(name).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // Only returns when it failed; then we go on as we are.
        let _ = std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(name, value)
            .exec();
    }
}

#[cfg(not(target_os = "linux"))]
pub fn prepare() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nvidia_needs_a_remedy_and_each_display_its_own() {
        let set = |nvidia, wayland| remedy(Facts { nvidia, wayland }).map(|r| r.0);
        assert_eq!(set(false, false), None);
        assert_eq!(set(false, true), None);
        assert_eq!(set(true, false), Some("WEBKIT_DISABLE_DMABUF_RENDERER"));
        assert_eq!(set(true, true), Some("__NV_DISABLE_EXPLICIT_SYNC"));
    }
}
