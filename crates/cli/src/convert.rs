use std::path::PathBuf;

use anyhow::Result;
use boxel_segmenter::sam::FloatFormat;
use clap::ValueEnum;

use crate::{published, read_weights, write};

/// Arguments of `boxel convert`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The checkpoint file: `.pth`, `.pt`, `.bin` or `.safetensors`.
    input: PathBuf,
    /// The safetensors file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// The number format of the output.
    #[arg(long, value_enum, default_value = "f16")]
    dtype: Dtype,
    /// Leave out the checksum of the tensors, for a file whose own SHA-256 is published.
    #[arg(long)]
    no_checksum: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dtype {
    F16,
    Bf16,
    F32,
}

/// Converts a checkpoint.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (file, checkpoint) = read_weights(&arguments.input)?;
    let format = match arguments.dtype {
        Dtype::F16 => FloatFormat::F16,
        Dtype::Bf16 => FloatFormat::BF16,
        Dtype::F32 => FloatFormat::F32,
    };
    // A checksum of what was damaged before says nothing.
    if !published::check(&arguments.input, &file)? {
        published::note(&arguments.input.display().to_string(), &file);
    }
    let bytes = match arguments.no_checksum {
        true => checkpoint.to_safetensors(format)?,
        false => checkpoint.to_checked_safetensors(format)?,
    };
    write(&arguments.output, &bytes)?;
    println!(
        "{}: {}, {} tensors, {} bytes",
        arguments.output.display(),
        file.architecture.name(),
        file.tensors,
        bytes.len()
    );
    Ok(())
}
