//! The folder of a version: every file that may change from one version to the next has an address of its own, so a
//! page can never get another version's file.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

use super::files_in;

const PREFIX: &str = "v-";
/// Hexadecimal digits of the version's hash.
const DIGITS: usize = 12;
/// Files that keep their address: a visitor types the page's, and hosts look for the other in the site's root.
const AT_ROOT: [&str; 2] = ["index.html", "_headers"];
/// Weights are checked by their SHA-256, which is in the list of models. In the folder they would be downloaded again
/// with each version.
const WEIGHTS: &str = "models/";
const LIST_OF_MODELS: &str = "models/models.json";
const SOURCE_MAP: &str = ".map";

/// Moves the files of a version into its folder, and returns the folder's name: `v-` and the hash of all files of the
/// site.
pub fn move_files(dist: &Path) -> Result<String> {
    let files = files_in(dist)?;
    let name = name(dist, &files)?;
    for file in files.iter().filter(|file| is_moved(file)) {
        let to = dist.join(&name).join(file);
        fs::create_dir_all(to.parent().context("a file without a folder")?)?;
        fs::rename(dist.join(file), to)?;
    }
    remove_empty_folders(dist)?;
    Ok(name)
}

/// A file of a built site, wherever its version keeps it.
pub fn path_of(dist: &Path, file: &str) -> Result<PathBuf> {
    Ok(match is_moved(file) {
        true => dist.join(folder(dist)?).join(file),
        false => dist.join(file),
    })
}

fn is_moved(file: &str) -> bool {
    file == LIST_OF_MODELS || !(AT_ROOT.contains(&file) || file.starts_with(WEIGHTS))
}

/// The folder of the version in a built site.
fn folder(dist: &Path) -> Result<String> {
    let entries = fs::read_dir(dist).with_context(|| format!("cannot list {}", dist.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [name] => Ok(name.clone()),
        _ => bail!(
            "{} has {} folders {PREFIX}…, and needs one: `cargo xtask build` makes it",
            dist.display(),
            names.len()
        ),
    }
}

fn name(dist: &Path, files: &[String]) -> Result<String> {
    let mut all = Sha256::new();
    for file in files.iter().filter(|file| !file.ends_with(SOURCE_MAP)) {
        all.update(file.as_bytes());
        all.update([0]);
        all.update(Sha256::digest(fs::read(dist.join(file))?));
    }
    let hash = hex(&all.finalize());
    Ok(format!("{PREFIX}{}", &hash[..DIGITS]))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn remove_empty_folders(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty_folders(&entry.path())?;
            if fs::read_dir(entry.path())?.next().is_none() {
                fs::remove_dir(entry.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str, script: &str) -> PathBuf {
        let dist =
            std::env::temp_dir().join(format!("boxel-version-{name}-{}", std::process::id()));
        for (file, text) in [
            ("index.html", "page"),
            ("_headers", "/*"),
            ("web/main.js", script),
            ("web/main.js.map", name),
            ("models/models.json", "[]"),
            ("models/a.safetensors", "weights"),
            ("samples/a.png", "sample"),
        ] {
            let file = dist.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        dist
    }

    #[test]
    fn files_that_may_change_are_in_a_folder_named_by_what_the_site_holds() {
        let (one, same, other) = (site("a", "run();"), site("b", "run();"), site("c", "go();"));
        let names = [&one, &same, &other].map(|dist| move_files(dist).unwrap());
        let files = files_in(&one).unwrap();
        let found = path_of(&one, "models/models.json").unwrap();
        let weights = path_of(&one, "models/a.safetensors").unwrap();
        let is_there = (found.is_file(), weights.is_file());
        fs::create_dir(one.join("v-another")).unwrap();
        let two = path_of(&one, "web/main.js");
        for dist in [&one, &same, &other] {
            fs::remove_dir_all(dist).unwrap();
        }
        assert_eq!(names[0], names[1], "source maps do not count");
        assert_ne!(names[0], names[2]);
        let name = &names[0];
        assert!(name.len() == PREFIX.len() + DIGITS && name.starts_with(PREFIX));
        let expected = [
            "_headers".to_owned(),
            "index.html".to_owned(),
            "models/a.safetensors".to_owned(),
            format!("{name}/models/models.json"),
            format!("{name}/samples/a.png"),
            format!("{name}/web/main.js"),
            format!("{name}/web/main.js.map"),
        ];
        assert_eq!(files, expected);
        assert_eq!(is_there, (true, true));
        assert!(two.is_err());
    }
}
