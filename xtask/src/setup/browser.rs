//! Chromium and its driver, for the tests in a browser.

use crate::{command, project};
use anyhow::{Result, bail};
use std::env;
use std::ffi::OsString;
use std::fs;

/// Finds Chromium and its driver; where they are missing, installs them on Debian as root and else says how.
pub fn browser() -> Result<()> {
    if found() {
        return Ok(());
    }
    const PACKAGES: &str =
        "apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver";
    if !(project::has("apt-get") && is_root()) {
        bail!(
            "Chromium or its driver (`chromedriver`) is not on PATH. On Debian this installs them:\n\
             sudo sh -c '{PACKAGES}'\n\
             Elsewhere install Chrome and the chromedriver of the same version."
        );
    }
    let mut shell = project::program("sh")?;
    command::run(
        shell
            .args(["-c", PACKAGES])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    if !found() {
        bail!("`{PACKAGES}` left no Chromium with its driver on PATH");
    }
    Ok(())
}

/// The driver's path: what CHROMEDRIVER says, or the one on PATH.
pub fn driver() -> Result<OsString> {
    match env::var_os("CHROMEDRIVER") {
        Some(driver) => Ok(driver),
        None => Ok(project::program("chromedriver")?.get_program().to_owned()),
    }
}

fn found() -> bool {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    driver().is_ok() && names.iter().any(|name| project::has(name))
}

/// Does this process belong to root?
fn is_root() -> bool {
    // The effective user is the second number of the line `Uid:`.
    fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        users.is_some_and(|users| users.split_whitespace().nth(1) == Some("0"))
    })
}
