use std::path::PathBuf;

use anyhow::Result;
use boxel_segmenter::sam::FloatFormat;
use clap::ValueEnum;

use crate::{read_checkpoint, write};

/// What to convert, and to what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The checkpoint: `.pth`, `.pt` or `.safetensors`.
    input: PathBuf,
    /// The file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// How its numbers are stored.
    #[arg(long, value_enum, default_value = "f16")]
    dtype: Dtype,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dtype {
    F16,
    F32,
}

/// Reads, folds and writes.
pub fn run(arguments: &Arguments) -> Result<()> {
    let checkpoint = read_checkpoint(&arguments.input)?;
    let format = match arguments.dtype {
        Dtype::F16 => FloatFormat::F16,
        Dtype::F32 => FloatFormat::F32,
    };
    let bytes = checkpoint.to_safetensors(format)?;
    write(&arguments.output, &bytes)?;
    println!(
        "{}: {} tensors, {} bytes",
        arguments.output.display(),
        checkpoint.keys().count(),
        bytes.len()
    );
    Ok(())
}
