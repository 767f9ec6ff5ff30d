//! The service worker, with the list of the files that it caches.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::files_in;
use super::version::hex;
use crate::headers;

const SOURCE: &str = "web/offline/service_worker.js";
/// At the root, because a service worker's scope is its own folder.
pub const WORKER: &str = "service-worker.js";
/// Hosts read it; no page does.
const NEVER_KEPT: [&str; 2] = [headers::FILE, WORKER];
/// Compressed forms of listed files, and source maps, which only a debugger requests.
const NEVER_KEPT_ENDINGS: [&str; 3] = [".br", ".gz", ".map"];

/// Takes the worker's script out of the version's folder: its address must stay, or browsers would not look for a new
/// version.
pub fn take_source(dist: &Path, version: &str) -> Result<String> {
    let source = dist.join(version).join(SOURCE);
    let script =
        fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    fs::remove_file(&source)?;
    Ok(script)
}

/// Writes the worker to the site's root, with the version's name, its headers, and the list of all files with their
/// SHA-256. So a change of any file changes the worker, which is how browsers notice a new version.
pub fn write_worker(dist: &Path, version: &str, script: &str) -> Result<()> {
    let rules = fs::read_to_string(dist.join(headers::FILE))?;
    let headers: BTreeMap<_, _> = headers::for_path(&headers::parse(&rules)?, "/")
        .into_iter()
        .collect();
    let built =
        serde_json::json!({ "version": version, "headers": headers, "files": hashes(dist)? });
    let built = serde_json::to_string_pretty(&built)?;
    fs::write(
        dist.join(WORKER),
        format!("globalThis.BOXEL = {built};\n{script}"),
    )?;
    Ok(())
}

/// The files that the worker caches, as paths from the site's root.
pub fn kept(dist: &Path) -> Result<Vec<String>> {
    let mut files = files_in(dist)?;
    files.retain(|file| {
        !NEVER_KEPT.contains(&file.as_str())
            && !NEVER_KEPT_ENDINGS.iter().any(|end| file.ends_with(end))
    });
    Ok(files)
}

fn hashes(dist: &Path) -> Result<BTreeMap<String, String>> {
    kept(dist)?
        .into_iter()
        .map(|file| {
            let digest = Sha256::digest(fs::read(dist.join(&file))?);
            Ok((file, hex(&digest)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_names_its_version_and_lists_every_file_but_itself() {
        let dist = std::env::temp_dir().join(format!("boxel-offline-{}", std::process::id()));
        let source = format!("v-1/{SOURCE}");
        fs::create_dir_all(dist.join("v-1/web/offline")).unwrap();
        for (path, text) in [
            ("index.html", "abc"),
            ("_headers", "/*\n  X-A: 1\n"),
            ("index.html.br", "compressed"),
            ("index.html.gz", "compressed"),
            ("v-1/web/main.js.map", "{}"),
            (&source, "run();"),
        ] {
            fs::write(dist.join(path), text).unwrap();
        }
        let script = take_source(&dist, "v-1").unwrap();
        write_worker(&dist, "v-1", &script).unwrap();
        let text = fs::read_to_string(dist.join(WORKER)).unwrap();
        let again = take_source(&dist, "v-1");
        fs::remove_dir_all(&dist).unwrap();
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let built = text.strip_prefix("globalThis.BOXEL = ").unwrap();
        let built = built.strip_suffix(";\nrun();").unwrap();
        let built: serde_json::Value = serde_json::from_str(built).unwrap();
        let expected = serde_json::json!({
            "version": "v-1", "headers": { "X-A": "1" }, "files": { "index.html": abc },
        });
        assert_eq!(built, expected);
        assert!(again.is_err());
    }
}
