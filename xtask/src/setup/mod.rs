//! What the tasks need beside Rust: installed where it is missing, at versions written down in this repository.

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
use std::path::PathBuf;

const WASM: &str = "wasm32-unknown-unknown";

/// A program that is installed by cargo into `.tools/`.
struct Tool {
    package: &'static str,
    /// The programs of the package that the tasks call; each prints the package's version.
    programs: &'static [&'static str],
    /// Further arguments of `cargo install`.
    install: &'static [&'static str],
    /// wasm-bindgen walks through a module of many MB, Trunk only copies files.
    opt_level: &'static str,
    version: fn() -> Result<String>,
}

/// The command line's half of wasm-bindgen. Its package holds no Cargo.lock, so that `--locked` would be refused.
const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    install: &["--no-default-features"],
    opt_level: "1",
    version: pins::wasm_bindgen,
};

/// Without its default features Trunk has no TLS, and so cannot download anything.
const TRUNK: Tool = Tool {
    package: "trunk",
    programs: &["trunk"],
    install: &["--locked", "--no-default-features"],
    opt_level: "0",
    version: pins::trunk,
};

/// Everything that any task needs.
pub fn all() -> Result<()> {
    to_build_the_page()?;
    to_bundle()?;
    to_test_wasm()?;
    cargo_deny()?;
    interop()?;
    firefox();
    browser().map(|_| ())
}

/// What `build` and `serve` need, Rust's part.
pub fn to_build_the_page() -> Result<()> {
    wasm_target()?;
    install(&WASM_BINDGEN)?;
    install(&TRUNK)?;
    fetch()
}

/// What the wasm tests need, without the browser: the program that runs them in one.
pub fn to_test_wasm() -> Result<PathBuf> {
    wasm_target()?;
    install(&WASM_BINDGEN)?;
    Ok(project::tools().join("bin/wasm-bindgen-test-runner"))
}

/// The standard library for wasm. rustup installs it by itself from rust-toolchain.toml, unless it was told not to.
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

/// Trunk calls cargo offline, so what it compiles must be there before: for wasm, and for the macros on this machine.
fn fetch() -> Result<()> {
    let here = command::output(project::program("rustc")?.args(["--print", "host-tuple"]))?;
    let mut cargo = project::cargo(["fetch", "--target", WASM, "--target"])?;
    command::run(cargo.arg(here.trim()))
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
        "installing {} {wanted} into .tools/ (once; some minutes)",
        tool.package
    );
    let build = project::target().join("tools");
    let mut cargo = project::cargo(["install", tool.package, "--version", &wanted, "--force"])?;
    cargo.args(tool.install).arg("--root").arg(project::tools());
    // They run for seconds and are built once: what counts is how fast they compile.
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

/// The version of a program, of the first one found in `.tools/` and on PATH.
fn installed(program: &str) -> Result<String> {
    let printed = command::output(project::program(program)?.arg("--version"))?;
    let version = pins::printed_version(&printed);
    version.with_context(|| format!("`{program} --version` printed no version: {printed}"))
}

/// Does this process belong to root?
fn is_root() -> bool {
    // The effective user is the second number of the line `Uid:`.
    fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        users.is_some_and(|users| users.split_whitespace().nth(1) == Some("0"))
    })
}
