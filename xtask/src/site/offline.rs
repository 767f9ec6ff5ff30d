//! The service worker, with the list of the files that it caches.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::files_in;

const SOURCE: &str = "web/offline/service_worker.js";
/// At the root, because a service worker's scope is its own folder.
pub const WORKER: &str = "service-worker.js";
/// Hosts read it; no page does.
const NEVER_KEPT: [&str; 2] = ["_headers", WORKER];
/// Compressed forms of listed files, and source maps, which only a debugger requests.
const NEVER_KEPT_ENDINGS: [&str; 3] = [".br", ".gz", ".map"];

/// Moves the worker to the site's root and prepends the list of all files with their SHA-256. So a change of any file
/// changes the worker, which is how browsers notice a new version.
pub fn write_worker(dist: &Path) -> Result<()> {
    let source = dist.join(SOURCE);
    let script =
        fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    fs::remove_file(&source)?;
    let list = serde_json::to_string_pretty(&hashes(dist)?)?;
    let text = format!("globalThis.BOXEL_FILES = {list};\n{script}");
    fs::write(dist.join(WORKER), text)?;
    Ok(())
}

/// The files that the worker caches, as paths from the site's root.
pub fn kept(dist: &Path) -> Result<Vec<String>> {
    let mut files = files_in(dist)?;
    files.retain(|file| {
        let is_never = NEVER_KEPT.contains(&file.as_str()) || file == SOURCE;
        !is_never && !NEVER_KEPT_ENDINGS.iter().any(|end| file.ends_with(end))
    });
    Ok(files)
}

fn hashes(dist: &Path) -> Result<BTreeMap<String, String>> {
    kept(dist)?
        .into_iter()
        .map(|file| {
            let digest = Sha256::digest(fs::read(dist.join(&file))?);
            let hex = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok((file, hex))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_lists_every_file_but_itself() {
        let dist = std::env::temp_dir().join(format!("boxel-offline-{}", std::process::id()));
        fs::create_dir_all(dist.join("web/offline")).unwrap();
        for (path, text) in [
            ("index.html", "abc"),
            ("_headers", "/*"),
            ("index.html.br", "compressed"),
            ("index.html.gz", "compressed"),
            ("web/main.js.map", "{}"),
            (SOURCE, "run();"),
        ] {
            fs::write(dist.join(path), text).unwrap();
        }
        write_worker(&dist).unwrap();
        let text = fs::read_to_string(dist.join(WORKER)).unwrap();
        let again = fs::read_to_string(dist.join(SOURCE));
        fs::remove_dir_all(&dist).unwrap();
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let expected =
            format!("globalThis.BOXEL_FILES = {{\n  \"index.html\": \"{abc}\"\n}};\nrun();");
        assert_eq!(text, expected);
        assert!(again.is_err());
    }
}
