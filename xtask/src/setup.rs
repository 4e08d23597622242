//! What a machine needs before anything can be built, and how it gets it.

use crate::shell;
use anyhow::{Context as _, Result, bail};
use std::{fs, process::Command};

/// To build the desktop program on Debian and Ubuntu. OpenSSL is built from source: perl, make, cc.
const TO_BUILD: &[&str] = &[
    "build-essential",
    "perl",
    "pkg-config",
    "clang",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libayatana-appindicator3-dev",
    "libsoup-3.0-dev",
    "libdbus-1-dev",
];

/// To test it: a display in memory, the two browsers, a session bus with a keyring, the senders
/// and the archive of another house that pictures are exchanged with, and two that draw PDF.
const TO_TEST: &[&str] = &[
    "xvfb",
    "xauth",
    "webkit2gtk-driver",
    "chromium",
    "dbus",
    "gnome-keyring",
    "dcmtk",
    "orthanc",
    "orthanc-dicomweb",
    "poppler-utils",
    "ghostscript",
];

/// The oldest Node.js the page's tools run on.
const NODE: u32 = 20;

/// What is about to be done with the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    Building,
    Testing,
}

/// Makes sure of the system packages. Installs them as root, with sudo where the person said
/// `--yes`, and otherwise prints the one command line that does.
pub fn system_packages(what: For, yes: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return node();
    }
    if shell::first_line("dpkg-query", "--version").is_none() {
        eprintln!(
            "This is not Debian or Ubuntu, so the system libraries are not checked. Needed: \
             WebKitGTK 4.1, librsvg, libxdo, libayatana-appindicator, libsoup 3, D-Bus, clang."
        );
        return node();
    }
    let mut wanted = TO_BUILD.to_vec();
    if what == For::Testing {
        wanted.extend(TO_TEST);
    }
    let mut missing: Vec<&str> = wanted.into_iter().filter(|name| !is_installed(name)).collect();
    if shell::first_line("node", "--version").is_none() {
        missing.push("nodejs");
    }
    if shell::first_line("npm", "--version").is_none() {
        missing.push("npm");
    }
    if !missing.is_empty() {
        install(&missing, yes)?;
    }
    node()
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .output()
        .is_ok_and(|out| out.status.success() && out.stdout == b"installed")
}

fn install(packages: &[&str], yes: bool) -> Result<()> {
    let list = packages.join(" ");
    let root = shell::first_line("id", "-u").as_deref() == Some("0");
    if !root && !yes {
        bail!(
            "These system packages are missing. Install them with this one line, then run the \
             same command again (or add --yes to have it done with sudo):\n\n  \
             sudo apt-get update && sudo apt-get install -y {list}\n"
        );
    }
    println!("Installing {list}");
    let apt = |words: &[&str]| {
        let mut command = if root { shell::at_root("apt-get") } else { shell::at_root("sudo") };
        if !root {
            command.arg("apt-get");
        }
        command.args(words).args(packages.iter().filter(|_| words[0] == "install"));
        command.env("DEBIAN_FRONTEND", "noninteractive");
        shell::run(&mut command)
    };
    // A list that cannot be refreshed is no reason to give up: the package may be at hand.
    if let Err(error) = apt(&["update"]) {
        eprintln!("{error:#}");
    }
    apt(&["install", "-y", "--no-install-recommends"])
}

fn node() -> Result<()> {
    let Some(version) = shell::first_line("node", "--version") else {
        bail!("Node.js {NODE} or newer is needed to build the page: https://nodejs.org");
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < NODE) {
        bail!("Node.js {NODE} or newer is needed to build the page; this is {version}");
    }
    shell::first_line("npm", "--version").context("npm is needed beside Node.js")?;
    Ok(())
}

/// Installs the page's packages when the lock file is not the one they were installed from.
pub fn page_packages() -> Result<()> {
    let ui = shell::root().join("ui");
    let lock = fs::read(ui.join("package-lock.json")).context("ui/package-lock.json")?;
    // The mark lies among the packages, so it goes when they go.
    let mark = ui.join("node_modules/.installed-from");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    // Not `npm ci`: it refuses a lock file that leaves out the optional binaries of platforms whose
    // packages the registry at hand does not carry. This installs the locked versions, checks the
    // same hashes, fetches this platform's binaries, and leaves the lock file alone.
    shell::run(shell::node_tool("npm").args(["install", "--no-save", "--no-audit", "--no-fund"]))?;
    fs::write(mark, lock)?;
    Ok(())
}

/// Builds the page into `ui/dist`, which the desktop program carries inside itself.
pub fn page() -> Result<()> {
    shell::run(shell::node_tool("npm").args(["run", "build"]))
}
