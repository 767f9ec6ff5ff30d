use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::Model;
use boxel_segmenter::parity::{Golden, Tolerance, compare, read_report};

use crate::{ModelArguments, read};

/// Arguments of `boxel verify`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folders with a `report.json` and golden cases.
    #[arg(default_value = "tests/goldens/litemedsam")]
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
    let model = arguments.model.load()?;
    let tolerance = match arguments.precision {
        Precision::F16 => Tolerance::F16,
        Precision::F32 => Tolerance::F32,
    };
    let (mut compared, mut failed) = (0, 0);
    for folder in &arguments.goldens {
        for golden in read_goldens(folder, &arguments.root)? {
            failed += verify(&model, &golden, &tolerance)?;
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
    for difference in &differences {
        println!("  {difference}");
    }
    Ok(differences.iter().filter(|d| !d.passes()).count())
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
