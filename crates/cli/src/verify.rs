use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::parity::{Difference, Golden, SmallGolden, Tolerance, compare, read_report};
use boxel_segmenter::{Compute, Model};

use crate::{ModelArguments, read};

const DEFAULT_FOLDER: &str = "tests/goldens/litemedsam";

/// The files in which a folder may have the weights of its small model.
const WEIGHT_FILES: [&str; 4] = [
    "weights.safetensors",
    "weights.pth",
    "weights.pt",
    "model.safetensors",
];

/// Arguments of `boxel verify`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folders of golden cases: with a `report.json`, for the model in --weights, or with a `case.json` and a small model
    /// of their own.
    /// Without one, `tests/goldens/litemedsam`.
    folders: Vec<PathBuf>,
    /// Another folder of golden cases; may be repeated.
    #[arg(long)]
    goldens: Vec<PathBuf>,
    /// The folder that the cases' image paths are relative to.
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// The precision of the weights, which determines the tolerance.
    #[arg(long, value_enum, default_value = "f16")]
    precision: Precision,
    #[command(flatten)]
    model: ModelArguments,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Precision {
    F16,
    F32,
}

/// Prints a table for each case; fails if a difference is too large.
pub fn run(arguments: &Arguments) -> Result<()> {
    let tolerance = match arguments.precision {
        Precision::F16 => Tolerance::F16,
        Precision::F32 => Tolerance::F32,
    };
    let default = PathBuf::from(DEFAULT_FOLDER);
    let folders = arguments.folders.iter().chain(&arguments.goldens);
    let mut folders: Vec<&PathBuf> = folders.collect();
    if folders.is_empty() {
        folders.push(&default);
    }
    let compute = arguments.model.compute()?;
    let mut model = None;
    let (mut compared, mut failed) = (0, 0);
    for folder in folders {
        if folder.join("case.json").is_file() {
            failed += verify_small_model(folder, &compute)?;
            compared += 1;
            continue;
        }
        let model = match &model {
            Some(model) => model,
            None => model.insert(arguments.model.load_on(&compute)?.0),
        };
        for golden in read_goldens(folder, &arguments.root)? {
            failed += verify(model, &golden, &tolerance)?;
            compared += 1;
        }
    }
    ensure!(compared > 0, "the folders contain no golden cases");
    if failed > 0 {
        bail!("{failed} differences are too large");
    }
    println!("{compared} cases agree with the reference");
    Ok(())
}

fn verify(model: &Model, golden: &Golden, tolerance: &Tolerance) -> Result<usize> {
    println!("{}", golden.name());
    let differences = pollster::block_on(compare(model, golden, tolerance))?;
    Ok(print(&differences))
}

/// Prints all differences, and returns how many are too large.
fn print(differences: &[Difference]) -> usize {
    for difference in differences {
        println!("  {difference}");
    }
    differences.iter().filter(|d| !d.passes()).count()
}

/// Compares a small model with its own folder's outputs, from each of the folder's weight files.
fn verify_small_model(folder: &Path, compute: &Compute) -> Result<usize> {
    let name = folder.display().to_string();
    let case = read(&folder.join("case.json"))?;
    let outputs = read(&folder.join("outputs.safetensors"))?;
    let config = folder.join("config.json");
    let config = config.is_file().then(|| read(&config)).transpose()?;
    let golden = SmallGolden::new(&name, &case, config.as_deref(), &outputs)?;
    let files = WEIGHT_FILES.map(|file| folder.join(file));
    let files: Vec<&PathBuf> = files.iter().filter(|file| file.is_file()).collect();
    ensure!(
        !files.is_empty(),
        "{name} has none of {}",
        WEIGHT_FILES.join(", ")
    );
    let mut failed = 0;
    for file in files {
        println!("{}", file.display());
        let weights = read(file)?;
        failed += print(&pollster::block_on(golden.compare(&weights, compute))?);
    }
    Ok(failed)
}

fn read_goldens(folder: &Path, root: &Path) -> Result<Vec<Golden>> {
    let report = folder.join("report.json");
    let report = String::from_utf8(read(&report)?).context("report.json is not text")?;
    let mut goldens = Vec::new();
    for entry in read_report(&report)? {
        let image = match &entry.image {
            Some(image) => Some(read(&root.join(image))?),
            None => None,
        };
        let tensors = read(&folder.join(format!("{}.safetensors", entry.name)))?;
        goldens.push(Golden::new(entry, &tensors, image.as_deref())?);
    }
    Ok(goldens)
}
