//! Lints crates while Cargo compiles them, so that their dependencies are compiled once for both.
//!
//! `cargo clippy` only checks, and what it has checked of Burn is no use to a build. Cargo instead calls this program in
//! place of the compiler for the workspace's crates: it runs Clippy on the crate, and then the plain compiler, with the
//! arguments of a build without lints.

use crate::project;
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::{env, fs, process};

/// Set for a Cargo that calls this program as compiler.
const IS_COMPILER: &str = "XTASK_LINTS";

/// A copy of this program: the tests compile another one in its place.
static ITSELF: OnceLock<PathBuf> = OnceLock::new();

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
            cargo
                .env("RUSTC_WORKSPACE_WRAPPER", itself()?)
                .env(IS_COMPILER, "1");
        }
        Ok(())
    }
}

/// Copies this program to where a build leaves it alone. Before anything is compiled.
pub fn prepare() -> Result<()> {
    let folder = project::target().join("lint");
    let copy = folder.join(format!("xtask{}", env::consts::EXE_SUFFIX));
    let unfinished = folder.join(process::id().to_string());
    // A compiler may be running from the file that is there: it keeps its own.
    let copied = fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(env::current_exe()?, &unfinished))
        .and_then(|_| fs::rename(&unfinished, &copy));
    copied.with_context(|| format!("cannot copy xtask to {}", copy.display()))?;
    ITSELF.get_or_init(|| copy);
    Ok(())
}

/// The copy of this program.
pub fn itself() -> Result<&'static Path> {
    let copy = ITSELF.get().map(PathBuf::as_path);
    copy.context("xtask has not copied itself")
}

/// The result of the compiler, if Cargo has called this program in its place.
pub fn as_compiler() -> Option<ExitCode> {
    env::var_os(IS_COMPILER)?;
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let (compiler, arguments) = words.split_first()?;
    (Path::new(compiler).file_stem()? == "rustc").then(|| compile(compiler, arguments))
}

fn compile(compiler: &OsStr, arguments: &[OsString]) -> ExitCode {
    let result = lint_all(compiler, arguments).and_then(|is_clean| {
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

/// Runs Clippy on the crate, and on burn-sam without one of its backends too.
fn lint_all(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
    let Some(arguments) = to_lint(arguments) else {
        return Ok(true); // Cargo asks the compiler something
    };
    let alone = with_webgpu_alone(&arguments).map_or(Ok(true), |alone| lint(compiler, &alone));
    Ok(alone? && lint(compiler, &arguments)?)
}

/// Runs Clippy. What it writes for dependent crates is thrown away.
fn lint(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
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

/// The arguments for burn-sam with WebGPU alone, if these are for burn-sam with both of its backends: the lints for this
/// machine have Flex alone. Its dependencies keep what both need; the stage `features` has them without.
fn with_webgpu_alone(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let name = arguments.iter().position(|word| word == "--crate-name")?;
    let flex = arguments.windows(2).position(|words| {
        words[0] == "--cfg" && words[1] == "feature=\"flex\"" // as Cargo writes it
    })?;
    let has_both = arguments.iter().any(|word| word == "feature=\"webgpu\"");
    (arguments.get(name + 1)? == "burn_sam" && has_both)
        .then(|| [&arguments[..flex], &arguments[flex + 2..]].concat())
}

#[cfg(test)]
mod tests {
    use super::{to_lint, with_webgpu_alone};
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
    fn burn_sam_with_both_backends_is_linted_with_webgpu_alone_too() {
        let both =
            "--crate-name burn_sam --cfg feature=\"flex\" --cfg feature=\"webgpu\" src/lib.rs";
        let alone = "--crate-name burn_sam --cfg feature=\"webgpu\" src/lib.rs";
        assert_eq!(with_webgpu_alone(&words(both)), Some(words(alone)));
        assert_eq!(with_webgpu_alone(&words(alone)), None);
        let another = both.replace("burn_sam", "boxel_segmenter");
        assert_eq!(with_webgpu_alone(&words(&another)), None);
    }

    #[test]
    fn a_question_to_the_compiler_is_not_linted() {
        assert_eq!(to_lint(&words("- --crate-name ___ --print=cfg")), None);
        assert_eq!(to_lint(&words("-vV")), None);
    }
}
