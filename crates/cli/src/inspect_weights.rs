use std::path::PathBuf;

use anyhow::Result;
use boxel_segmenter::sam::Naming;

use crate::read_weights;

/// Arguments of `boxel inspect`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The weights file: `.pth`, `.pt`, `.bin` or `.safetensors`.
    input: PathBuf,
}

/// Describes a weights file; fails at the first key that is missing, unused or has a wrong shape.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (file, _) = read_weights(&arguments.input)?;
    let names = match file.naming {
        Naming::Original => "original names",
        Naming::HuggingFace => "Hugging Face names",
    };
    let kinds: Vec<&str> = file.kinds.iter().map(|kind| kind.name()).collect();
    let dtype = file.dtype.map_or("mixed formats", |dtype| dtype.name());
    println!("format      {}, {names}", file.format);
    println!("weights     {}", kinds.join(" or "));
    println!(
        "published   {}",
        file.published.unwrap_or("not a known file")
    );
    println!(
        "model       {}, {} parameters",
        file.architecture.name(),
        file.parameters
    );
    println!("tensors     {} in {dtype}", file.tensors);
    println!("SHA-256     {}", file.sha256);
    Ok(())
}
