//! Chromium with its driver, and Firefox, for the browser tests.

use super::is_root;
use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;

/// Chromium and its driver.
pub struct Browser {
    pub chromium: OsString,
    pub driver: OsString,
}

/// Finds Chromium and its driver. If they are missing, installs them on Debian as root, and otherwise says how.
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

/// Finds Firefox, or installs it on Debian as root. Without it the Firefox tests are skipped and say how to install it.
pub fn firefox() -> Option<OsString> {
    let find = || named("FIREFOX", &["firefox-esr", "firefox"]);
    if let Some(firefox) = find() {
        return Some(firefox);
    }
    if project::has("apt-get") && is_root() {
        let mut shell = project::program("sh").ok()?;
        let install = "apt-get update && apt-get install -y firefox-esr";
        let installed = command::run(
            shell
                .args(["-c", install])
                .env("DEBIAN_FRONTEND", "noninteractive"),
        );
        if let Err(error) = installed {
            println!("{error:#}");
        }
    }
    find()
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

/// The variable's value, or the first of the programs on PATH.
fn named(variable: &str, programs: &[&str]) -> Option<OsString> {
    env::var_os(variable).or_else(|| {
        let found = programs
            .iter()
            .find_map(|name| project::program(name).ok())?;
        Some(found.get_program().to_owned())
    })
}
