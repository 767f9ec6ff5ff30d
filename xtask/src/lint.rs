//! Lints crates while Cargo compiles them, so that their dependencies are compiled once for both.
//!
//! `cargo clippy` only checks, and what it has checked of Burn is no use to a build. Cargo instead calls this program in
//! place of the compiler for the workspace's crates: it runs Clippy on the crate, and then the plain compiler, with the
//! arguments of a build without lints.

use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;
use std::{env, fs, process};

/// Set for a Cargo that calls this program as compiler.
const IS_COMPILER: &str = "XTASK_LINTS";

/// This program's file. Read at the start: the tests compile another one in its place.
static ITSELF: LazyLock<Option<PathBuf>> = LazyLock::new(|| env::current_exe().ok());

/// Whether a build lints the crates of the workspace, as the tests do.
#[derive(Clone, Copy)]
pub enum Lints {
    On,
    Off,
}

impl Lints {
    /// Lets this Cargo lint what it compiles of the workspace, or leaves it as it is.
    pub fn apply(self, cargo: &mut Command) -> Result<()> {
        if let Self::On = self {
            let itself = ITSELF.as_ref().context("cannot find xtask's own file")?;
            cargo
                .env("RUSTC_WORKSPACE_WRAPPER", itself)
                .env(IS_COMPILER, "1");
        }
        Ok(())
    }
}

/// The result of the compiler, if Cargo has called this program in its place.
pub fn as_compiler() -> Option<ExitCode> {
    LazyLock::force(&ITSELF);
    env::var_os(IS_COMPILER)?;
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let (compiler, arguments) = words.split_first()?;
    (Path::new(compiler).file_stem()? == "rustc").then(|| compile(compiler, arguments))
}

fn compile(compiler: &OsStr, arguments: &[OsString]) -> ExitCode {
    let result = lint(compiler, arguments).and_then(|is_clean| {
        if !is_clean {
            return Ok(ExitCode::FAILURE);
        }
        let status = Command::new(compiler).args(arguments).status()?;
        Ok(if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    });
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Runs Clippy. What it writes for dependent crates is thrown away.
fn lint(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
    let Some(arguments) = to_lint(arguments) else {
        return Ok(true); // Cargo asks the compiler something
    };
    let folder = env::temp_dir().join(format!("boxel-lint-{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let status = Command::new("clippy-driver")
        .arg(compiler)
        .args(arguments)
        .arg("--out-dir")
        .arg(&folder)
        // As `cargo clippy -- -D warnings` passes them on.
        .env("CLIPPY_ARGS", "-Dwarnings")
        .status();
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    Ok(status.context("cannot start clippy-driver")?.success())
}

/// The arguments for a check of the same crate, without a place for results; none if there is nothing to compile.
fn to_lint(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    if !arguments
        .iter()
        .any(|word| text(word).starts_with("--emit"))
    {
        return None;
    }
    let mut found = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match text(word) {
            place if place == "--out-dir" => _ = words.next(),
            emitted if emitted.starts_with("--emit=") => found.push("--emit=metadata".into()),
            // Cargo starts dependent crates once it hears of a result: it must hear only of the compiler's.
            messages if messages.starts_with("--json=") => {
                let rest = messages["--json=".len()..].split(',');
                let kept: Vec<&str> = rest.filter(|kind| *kind != "artifacts").collect();
                found.push(format!("--json={}", kept.join(",")).into());
            }
            _ => found.push(word.clone()),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::to_lint;
    use std::ffi::OsString;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_crate_is_checked_with_the_arguments_of_its_build_and_writes_nothing_there() {
        let build = "--crate-name a src/lib.rs --json=diagnostic-rendered-ansi,artifacts,future-incompat \
            --crate-type lib --emit=dep-info,metadata,link -C opt-level=3 --out-dir target/deps --extern b=b.rmeta";
        let check = "--crate-name a src/lib.rs --json=diagnostic-rendered-ansi,future-incompat \
            --crate-type lib --emit=metadata -C opt-level=3 --extern b=b.rmeta";
        assert_eq!(to_lint(&words(build)), Some(words(check)));
    }

    #[test]
    fn a_question_to_the_compiler_is_not_linted() {
        assert_eq!(to_lint(&words("- --crate-name ___ --print=cfg")), None);
        assert_eq!(to_lint(&words("-vV")), None);
    }
}
