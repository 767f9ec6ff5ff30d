//! Node, and the npm packages that the repository pins.

use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the bundler and the scripts that call it.
pub const BUNDLE: &str = "xtask/bundle";

/// Installs the npm packages for `build`.
pub fn to_bundle() -> Result<()> {
    node()?;
    node_modules(&project::root().join(BUNDLE))
}

/// Checks for Node and npm. Installing them differs too much between systems to do it here.
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
        .context("`node --version` printed no version")?;
    if major < 20 {
        bail!(
            "Node.js {} is too old: install version 20 or newer",
            version.trim()
        );
    }
    Ok(())
}

/// Installs the packages of the folder's package-lock.json, unless they are up to date. npm writes the inner file after
/// installing; a newer lock file requires a new installation.
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
    // Playwright uses the system's Chromium.
    npm.current_dir(folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    // None of the packages needs its install scripts.
    command::run(npm.args(["ci", "--ignore-scripts"]))
}
