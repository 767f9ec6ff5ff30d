//! `boxel`: segments scans from the command line, on the same crates as the page.

mod convert;
mod segment;
mod verify;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use boxel_segmenter::sam::Checkpoint;
use boxel_segmenter::{CheckpointKind, Compute, ComputeKind, Model};
use clap::{Parser, Subcommand, ValueEnum};

/// Segments medical scans with LiteMedSAM. Not for diagnostic use.
#[derive(Debug, Parser)]
#[command(name = "boxel", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the mask of what is in a box.
    Segment(segment::Arguments),
    /// Compares each stage of the model with reference outputs, and prints the largest difference.
    Verify(verify::Arguments),
    /// Converts a PyTorch or safetensors checkpoint to safetensors, with BatchNorms folded.
    Convert(convert::Arguments),
}

/// Where the model runs.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Device {
    Cpu,
    Gpu,
}

/// Which weights, on which device.
#[derive(Debug, clap::Args)]
struct ModelArguments {
    /// The device that computes.
    #[arg(long, value_enum, default_value = "cpu")]
    device: Device,
    /// LiteMedSAM's weights, safetensors or `.pth`.
    #[arg(long, default_value = "models/litemedsam.safetensors")]
    weights: PathBuf,
}

impl ModelArguments {
    fn load(&self) -> Result<Model> {
        let kind = match self.device {
            Device::Cpu => ComputeKind::Cpu,
            Device::Gpu => ComputeKind::Gpu,
        };
        let compute = pollster::block_on(Compute::open(kind))?;
        let checkpoint = read_checkpoint(&self.weights)?;
        let model = Model::new(CheckpointKind::LiteMedSam, checkpoint, &compute);
        eprintln!(
            "{} on {}",
            CheckpointKind::LiteMedSam.name(),
            compute.name()
        );
        model.with_context(|| format!("{}", self.weights.display()))
    }
}

/// Reads weights by the ending of their file's name.
fn read_checkpoint(path: &Path) -> Result<Checkpoint> {
    let is_pytorch = path
        .extension()
        .is_some_and(|ending| ending == "pth" || ending == "pt");
    let checkpoint = if is_pytorch {
        Checkpoint::from_pth(path)
    } else {
        Checkpoint::from_safetensors(&read(path)?)
    };
    checkpoint.with_context(|| format!("{}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Segment(arguments) => segment::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
    }
}
