//! Builds the page into `dist/` and checks the result.

mod compile;
pub mod markup;
mod offline;
mod page;
mod scripts;
mod version;

pub use compile::copy;
pub use version::path_of;

use crate::lint::Lints;
use crate::rules::addresses;
use crate::{project, setup, weights};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Files that the page needs, in addition to the copies of web/, models/ and samples/.
const NEEDED: [&str; 11] = [
    "index.html",
    "_headers",
    MODULE,
    "boxel-bindings.js",
    "web/main.js",
    "web/engine/worker.js",
    "web/engine/slice_encoder.js",
    "web/open/parse_worker.js",
    "models/models.json",
    "models/litemedsam.safetensors",
    "samples/samples.json",
];
const MODULE: &str = "boxel-bindings_bg.wasm";

/// `cargo xtask build`: writes a `dist/` that any static host can serve, with bundled scripts and with compressed files
/// for hosts that do not compress.
pub fn build(lints: Lints) -> Result<()> {
    weights::present()?;
    setup::to_compile_wasm()?;
    setup::to_bundle()?;
    let dist = dist();
    compile(&dist, lints)?;
    scripts::bundle(&dist)?;
    complete(&dist)?;
    scripts::compress(&dist)?;
    print_sizes(&dist)
}

/// Builds the page for development: scripts as in `web/`, one by one, and no compressed files. Needs no Node.
pub fn build_to_develop() -> Result<()> {
    weights::present()?;
    setup::to_compile_wasm()?;
    let dist = dist();
    compile(&dist, Lints::Off)?;
    complete(&dist)?;
    print_sizes(&dist)
}

fn compile(dist: &Path, lints: Lints) -> Result<()> {
    compile::compile(dist, lints)?;
    check_types(dist)?;
    remove_comments_with_addresses(&dist.join("boxel-bindings.js"))
}

/// The engine's types, for the type check of the page's scripts and for the package.
pub const TYPES: &str = "crates/bindings/typescript/boxel-bindings.d.ts";

/// Compares the types that wasm-bindgen has generated with those in the repository. The page itself needs none.
fn check_types(dist: &Path) -> Result<()> {
    let generated = dist.join("boxel-bindings.d.ts");
    let text = fs::read_to_string(&generated)
        .with_context(|| format!("cannot read {}", generated.display()))?;
    let text = without_raw_exports(&text);
    fs::remove_file(&generated)?;
    let of_wasm = dist.join("boxel-bindings_bg.wasm.d.ts");
    if of_wasm.exists() {
        fs::remove_file(of_wasm)?;
    }
    let checked_in = fs::read_to_string(project::root().join(TYPES)).unwrap_or_default();
    if checked_in != text {
        let new = project::target().join("boxel-bindings.d.ts");
        fs::write(&new, text)?;
        bail!(
            "{TYPES} differs from what crates/bindings exports; replace it by {}",
            new.display()
        );
    }
    Ok(())
}

/// wasm-bindgen also lists the module's own functions, whose names change with every build. Only the memory is used.
fn without_raw_exports(types: &str) -> String {
    let mut is_raw = false;
    let lines = types.split_inclusive('\n').filter(|line| {
        let is_end = is_raw && line.starts_with('}');
        is_raw = !is_end && (is_raw || line.starts_with("export interface InitOutput"));
        !is_raw || !line.contains("readonly") || line.contains("readonly memory")
    });
    lines.collect()
}

/// Writes everything that depends on the final files, and checks them.
fn complete(dist: &Path) -> Result<()> {
    let version = version::move_files(dist)?;
    let worker = offline::take_source(dist, &version)?;
    page::write(dist, &version, &offline::kept(dist)?)?;
    offline::write_worker(dist, &version, &worker)?;
    check(dist)
}

/// The folder of the built page.
pub fn dist() -> PathBuf {
    project::root().join("dist")
}

