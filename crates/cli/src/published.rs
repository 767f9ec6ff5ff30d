//! Whether a weights file is a published one.

use std::path::Path;

use anyhow::{Result, bail};
use boxel_segmenter::{NOT_PUBLISHED, WeightsFile};
use serde::Deserialize;

/// The list of models that a site offers, next to their files.
const LIST: &str = "models.json";

/// What of an entry of the list is needed here.
#[derive(Deserialize)]
struct Entry {
    file: String,
    sha256: String,
}

/// Whether the file's SHA-256 is known to Boxel or in the `models.json` next to it.
///
/// # Errors
///
/// If that list has the file with another SHA-256.
pub fn check(path: &Path, file: &WeightsFile) -> Result<bool> {
    let Some(listed) = listed(path) else {
        return Ok(file.published.is_some());
    };
    if listed != file.sha256 {
        bail!(
            "{} is damaged or another file: its SHA-256 is {}, and {LIST} next to it says {listed}; get it again",
            path.display(),
            file.sha256
        );
    }
    Ok(true)
}

/// Says on stderr that a file is not a published one.
pub fn note(name: &str, file: &WeightsFile) {
    let known = match file.has_checksum {
        true => "the checksum that Boxel wrote into it is right",
        false => "nothing shows that it is undamaged",
    };
    eprintln!("{name}: {NOT_PUBLISHED}: its SHA-256 is in no list; {known}");
}

/// The SHA-256 that the list next to a file has for it.
fn listed(path: &Path) -> Option<String> {
    let list = std::fs::read(path.with_file_name(LIST)).ok()?;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).ok()?;
    let entries = list
        .into_iter()
        .filter_map(|entry| Entry::deserialize(entry).ok());
    let name = path.file_name()?;
    let found = entries
        .into_iter()
        .find(|entry| name == entry.file.as_str());
    found.map(|entry| entry.sha256)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use boxel_segmenter::inspect;

    use super::*;
    use crate::test_folder::Folder;

    fn bundled() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/litemedsam.safetensors")
    }

    #[test]
    fn the_bundled_file_is_published_and_one_flipped_bit_makes_it_unknown() {
        let mut bytes = fs::read(bundled()).unwrap();
        let (file, _) = inspect(&bytes).unwrap();
        assert!(check(&bundled(), &file).unwrap());
        // A bit of a mantissa: the model still loads, and its masks differ.
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        let (file, _) = inspect(&bytes).unwrap();
        let folder = Folder::new("unknown");
        let path = folder.file("litemedsam.safetensors", &bytes);
        assert!(!check(&path, &file).unwrap());
        // Next to the list, the file is known and so refused.
        let refused = check(&bundled(), &file).unwrap_err().to_string();
        assert!(refused.contains("is damaged or another file"), "{refused}");
    }

    #[test]
    fn a_list_that_is_not_a_list_of_models_says_nothing() {
        let (file, _) = inspect(&fs::read(bundled()).unwrap()).unwrap();
        let folder = Folder::new("lists");
        let path = folder.path("a.safetensors");
        for list in ["", "{}", "[1, {\"file\": \"a.safetensors\"}]"] {
            folder.file(LIST, list.as_bytes());
            assert_eq!(listed(&path), None, "{list}");
        }
        let list = r#"[{ "file": "b" }, { "file": "a.safetensors", "sha256": "00", "name": "A" }]"#;
        folder.file(LIST, list.as_bytes());
        let refused = check(&path, &file).unwrap_err().to_string();
        assert!(refused.contains("says 00"), "{refused}");
    }
}
