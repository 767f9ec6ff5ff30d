//! Lints crates while Cargo compiles them, so that their dependencies are compiled once for both.
//!
//! `cargo clippy` and `cargo doc` only check, and what they have checked of Burn is no use to a build. Cargo instead calls
//! this program in place of the compiler for the workspace's crates: it runs Clippy on the crate, and then the compiler, with
//! the arguments of a build without lints. For this machine Clippy is the compiler, and the documentation is made too.

use crate::project;
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::{env, fs, process};

/// Set for a Cargo that calls this program as compiler, to what it does.
const IS_COMPILER: &str = "XTASK_LINTS";
/// Lints, then compiles as a build without lints does.
const LINTS: &str = "lints";
/// Compiles with Clippy, and checks the documentation.
const LINTS_AND_DOCUMENTS: &str = "lints and documents";

/// As `cargo clippy -- -D warnings` passes it on.
const CLIPPY_ARGS: &str = "CLIPPY_ARGS";
const WARNINGS_ARE_ERRORS: &str = "-Dwarnings";

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
            compile_by(cargo, LINTS)?;
        }
        Ok(())
    }
}

/// Cargo for native tests, with Clippy as the compiler of the workspace's crates: it compiles what it lints, so dependencies
/// are compiled once, and not checked once more for lints alone. It leaves more to LLVM than the plain compiler; the page and
/// the tests in a browser have that one.
pub fn linted<const N: usize>(args: [&str; N]) -> Result<Command> {
    let mut command = project::cargo(args)?;
    command.arg(project::WITHOUT_GPU);
    compile_by(&mut command, LINTS_AND_DOCUMENTS)?;
    // Clippy writes down what it was told by the variable; without it, Cargo finds that to have changed, and compiles again.
    command.env(CLIPPY_ARGS, WARNINGS_ARE_ERRORS);
    Ok(command)
}

/// Builds, lints and documents everything that the native tests need.
pub fn linted_build() -> Result<Command> {
    linted(["build", "--workspace", "--all-targets"])
}

fn compile_by(cargo: &mut Command, how: &str) -> Result<()> {
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", itself()?)
        .env(IS_COMPILER, how);
    Ok(())
}

/// Copies this program to where a build leaves it alone. Before anything is compiled.
pub fn prepare() -> Result<()> {
    let folder = project::target().join("lint");
    let copy = folder.join(format!("xtask{}", env::consts::EXE_SUFFIX));
    let unfinished = folder.join(process::id().to_string());
    let current = env::current_exe()?;
    // Cargo compiles everything again when the program that it calls is newer.
    let is_same =
        fs::read(&copy).is_ok_and(|bytes| fs::read(&current).is_ok_and(|now| now == bytes));
    // A compiler may be running from the file that is there: it keeps its own.
    let copied = match is_same {
        true => Ok(()),
        false => fs::create_dir_all(&folder)
            .and_then(|()| fs::copy(&current, &unfinished))
            .and_then(|_| fs::rename(&unfinished, &copy)),
    };
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
    let how = env::var_os(IS_COMPILER)?;
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let (compiler, arguments) = words.split_first()?;
    (Path::new(compiler).file_stem()? == "rustc").then(|| {
        let passed = match how == LINTS_AND_DOCUMENTS {
            true => compile_and_document(compiler, arguments),
            false => lint_and_compile(compiler, arguments),
        };
        match passed {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        }
    })
}

fn lint_and_compile(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
    Ok(
        lint_all(compiler, arguments)?
            && Command::new(compiler).args(arguments).status()?.success(),
    )
}

fn compile_and_document(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
    let status = clippy(compiler).args(arguments).status();
    if !status.context("cannot start clippy-driver")?.success() {
        return Ok(false);
    }
    match to_document(arguments) {
        Some(arguments) => in_a_folder(Command::new("rustdoc").args(arguments)),
        None => Ok(true),
    }
}

/// Runs Clippy on the crate, and on burn-sam without one of its backends too.
fn lint_all(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
    let Some(arguments) = to_lint(arguments) else {
        return Ok(true); // Cargo asks the compiler something
    };
    let alone = with_webgpu_alone(&arguments).map_or(Ok(true), |alone| lint(compiler, &alone));
    Ok(alone? && lint(compiler, &arguments)?)
}

fn lint(compiler: &OsStr, arguments: &[OsString]) -> Result<bool> {
    in_a_folder(clippy(compiler).args(arguments))
}

fn clippy(compiler: &OsStr) -> Command {
    let mut clippy = Command::new("clippy-driver");
    clippy.arg(compiler).env(CLIPPY_ARGS, WARNINGS_ARE_ERRORS);
    clippy
}

/// Runs a compiler that writes into a folder, and throws away what it wrote.
fn in_a_folder(compiler: &mut Command) -> Result<bool> {
    let folder = env::temp_dir().join(format!("boxel-lint-{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let status = compiler.arg("--out-dir").arg(&folder).status();
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    let program = compiler.get_program().to_string_lossy().into_owned();
    Ok(status
        .with_context(|| format!("cannot start {program}"))?
        .success())
}

/// The arguments for a check of the same crate, without a place for results; none if there is nothing to compile.
fn to_lint(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let mut found = without_results(arguments)?;
    found.push("--emit=metadata".into());
    Some(found)
}

/// The arguments for the documentation of the same crate, whose warnings are errors; none for tests, which have none.
fn to_document(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let documented = ["lib", "rlib", "cdylib", "bin"];
    let has = |option: &str| arguments.iter().any(|word| word == option);
    let kind = arguments
        .windows(2)
        .find(|words| words[0] == "--crate-type")?;
    let is_documented = documented.iter().any(|each| kind[1] == *each) && !has("--test");
    let is_script = arguments
        .windows(2)
        .any(|words| words[0] == "--crate-name" && words[1] == "build_script_build");
    if !is_documented || is_script {
        return None;
    }
    let mut found = without_results(arguments)?;
    found.push("-Dwarnings".into());
    Some(found)
}

/// The arguments without those about results; none if there is nothing to compile.
fn without_results(arguments: &[OsString]) -> Option<Vec<OsString>> {
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
            emitted if emitted.starts_with("--emit=") => {}
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
    use super::{to_document, to_lint, with_webgpu_alone};
    use std::ffi::OsString;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_crate_is_checked_with_the_arguments_of_its_build_and_writes_nothing_there() {
        let build = "--crate-name a src/lib.rs --json=diagnostic-rendered-ansi,artifacts,future-incompat \
            --crate-type lib --emit=dep-info,metadata,link -C opt-level=3 --out-dir target/deps --extern b=b.rmeta";
        let check = "--crate-name a src/lib.rs --json=diagnostic-rendered-ansi,future-incompat \
            --crate-type lib -C opt-level=3 --extern b=b.rmeta";
        assert_eq!(
            to_lint(&words(build)),
            Some(words(&format!("{check} --emit=metadata")))
        );
        assert_eq!(
            to_document(&words(build)),
            Some(words(&format!("{check} -Dwarnings")))
        );
    }

    #[test]
    fn tests_and_build_scripts_have_no_documentation() {
        let test = "--crate-name a src/lib.rs --emit=link --test";
        let script = "--crate-name build_script_build build.rs --crate-type bin --emit=link";
        assert_eq!(to_document(&words(test)), None);
        assert_eq!(to_document(&words(script)), None);
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
