//! Installs everything that the tasks need in addition to Rust, at versions pinned in this repository.

mod browser;
mod deny;
mod interop;
mod node;
mod pins;

pub use browser::{browser, firefox};
pub use deny::cargo_deny;
pub use interop::interop;
pub use node::{BUNDLE, node, node_modules, to_bundle};

use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::fs;

const WASM: &str = "wasm32-unknown-unknown";

/// A package that cargo installs into `.tools/`.
struct Tool {
    package: &'static str,
    /// The programs of the package that the tasks call; each prints the package's version.
    programs: &'static [&'static str],
    /// More arguments of `cargo install`.
    install: &'static [&'static str],
    /// How fast it must run: wasm-bindgen processes a module of many MB.
    opt_level: &'static str,
    version: fn() -> Result<String>,
}

/// wasm-bindgen's command line. Its package contains no Cargo.lock, so `--locked` would fail.
const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    install: &["--no-default-features"],
    opt_level: "1",
    version: pins::wasm_bindgen,
};

/// Lists the components of a crate.
const CYCLONEDX: Tool = Tool {
    package: "cargo-cyclonedx",
    programs: &["cargo-cyclonedx"],
    install: &["--locked"],
    opt_level: "0",
    version: || Ok("0.5.9".to_owned()),
};

/// Builds and runs fuzz targets.
const FUZZ: Tool = Tool {
    package: "cargo-fuzz",
    programs: &["cargo-fuzz"],
    install: &["--locked"],
    opt_level: "0",
    version: || Ok("0.13.2".to_owned()),
};

/// Installs everything that any task needs, but for `sbom` and `fuzz`, which are seldom run.
pub fn all() -> Result<()> {
    to_compile_wasm()?;
    to_bundle()?;
    cargo_deny()?;
    interop()?;
    firefox();
    browser().map(|_| ())
}

/// Installs the Rust tools for `build`, `serve` and the tests in a browser; the browser itself is separate.
pub fn to_compile_wasm() -> Result<()> {
    wasm_target()?;
    install(&WASM_BINDGEN)
}

/// Installs the program that lists the components of a release.
pub fn to_list_components() -> Result<()> {
    install(&CYCLONEDX)
}

/// Installs the program that runs fuzz targets.
pub fn to_fuzz() -> Result<()> {
    install(&FUZZ)
}

/// Installs the standard library for wasm, if rustup has not done so from rust-toolchain.toml.
pub fn wasm_target() -> Result<()> {
    let mut rustc = project::program("rustc")?;
    let libraries = rustc.args(["--print", "target-libdir", "--target", WASM]);
    if fs::exists(command::output(libraries)?.trim()).unwrap_or(false) {
        return Ok(());
    }
    if !project::has("rustup") {
        bail!(
            "this Rust has no {WASM} library and there is no rustup to add it: install Rust with rustup"
        );
    }
    command::run(project::program("rustup")?.args(["target", "add", WASM]))
}

fn install(tool: &Tool) -> Result<()> {
    let wanted = (tool.version)()?;
    if tool
        .programs
        .iter()
        .all(|program| installed(program).is_ok_and(|version| version == wanted))
    {
        return Ok(());
    }
    eprintln!(
        "installing {} {wanted} into .tools/ (once; takes some minutes)",
        tool.package
    );
    let build = project::target().join("tools");
    let mut cargo = project::cargo(["install", tool.package, "--version", &wanted, "--force"])?;
    cargo.args(tool.install).arg("--root").arg(project::tools());
    // The tools run for seconds and are built once, so compile time matters more than speed.
    cargo
        .env("CARGO_TARGET_DIR", &build)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", tool.opt_level);
    command::run(&mut cargo)?;
    let _ = fs::remove_dir_all(build); // Only saves space.
    for program in tool.programs {
        let version = installed(program)?;
        if version != wanted {
            bail!(
                "`{program}` is {version} after installing {} {wanted}",
                tool.package
            );
        }
    }
    Ok(())
}

/// The version of a program, found in `.tools/` first and then on PATH.
fn installed(program: &str) -> Result<String> {
    let mut asked = project::program(program)?;
    if program == CYCLONEDX.package {
        asked.arg("cyclonedx"); // It knows `--version` only as cargo calls it.
    }
    let printed = command::output(asked.arg("--version"))?;
    let version = pins::printed_version(&printed);
    version.with_context(|| format!("`{program} --version` printed no version: {printed}"))
}

/// Whether this process runs as root.
fn is_root() -> bool {
    // The second number of the line `Uid:` is the effective user.
    fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        users.is_some_and(|users| users.split_whitespace().nth(1) == Some("0"))
    })
}
