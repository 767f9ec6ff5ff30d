//! Paths of the repository, and the programs that its tasks call.

use anyhow::{Context, Result};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The repository's root.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // `cargo run` sets the variable at run time. The path at compile time may be outdated: a build folder can be moved.
        let xtask =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let mut root = PathBuf::from(xtask);
        root.pop();
        root
    });
    &ROOT
}

/// Leaves WebGPU, half of all dependencies, out of native builds, which then take half the time. Wasm builds include it,
/// and it is tested in Chromium.
pub const WITHOUT_GPU: &str = "--no-default-features";

/// Cargo's build folder.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The folder of the pinned tools; `cargo install` fills its `bin`.
pub fn tools() -> PathBuf {
    root().join(".tools")
}

/// PATH with the pinned tools first.
fn path() -> Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(tools().join("bin")).chain(env::split_paths(&inherited));
    env::join_paths(folders).context("PATH contains a folder whose name can't be part of a PATH")
}

/// A program found in the pinned tools or on PATH, to run in the repository's root.
pub fn program(name: &str) -> Result<Command> {
    let path = path()?;
    let found = find(name, &path).with_context(|| format!("`{name}` is not on PATH"))?;
    let mut command = Command::new(found);
    command.current_dir(root()).env("PATH", path);
    Ok(command)
}

/// Cargo, of the current toolchain.
pub fn cargo<const N: usize>(args: [&str; N]) -> Result<Command> {
    let mut command = program("cargo")?;
    command.args(args);
    Ok(command)
}

/// Whether the program is among the pinned tools or on PATH.
pub fn has(name: &str) -> bool {
    path().is_ok_and(|path| find(name, &path).is_some())
}

fn find(name: &str, path: &OsString) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd"]
    } else {
        &[""]
    };
    env::split_paths(path)
        .flat_map(|folder| {
            endings
                .iter()
                .map(move |end| folder.join(format!("{name}{end}")))
        })
        .find(|file| file.is_file())
}
