//! `boxel`: segments scans from the command line with the same crates as the page.

mod batch;
mod convert;
mod edit;
mod encoders;
mod info;
mod inspect_weights;
mod output;
mod prompts;
mod propagate;
mod published;
mod replay;
mod scans;
mod segment;
#[cfg(test)]
mod test_folder;
mod verify;

use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use boxel_segmenter::imaging::Recipe;
use boxel_segmenter::sam::Checkpoint;
use boxel_segmenter::{CheckpointKind, Compute, ComputeKind, Model, WeightsFile, inspect};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Segment medical scans with SAM, MobileSAM, MedSAM, LiteMedSAM, SAM 2.1 and MedSAM2. Not for diagnostic use.
#[derive(Debug, Parser)]
#[command(name = "boxel", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Segment the object in a box or at points, and write its mask.
    Segment(segment::Arguments),
    /// Propagate a mask from one slice through a volume.
    Propagate(propagate::Arguments),
    /// Edit a segmentation: interpolate, clean up, smooth, grow, cut, combine; and save it.
    Edit(edit::Arguments),
    /// Repeat a session of the page and compare the masks.
    Replay(replay::Arguments),
    /// Print the format, size, spacing, planes and window of scans.
    Info(info::Arguments),
    /// Compare each stage of the model with reference outputs, and print the largest difference.
    Verify(verify::Arguments),
    /// Print what a weights file contains.
    Inspect(inspect_weights::Arguments),
    /// Convert a PyTorch or safetensors checkpoint to safetensors with the original names and folded BatchNorms.
    Convert(convert::Arguments),
    /// Print the completions for a shell: `boxel completions bash > ~/.local/share/bash-completion/completions/boxel`
    Completions { shell: Shell },
    /// Write a man page of each command into a folder.
    Man { folder: PathBuf },
}

/// The device that the model runs on.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Device {
    Cpu,
    Gpu,
}

/// The weights and the device.
#[derive(Debug, clap::Args)]
struct ModelArguments {
    /// The device to compute on.
    #[arg(long, value_enum, default_value = "cpu")]
    device: Device,
    /// The weights file, as published by the authors or by Hugging Face: `.pth`, `.pt`, `.bin` or `.safetensors`.
    /// The default is LiteMedSAM, which this program contains.
    #[arg(long)]
    weights: Option<PathBuf>,
    /// How images are prepared for the weights. Needed only for a ViT-B or a Hiera-T that is not a published file, because
    /// SAM and MedSAM have the same shapes, and SAM 2.1 and MedSAM2.
    #[arg(long, value_enum)]
    recipe: Option<RecipeName>,
    /// The number of threads. The default is one for each core. Slices and scans are encoded side by side, one on each
    /// thread; the masks are the same with any number.
    #[arg(long, value_name = "N")]
    threads: Option<NonZero<usize>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RecipeName {
    Sam,
    Medsam,
    Litemedsam,
    Sam2,
    Medsam2,
}

/// The weights that the page loads first, under their own licence: Apache-2.0, models/LICENSE.
const BUNDLED_WEIGHTS: &[u8] = include_bytes!("../../../models/litemedsam.safetensors");

impl ModelArguments {
    fn load(&self) -> Result<Model> {
        Ok(self.load_with_sha256()?.0)
    }

    /// How many slices or scans to encode side by side: one for each thread, and one on a GPU.
    fn side_by_side(&self) -> usize {
        match self.device {
            Device::Cpu => self.thread_count(),
            Device::Gpu => 1,
        }
    }

    fn thread_count(&self) -> usize {
        let threads = self.threads.or_else(|| available_parallelism().ok());
        threads.map_or(1, NonZero::get)
    }

    /// The device. Decides on how many threads all products run, which a program can do only once.
    fn compute(&self) -> Result<Compute> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(self.thread_count());
        threads
            .build_global()
            .context("the threads can't be started")?;
        let kind = match self.device {
            Device::Cpu => ComputeKind::Cpu,
            Device::Gpu => ComputeKind::Gpu,
        };
        Ok(pollster::block_on(Compute::open(kind))?)
    }

    /// The model and the SHA-256 of its file.
    fn load_with_sha256(&self) -> Result<(Model, String)> {
        self.load_on(&self.compute()?)
    }

    fn load_on(&self, compute: &Compute) -> Result<(Model, String)> {
        let weights = self.weights.as_deref();
        let name = weights.map_or("the bundled weights".into(), Path::to_string_lossy);
        let ((file, checkpoint), is_published) = match weights {
            None => (inspect(BUNDLED_WEIGHTS)?, true),
            Some(path) => {
                let read = read_weights(path)?;
                let is_published = published::check(path, &read.0)?;
                (read, is_published)
            }
        };
        let kind = self.family(&file, &name)?;
        eprintln!("{} on {}", kind.name(), compute.name());
        if !is_published {
            published::note(&name, &file);
        }
        let model = Model::new(kind, checkpoint, compute);
        let model = model.with_context(|| name.into_owned())?;
        Ok((model.with_published(is_published), file.sha256))
    }

    fn family(&self, file: &WeightsFile, name: &str) -> Result<CheckpointKind> {
        let recipe = self.recipe.map(|recipe| match recipe {
            RecipeName::Sam => Recipe::Sam,
            RecipeName::Medsam => Recipe::MedSam,
            RecipeName::Litemedsam => Recipe::LiteMedSam,
            RecipeName::Sam2 => Recipe::Sam2,
            RecipeName::Medsam2 => Recipe::MedSam2,
        });
        let kind = match recipe {
            Some(recipe) => file.kind_with(recipe),
            None => file.kind(),
        };
        kind.with_context(|| format!("{name} (--recipe selects the family)"))
    }
}

fn read_weights(path: &Path) -> Result<(WeightsFile, Checkpoint)> {
    inspect(&read(path)?).with_context(|| format!("{}", path.display()))
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
        Command::Propagate(arguments) => propagate::run(&arguments),
        Command::Edit(arguments) => edit::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Info(arguments) => info::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Inspect(arguments) => inspect_weights::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "boxel", &mut io::stdout());
            Ok(())
        }
        Command::Man { folder } => clap_mangen::generate_to(Cli::command(), &folder)
            .with_context(|| format!("cannot write man pages into {}", folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_folder::Folder;

    #[test]
    fn each_command_has_completions_and_a_man_page() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        let mut completions = Vec::new();
        clap_complete::generate(Shell::Bash, &mut command, "boxel", &mut completions);
        let completions = String::from_utf8(completions).unwrap();
        let folder = Folder::new("man");
        clap_mangen::generate_to(Cli::command(), folder.folder()).unwrap();
        assert!(completions.contains("propagate"));
        // Generating completions adds the command `help`, which has no page.
        for each in Cli::command().get_subcommands() {
            let page = folder.path(&format!("boxel-{}.1", each.get_name()));
            assert!(page.is_file(), "{}", page.display());
        }
    }
}
