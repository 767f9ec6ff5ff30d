//! Embeds the golden cases and the weights in the tests.
//!
//! A browser can't read files, so the tests contain the data they compare with. Missing data (the optional folder
//! `../shared`, weights that need a download) are left out, and the tests report that they skip them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let tests = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = tests.join("..").canonicalize()?;
    let shared = root.join("../shared/goldens");
    let mut code = String::new();

    let mut folders = Vec::new();
    for folder in [tests.join("goldens/litemedsam"), shared.join("litemedsam")] {
        if let Some(source) = folder_source(&folder)? {
            folders.push(source);
        }
    }
    writeln!(code, "/// The folders of golden cases.")?;
    writeln!(
        code,
        "pub static FOLDERS: &[Folder] = &[{}];",
        folders.join(", ")
    )?;
    let constants = [
        ("WEIGHTS_F16", root.join("models/litemedsam.safetensors")),
        (
            "WEIGHTS_F32",
            root.join("target/weights/litemedsam_f32.safetensors"),
        ),
    ];
    for (name, path) in constants {
        let bytes = bytes_source(&path).map_or("None".to_owned(), |b| format!("Some({b})"));
        let doc = format!("The file `{}`, where it is.", file_name(&path));
        writeln!(
            code,
            "#[doc = {doc:?}]\npub static {name}: Option<&[u8]> = {bytes};"
        )?;
    }
    let images = ["ct-abdomen.png", "mr-brain.png", "fundus.png"].map(|name| {
        let path = root.join("samples").join(name);
        let bytes = bytes_source(&path).unwrap_or("&[]".to_owned());
        format!("({:?}, {bytes})", format!("samples/{name}"))
    });
    writeln!(
        code,
        "/// The sample scans, by name from the project's root."
    )?;
    writeln!(
        code,
        "pub static IMAGES: &[(&str, &[u8])] = &[{}];",
        images.join(", ")
    )?;

    let mut tiny = Vec::new();
    for (name, folder) in [
        ("sam_tiny", tests.join("goldens/sam_tiny")),
        ("sam_tiny_hf", tests.join("goldens/sam_tiny_hf")),
        ("mobile_sam_tiny", tests.join("goldens/mobile_sam_tiny")),
        ("shared/sam_tiny", shared.join("sam_tiny")),
    ] {
        tiny.extend(tiny_source(name, &folder));
    }
    writeln!(code, "/// The small models that are there.")?;
    writeln!(
        code,
        "pub static TINY: &[TinyFolder] = &[{}];",
        tiny.join(", ")
    )?;

    let sam2 = tiny_source("shared/sam2_tiny", &shared.join("sam2_tiny"));
    writeln!(code, "/// The small SAM 2 models that are there.")?;
    writeln!(
        code,
        "pub static SAM2_TINY: &[TinyFolder] = &[{}];",
        sam2.unwrap_or_default()
    )?;

    let out = Path::new(&env::var("OUT_DIR")?).join("cases.rs");
    fs::write(out, code)?;
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A `Folder { report, cases }` of a folder of goldens, if it exists.
fn folder_source(folder: &Path) -> Result<Option<String>, Box<dyn Error>> {
    let Some(report) = bytes_source(&folder.join("report.json")) else {
        return Ok(None);
    };
    let mut cases = Vec::new();
    let mut paths = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort();
    for path in paths {
        if path
            .extension()
            .is_some_and(|ending| ending == "safetensors")
        {
            let name = path.file_stem().unwrap_or_default();
            let bytes = bytes_source(&path).ok_or("a case vanished")?;
            cases.push(format!("({name:?}, {bytes})"));
        }
    }
    let cases = cases.join(", ");
    Ok(Some(format!(
        "Folder {{ report: {report}, cases: &[{cases}] }}"
    )))
}

/// A `TinyFolder { … }` of a folder with a small model, if it exists.
fn tiny_source(name: &str, folder: &Path) -> Option<String> {
    let outputs = bytes_source(&folder.join("outputs.safetensors"))?;
    let case = bytes_source(&folder.join("case.json"))?;
    let files = [
        "weights.safetensors",
        "weights.pth",
        "weights.pt",
        "model.safetensors",
    ];
    let weights = files.iter().filter_map(|file| {
        let bytes = bytes_source(&folder.join(file))?;
        Some(format!("({file:?}, {bytes})"))
    });
    let weights = weights.collect::<Vec<_>>().join(", ");
    Some(format!(
        "TinyFolder {{ name: {name:?}, weights: &[{weights}], outputs: {outputs}, case: {case} }}"
    ))
}

/// The expression for the bytes of a file, if it exists. Cargo runs this program anew after the file has changed, or has come
/// into its folder. Where the folder is missing too, Cargo would run it each time, and compile all tests again: after such
/// a folder has come, touch this file.
fn bytes_source(path: &Path) -> Option<String> {
    let is_there = path.exists();
    let watched = if is_there { Some(path) } else { path.parent() };
    if let Some(watched) = watched.filter(|watched| watched.exists()) {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    is_there.then(|| format!("include_bytes!({path:?})"))
}