/// All files under a folder, as paths from it with `/`, sorted.
pub fn files_in(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(inner) = open.pop() {
        let here = folder.join(&inner);
        for entry in
            fs::read_dir(&here).with_context(|| format!("cannot list {}", here.display()))?
        {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// wasm-bindgen's generated code cites a web page in a comment. The built page contains no address at all, so that
/// one search shows that it contacts no other host.
fn remove_comments_with_addresses(script: &Path) -> Result<()> {
    let text = fs::read_to_string(script)?;
    fs::write(script, without_comments_with_addresses(&text))?;
    Ok(())
}

fn without_comments_with_addresses(text: &str) -> String {
    let is_cited =
        |line: &&str| line.trim_start().starts_with("//") && !addresses::absolute(line).is_empty();
    text.split_inclusive('\n')
        .filter(|line| !is_cited(line))
        .collect()
}

fn check(dist: &Path) -> Result<()> {
    let mut faults = Vec::new();
    for needed in NEEDED {
        let path = path_of(dist, needed)?;
        if !path.is_file() {
            faults.push(format!("{} is missing", path.display()));
        }
    }
    for file in &files_in(dist)? {
        let found = faults_of(dist, file)?.into_iter();
        faults.extend(found.map(|fault| format!("dist/{fault}")));
    }
    if !faults.is_empty() {
        bail!("the built page is broken:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// The faults of a file in a built folder: addresses that it names, and files that it needs but are missing.
pub fn faults_of(folder: &Path, file: &str) -> Result<Vec<String>> {
    let kind = file.rsplit('.').next().unwrap_or_default();
    if !["html", "js", "css"].contains(&kind) {
        return Ok(Vec::new());
    }
    let path = folder.join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
    let faults = faults_in(&path, kind, &text).into_iter();
    Ok(faults.map(|fault| format!("{file}{fault}")).collect())
}

fn faults_in(file: &Path, kind: &str, text: &str) -> Vec<String> {
    let addresses = addresses::absolute(text).into_iter();
    let mut faults: Vec<String> = addresses
        .map(|(line, address)| format!(":{line} names {address}"))
        .collect();
    let links = match kind {
        "html" => markup::links(text),
        "js" => markup::imports(text),
        _ => Vec::new(),
    };
    let missing = links
        .iter()
        .filter(|link| !file.with_file_name("").join(link).is_file());
    faults.extend(missing.map(|link| format!(" needs {link}, which is missing")));
    if kind == "html" {
        faults.extend(
            markup::inline(text)
                .iter()
                .map(|tag| format!(": the policy forbids `{tag}`")),
        );
    }
    faults
}

fn print_sizes(dist: &Path) -> Result<()> {
    println!("dist/ is ready:");
    for file in [
        MODULE,
        "boxel-bindings.js",
        "web/main.js",
        "models/litemedsam.safetensors",
    ] {
        let path = path_of(dist, file)?;
        let bytes = fs::metadata(&path)?.len();
        let compressed = [("br", "brotli"), ("gz", "gzip")].map(|(ending, name)| {
            let sibling = fs::metadata(format!("{}.{ending}", path.display()));
            sibling.map_or(String::new(), |found| {
                format!(", {} by {name}", megabytes(found.len()))
            })
        });
        println!("  {file:32} {}{}", megabytes(bytes), compressed.concat());
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::without_comments_with_addresses;

    #[test]
    fn comments_go_where_they_name_an_address_and_only_there() {
        let address = ["https:", "//example.test/a"].concat();
        let text = format!("let a = 1; // kept\n    // see {address}\n// kept too\n");
        let cleaned = without_comments_with_addresses(&text);
        assert_eq!(cleaned, "let a = 1; // kept\n// kept too\n");
        // An address in code stays, for the check to find.
        let code = format!("fetch(\"{address}\");\n");
        assert_eq!(without_comments_with_addresses(&code), code);
    }
}
