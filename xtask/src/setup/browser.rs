//! Chromium and its driver, for the tests in a browser.

use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::{env, fs};

/// The programs of one browser.
pub struct Browser {
    pub chromium: OsString,
    pub driver: OsString,
}

/// Finds Chromium and its driver; where they are missing, installs them on Debian as root and else says how.
pub fn browser() -> Result<Browser> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    const PACKAGES: &str = "apt-get update && apt-get install -y chromium chromium-driver";
    if !(project::has("apt-get") && is_root()) {
        bail!(
            "Chromium or its driver (`chromedriver`) is not on PATH. On Debian this installs them:\n\
             sudo sh -c '{PACKAGES}'\n\
             Elsewhere install Chrome and the chromedriver of the same version, or name them in CHROMIUM and CHROMEDRIVER."
        );
    }
    let mut shell = project::program("sh")?;
    command::run(
        shell
            .args(["-c", PACKAGES])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    find().with_context(|| format!("`{PACKAGES}` left no Chromium with its driver on PATH"))
}

fn find() -> Option<Browser> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    Some(Browser {
        chromium: named("CHROMIUM", &names)?,
        driver: named("CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// What the variable says, or the first of the programs that is on PATH.
fn named(variable: &str, programs: &[&str]) -> Option<OsString> {
    env::var_os(variable).or_else(|| {
        let found = programs
            .iter()
            .find_map(|name| project::program(name).ok())?;
        Some(found.get_program().to_owned())
    })
}

/// Does this process belong to root?
fn is_root() -> bool {
    // The effective user is the second number of the line `Uid:`.
    fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        users.is_some_and(|users| users.split_whitespace().nth(1) == Some("0"))
    })
}
