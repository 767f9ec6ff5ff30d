//! Node, and the packages of npm that the repository pins.

use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The bundler of the page's scripts, with the scripts that call it.
pub const BUNDLE: &str = "xtask/bundle";

/// What `build` needs beside Rust.
pub fn to_bundle() -> Result<()> {
    node()?;
    node_modules(&project::root().join(BUNDLE))
}

/// Node and npm, which are not installed for you: how differs too much from system to system.
pub fn node() -> Result<()> {
    for program in ["node", "npm"] {
        if !project::has(program) {
            bail!("`{program}` is not on PATH: install Node.js 20 or newer, with npm");
        }
    }
    let version = command::output(project::program("node")?.arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    let major: u32 = major
        .and_then(|word| word.parse().ok())
        .context("`node --version` names no version")?;
    if major < 20 {
        bail!(
            "Node.js is {}: version 20 or newer is needed",
            version.trim()
        );
    }
    Ok(())
}

/// Installs what the folder's package-lock.json lists, where that has not been done. npm writes the inner file when it
/// has installed; a newer lock file asks for another installation.
pub fn node_modules(folder: &Path) -> Result<()> {
    let changed = |file: &str| {
        let file: PathBuf = folder.join(file);
        fs::metadata(file).and_then(|file| file.modified()).ok()
    };
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return Ok(());
    }
    let mut npm = project::program("npm")?;
    // Playwright drives the system's Chromium.
    npm.current_dir(folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    // None of the packages needs its scripts of installation.
    command::run(npm.args(["ci", "--ignore-scripts"]))
}
