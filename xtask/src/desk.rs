//! The two ways to see the program: its window, or a browser.

use crate::{
    Options,
    setup::{self, For},
    shell,
};
use anyhow::Result;
use std::{env, process::ExitCode};

/// Sets up, builds, and opens the desktop window.
pub fn run(options: &Options) -> Result<ExitCode> {
    if !has_display() {
        eprintln!(
            "There is no display here, so no window can open: use `xvfb-run cargo xtask run` for \
             one in memory, or `cargo xtask dev` to use the same program in a browser."
        );
        return Ok(ExitCode::FAILURE);
    }
    setup::system_packages(For::Building, options.yes)?;
    setup::page_packages()?;
    setup::page()?;
    build("healthsync-desktop", options.release)?;

    let mut window = shell::at_root(shell::binary("healthsync-desktop", options.release)?);
    window.env("HEALTHSYNC_MODELS", shell::models());
    if let Some(home) = &options.home {
        window.env("HEALTHSYNC_HOME", env::current_dir()?.join(home));
    }
    println!("Opening HealthSync.");
    let status = window.status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sets up, builds, and serves the same program to a browser on this machine.
pub fn dev(options: &Options) -> Result<ExitCode> {
    setup::system_packages(For::Building, options.yes)?;
    setup::page_packages()?;
    setup::page()?;
    build("dev-host", options.release)?;

    let home = match (&options.home, env::var_os("HEALTHSYNC_HOME")) {
        (Some(home), _) => env::current_dir()?.join(home),
        (None, Some(home)) => home.into(),
        (None, None) => shell::target_dir()?.join("dev-home"),
    };
    println!("Home: {}. The address follows; end with Ctrl+C.", home.display());
    // The program prints `listening http://127.0.0.1:PORT` itself.
    let status = shell::at_root(shell::binary("dev-host", options.release)?)
        .arg("--home")
        .arg(home)
        .args(["--port", &options.port.unwrap_or(0).to_string(), "--page", "ui/dist"])
        .env("HEALTHSYNC_MODELS", shell::models())
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build(package: &str, release: bool) -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--package", package]);
    if release {
        cargo.arg("--release");
    }
    shell::run(&mut cargo)
}

fn has_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|v| !v.is_empty()))
}
