//! Compiles the engine to wasm with its JavaScript, and copies everything else that the page consists of.

use super::files_in;
use crate::lint::Lints;
use crate::{command, project};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Folders whose files the page loads.
const COPIED: [&str; 3] = ["web", "models", "samples"];
/// Files in these folders that no page loads, beside the scripts that made the samples.
const NOT_COPIED: [&str; 3] = [HEADERS, "web/package.json", "samples/requirements.txt"];
/// Hosts read it only at the root.
const HEADERS: &str = "web/_headers";
/// Workers import the bindings by this name.
const BINDINGS: &str = "boxel-bindings";

/// Writes the page to `dist`. If compiling fails, the former one stays.
pub fn compile(dist: &Path, lints: Lints) -> Result<()> {
    const WASM: &str = "wasm32-unknown-unknown";
    let mut cargo = project::cargo(["build", "--release", "-p", BINDINGS, "--target", WASM])?;
    lints.apply(&mut cargo)?;
    command::run(&mut cargo)?;
    let module = project::target()
        .join(WASM)
        .join("release/boxel_bindings.wasm");
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    let mut bindgen = project::program("wasm-bindgen")?;
    bindgen.args(["--target", "web", "--out-name", BINDINGS, "--out-dir"]);
    command::run(bindgen.arg(dist).arg(module))?;
    copy_files(project::root(), dist)
}

fn copy_files(root: &Path, made: &Path) -> Result<()> {
    copy(&root.join("index.html"), &made.join("index.html"))?;
    copy(&root.join(HEADERS), &made.join("_headers"))?;
    for folder in COPIED {
        for file in files_in(&root.join(folder))? {
            let file = format!("{folder}/{file}");
            if is_copied(&file) {
                copy(&root.join(&file), &made.join(&file))?;
            }
        }
    }
    Ok(())
}

fn is_copied(file: &str) -> bool {
    !file.ends_with(".py") && !NOT_COPIED.contains(&file)
}

/// Copies a file, and makes its folder.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_gets_what_it_loads_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("boxel-copied-{}", std::process::id()));
        let (root, made) = (folder.join("root"), folder.join("made"));
        for file in [
            "index.html",
            "web/_headers",
            "web/package.json",
            "web/ui/style.css",
            "models/models.json",
            "samples/make_samples.py",
            "samples/a.png",
            "crates/lib.rs",
        ] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        copy_files(&root, &made).unwrap();
        let found = files_in(&made).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            found,
            [
                "_headers",
                "index.html",
                "models/models.json",
                "samples/a.png",
                "web/ui/style.css"
            ]
        );
    }
}
