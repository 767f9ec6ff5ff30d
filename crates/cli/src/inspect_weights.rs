use std::path::PathBuf;

use anyhow::Result;
use boxel_segmenter::sam::Naming;

use crate::read_weights;

/// Which file.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The weights: `.pth`, `.pt`, `.bin` or `.safetensors`.
    input: PathBuf,
}

/// Prints what the file is; fails with the first key that is missing, unused or misshapen.
pub fn run(arguments: &Arguments) -> Result<()> {
    let (file, _) = read_weights(&arguments.input)?;
    let names = match file.naming {
        Naming::Original => "the original's names",
        Naming::HuggingFace => "Hugging Face's names",
    };
    let kinds: Vec<&str> = file.kinds.iter().map(|kind| kind.name()).collect();
    let dtype = file.dtype.map_or("several kinds", |dtype| dtype.name());
    println!("format      {}, {names}", file.format);
    println!("weights     {}", kinds.join(" or "));
    println!(
        "published   {}",
        file.published.unwrap_or("no file that is known")
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
