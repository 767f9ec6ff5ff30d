//! The allowed dependencies: `bindings → segmenter → {imaging, sam}`, `cli → segmenter`, and `sam → tensor-file`.

use crate::{command, project};
use anyhow::Result;
use std::collections::BTreeSet;

/// The crates of this workspace that a crate may use, and the crates that it must not reach, even indirectly.
struct Layer {
    package: &'static str,
    uses: &'static [&'static str],
    never: &'static [&'static str],
}

const LAYERS: [Layer; 6] = [
    Layer {
        package: "tensor-file",
        uses: &[],
        never: &["burn", "cubecl", "wgpu", "wasm-bindgen", "image"],
    },
    Layer {
        package: "boxel-imaging",
        uses: &[],
        never: &["burn", "cubecl", "wgpu", "wasm-bindgen"],
    },
    Layer {
        package: "burn-sam",
        uses: &["tensor-file"],
        never: &["image", "png", "tiff"],
    },
    Layer {
        package: "boxel-segmenter",
        uses: &["boxel-imaging", "burn-sam"],
        never: &[],
    },
    Layer {
        package: "boxel-bindings",
        uses: &["boxel-segmenter", "boxel-imaging"],
        never: &[],
    },
    Layer {
        package: "boxel-cli",
        uses: &["boxel-segmenter", "boxel-imaging"],
        never: &[],
    },
];

/// Only the bindings may use JavaScript. Burn uses these crates too, on wasm, so only direct dependencies count.
const BROWSER: [&str; 5] = [
    "wasm-bindgen",
    "wasm-bindgen-futures",
    "js-sys",
    "web-sys",
    "serde-wasm-bindgen",
];
const KNOWS_BROWSER: &str = "boxel-bindings";

/// The violations of the dependency rule. Dependencies of tests and build scripts don't count.
pub fn faults() -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for layer in &LAYERS {
        // One crate at a time: together, each would get the features that the others enable.
        let named = packages(layer.package, &["--depth", "1"])?;
        let reached = packages(layer.package, &[])?;
        faults.extend(faults_of(layer, &named, &reached));
    }
    Ok(faults)
}

fn packages(package: &str, further: &[&str]) -> Result<BTreeSet<String>> {
    let mut tree = project::cargo([
        "tree",
        "--locked",
        "--package",
        package,
        "--edges",
        "normal",
        "--target",
        "all",
    ])?;
    tree.args(["--prefix", "none"]).args(further);
    let others = command::output(&mut tree)?;
    Ok(names(&others)
        .filter(|name| *name != package)
        .map(str::to_owned)
        .collect())
}

/// The first word of each line: `image v0.25.10 (*)`.
fn names(tree: &str) -> impl Iterator<Item = &str> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
}

fn faults_of(layer: &Layer, named: &BTreeSet<String>, reached: &BTreeSet<String>) -> Vec<String> {
    let package = layer.package;
    let ours = LAYERS.iter().map(|other| other.package);
    let wrong = ours.filter(|other| named.contains(*other) && !layer.uses.contains(other));
    let mut faults: Vec<_> = wrong
        .map(|other| format!("{package} depends on {other}: dependencies must follow bindings → segmenter → imaging/sam"))
        .collect();
    if package != KNOWS_BROWSER {
        let browser = BROWSER.iter().filter(|name| named.contains(**name));
        faults
            .extend(browser.map(|name| {
                format!("{package} depends on {name}, which only {KNOWS_BROWSER} may")
            }));
    }
    let wrong = layer.never.iter().filter(|name| reached.contains(**name));
    faults.extend(wrong.map(|name| {
        format!(
            "{package} reaches {name}: `cargo tree -p {package} -i {name} --target all` says how"
        )
    }));
    faults
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, faults_of, names};

    fn faults(package: &str, named: &[&str], reached: &[&str]) -> Vec<String> {
        let layer = LAYERS
            .iter()
            .find(|layer| layer.package == package)
            .unwrap();
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        faults_of(layer, &set(named), &set(&[named, reached].concat()))
    }

    #[test]
    fn the_way_of_the_data_is_allowed() {
        assert_eq!(
            faults(
                "boxel-segmenter",
                &["boxel-imaging", "burn-sam"],
                &["burn", "wasm-bindgen"]
            ),
            [""; 0]
        );
        assert_eq!(
            faults(
                "boxel-bindings",
                &["boxel-segmenter", "wasm-bindgen"],
                &["burn-sam"]
            ),
            [""; 0]
        );
        assert_eq!(faults("boxel-imaging", &["image"], &["png"]), [""; 0]);
        assert_eq!(
            faults("burn-sam", &["burn", "tensor-file"], &["wasm-bindgen"]),
            [""; 0]
        );
    }

    #[test]
    fn each_breach_is_named() {
        for (package, named, reached, start) in [
            ("boxel-imaging", "burn", "", "boxel-imaging reaches burn:"),
            (
                "boxel-imaging",
                "image",
                "wasm-bindgen",
                "boxel-imaging reaches wasm-bindgen:",
            ),
            ("burn-sam", "burn", "image", "burn-sam reaches image:"),
            (
                "tensor-file",
                "safetensors",
                "burn",
                "tensor-file reaches burn:",
            ),
            (
                "tensor-file",
                "burn-sam",
                "",
                "tensor-file depends on burn-sam:",
            ),
            (
                "boxel-segmenter",
                "tensor-file",
                "",
                "boxel-segmenter depends on tensor-file:",
            ),
            (
                "burn-sam",
                "boxel-imaging",
                "",
                "burn-sam depends on boxel-imaging:",
            ),
            (
                "boxel-bindings",
                "burn-sam",
                "",
                "boxel-bindings depends on burn-sam:",
            ),
            (
                "boxel-segmenter",
                "web-sys",
                "",
                "boxel-segmenter depends on web-sys,",
            ),
        ] {
            let found = faults(package, &[named], &[reached]);
            assert!(
                found.len() == 1 && found[0].starts_with(start),
                "{package} {named} {reached}: {found:?}"
            );
        }
    }

    #[test]
    fn a_tree_is_parsed_by_its_first_words() {
        let tree = "boxel-imaging v0.1.0 (/some/where)\nimage v0.25.10\nzerocopy-derive v0.8.64 (proc-macro)\n\n";
        assert_eq!(
            names(tree).collect::<Vec<_>>(),
            ["boxel-imaging", "image", "zerocopy-derive"]
        );
    }
}
