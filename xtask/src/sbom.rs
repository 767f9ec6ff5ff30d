//! Lists all components of what a release contains: a software bill of materials (CycloneDX) for the page and for `boxel`.

use crate::{command, project, setup};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Crate, target (empty: this machine's), and name of its list.
const RELEASED: [(&str, &str, &str); 2] = [
    (
        "crates/bindings",
        "wasm32-unknown-unknown",
        "boxel-page.cdx.json",
    ),
    ("crates/cli", "", "boxel.cdx.json"),
];
/// cargo-cyclonedx writes a list next to each Cargo.toml of the workspace, under this name.
const WRITTEN: &str = "boxel-sbom";

/// `cargo xtask sbom`: writes the lists to `target/sbom`.
pub fn task() -> Result<()> {
    setup::to_list_components()?;
    let folder = project::target().join("sbom");
    fs::create_dir_all(&folder)?;
    for (package, target, name) in RELEASED {
        let manifest = format!("{package}/Cargo.toml");
        let mut cyclonedx = project::cargo(["cyclonedx", "--format", "json", "--quiet"])?;
        cyclonedx.args(["--manifest-path", &manifest]);
        cyclonedx.args(["--override-filename", WRITTEN]);
        if !target.is_empty() {
            cyclonedx.args(["--target", target]);
        }
        let listed = command::run(&mut cyclonedx)
            .and_then(|()| without_this_machine(&project::root().join(package)));
        remove_written()?;
        fs::write(folder.join(name), listed?)?;
        println!("{}", folder.join(name).display());
    }
    Ok(())
}

/// The list next to a package's Cargo.toml. It refers to our own crates by their folders on this machine: made relative.
fn without_this_machine(package: &Path) -> Result<String> {
    let file = package.join(format!("{WRITTEN}.json"));
    let list =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(list.replace(&format!("{}/", project::root().display()), ""))
}

fn remove_written() -> Result<()> {
    let mut metadata = project::cargo(["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&command::output(&mut metadata)?)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    for manifest in packages
        .iter()
        .filter_map(|package| package["manifest_path"].as_str())
    {
        let written = Path::new(manifest).with_file_name(format!("{WRITTEN}.json"));
        if written.exists() {
            fs::remove_file(written)?;
        }
    }
    Ok(())
}
