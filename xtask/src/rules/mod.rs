//! Rules of the repository that no compiler enforces.

pub mod addresses;
mod circles;
mod dependencies;
mod paths;
mod width;

use crate::{command, project};
use anyhow::{Result, bail};
use std::fs;

/// Longer files are reported, but are not a fault.
const LONG: usize = 300;

/// `cargo xtask check`
pub fn check() -> Result<()> {
    let mut faults = dependencies::faults()?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE", "models/LICENSE"] {
        if !project::root().join(licence).is_file() {
            faults.push(format!("{licence} is missing"));
        }
    }
    let listed = command::output(project::program("git")?.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    // A listed file can't be read if it is deleted and not yet committed, or isn't UTF-8.
    let files: Vec<(String, String)> = listed
        .split('\0')
        .filter(|file| !file.is_empty())
        .filter_map(|file| {
            let text = fs::read_to_string(project::root().join(file)).ok()?;
            Some((file.to_owned(), text))
        })
        .collect();
    for (file, text) in &files {
        faults.extend(faults_in(file, text));
    }
    faults.extend(circles::faults(&files));
    if !faults.is_empty() {
        bail!(
            "{} broken:\n  {}",
            if faults.len() == 1 {
                "a rule is"
            } else {
                "rules are"
            },
            faults.join("\n  ")
        );
    }
    println!("the rules of the repository hold");
    Ok(())
}

fn faults_in(file: &str, text: &str) -> Vec<String> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_code = ["rs", "js", "mjs", "ts", "css", "html", "py"]
        .iter()
        .any(|kind| name.ends_with(&format!(".{kind}")));
    let lines = text.lines().count();
    if is_code && lines > LONG {
        eprintln!("note: {file} has {lines} lines");
    }
    // Licences are quoted verbatim, and tools write the lock files.
    if name.starts_with("LICENSE") || ["Cargo.lock", "package-lock.json"].contains(&name) {
        return Vec::new();
    }
    let mut faults: Vec<String> = addresses::absolute(text)
        .into_iter()
        .map(|(line, address)| format!("{file}:{line} names {address}"))
        .collect();
    if is_code {
        faults.extend(width::faults_in(file, text));
    }
    // The changelog names files of its time.
    if name.ends_with(".md") && name != "CHANGELOG.md" {
        faults.extend(paths::faults_in(file, text));
    }
    faults
}
