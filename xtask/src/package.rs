//! Assembles the npm package of the engine without the page: everything that `embed/boxel.js` imports, in the same
//! folders as here, so that no import is rewritten.

use crate::args::Args;
use crate::lint::Lints;
use crate::site::copy;
use crate::{command, project, site};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ENTRY: &str = "embed/boxel.js";
/// Files that no script imports: path in the repository, path in the package.
const NOT_IMPORTED: [(&str, &str); 8] = [
    ("embed/README.md", "README.md"),
    ("embed/api.d.ts", "embed/api.d.ts"),
    ("embed/example/index.html", "embed/example/index.html"),
    ("embed/example/main.js", "embed/example/main.js"),
    ("docs/embedding.md", "docs/embedding.md"),
    (site::TYPES, "boxel-bindings.d.ts"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
];

/// `cargo xtask package [--no-build]`: writes the package to `target/package/boxel`.
pub fn task(mut args: Args) -> Result<()> {
    let is_built = args.flag("--no-build");
    args.end()?;
    if !is_built {
        site::build(Lints::Off)?;
    }
    assemble(&site::dist())?;
    println!("{} is ready for `npm publish`", folder().display());
    Ok(())
}

/// The folder of the assembled package.
pub fn folder() -> PathBuf {
    project::target().join("package/boxel")
}

/// Assembles the package from the page built in `dist`.
pub fn assemble(dist: &Path) -> Result<()> {
    let package = folder();
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    let root = project::root();
    for (from, to) in NOT_IMPORTED {
        copy(&root.join(from), &package.join(to))?;
    }
    for model in site::files_in(&root.join("models"))? {
        let path = format!("models/{model}");
        copy(&root.join(&path), &package.join(&path))?;
    }
    // Scripts are not bundled: users of the package have a bundler or want none.
    let is_script = |path: &str| {
        ["embed/", "web/"]
            .iter()
            .any(|start| path.starts_with(start))
    };
    let source = |path: &str| match is_script(path) {
        true => Ok(root.join(path)),
        false => site::path_of(dist, path),
    };
    for path in needed_by(ENTRY, source)? {
        copy(&source(&path)?, &package.join(&path))?;
    }
    copy_manifest(&package)?;
    check(&package)
}

/// A script and everything that it imports, starts as a worker or loads, recursively, as paths from the root.
fn needed_by(entry: &str, source: impl Fn(&str) -> Result<PathBuf>) -> Result<BTreeSet<String>> {
    let mut needed = BTreeSet::new();
    let mut open = vec![entry.to_owned()];
    while let Some(path) = open.pop() {
        if path.ends_with(".js") && !needed.contains(&path) {
            let file = source(&path)?;
            let script = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let imports = site::markup::imports(&script);
            open.extend(imports.iter().map(|import| resolved(&path, import)));
        }
        needed.insert(path);
    }
    Ok(needed)
}

/// An import of `../x.js` in a script, as a path from the root.
fn resolved(script: &str, import: &str) -> String {
    let mut steps: Vec<&str> = script.split('/').collect();
    steps.pop();
    for step in import.split('/') {
        match step {
            "." => {}
            ".." => {
                steps.pop();
            }
            name => steps.push(name),
        }
    }
    steps.join("/")
}

/// Copies package.json as it is: written anew, its keys would be sorted, and the order of `exports` is what decides.
fn copy_manifest(package: &Path) -> Result<()> {
    let source = project::root().join("embed/package.json");
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&source)?)?;
    let version = env!("CARGO_PKG_VERSION");
    if manifest["version"] != version {
        bail!(
            "embed/package.json has version {}, and the workspace {version}",
            manifest["version"]
        );
    }
    copy(&source, &package.join("package.json"))
}

/// Checks that the package names no other host, lacks no file, and that npm would pack all of it.
fn check(package: &Path) -> Result<()> {
    let files = site::files_in(package)?;
    let mut faults = Vec::new();
    for file in &files {
        faults.extend(site::faults_of(package, file)?);
    }
    if let Ok(mut npm) = project::program("npm") {
        npm.current_dir(package)
            .args(["pack", "--dry-run", "--json", "--ignore-scripts"]);
        let packed: serde_json::Value = serde_json::from_str(&command::output(&mut npm)?)?;
        let packed = packed[0]["files"].as_array().into_iter().flatten();
        let packed: BTreeSet<&str> = packed.filter_map(|file| file["path"].as_str()).collect();
        let left_out = files.iter().filter(|file| !packed.contains(file.as_str()));
        faults
            .extend(left_out.map(|file| format!("{file} is not among the files of package.json")));
    }
    if !faults.is_empty() {
        bail!("the package is broken:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_resolved_from_their_script() {
        for (script, import, expected) in [
            ("embed/boxel.js", "./scan.js", "embed/scan.js"),
            ("embed/boxel.js", "../web/a/b.js", "web/a/b.js"),
            ("web/engine/worker.js", "../../x.wasm", "x.wasm"),
        ] {
            assert_eq!(resolved(script, import), expected);
        }
    }

    #[test]
    fn imports_of_a_script_are_followed_to_the_end() {
        let folder = std::env::temp_dir().join(format!("boxel-package-{}", std::process::id()));
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a/one.js"), "import \"./two.js\";").unwrap();
        let two = "import { x } from \"./one.js\"; new URL(\"../b.wasm\", import.meta.url)";
        fs::write(folder.join("a/two.js"), two).unwrap();
        let needed = needed_by("a/one.js", |path| Ok(folder.join(path))).unwrap();
        let missing = needed_by("a/three.js", |path| Ok(folder.join(path)));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(Vec::from_iter(needed), ["a/one.js", "a/two.js", "b.wasm"]);
        assert!(missing.is_err());
    }
}
