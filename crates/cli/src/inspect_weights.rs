use std::path::PathBuf;

use anyhow::Result;
use boxel_segmenter::NOT_PUBLISHED;
use boxel_segmenter::sam::Naming;

use crate::{published, read_weights};

/// Arguments of `boxel inspect`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The weights file: `.pth`, `.pt`, `.bin` or `.safetensors`.
    input: PathBuf,
}

/// Describes a weights file; fails if it is damaged, and at the first key that is missing, unused or has a wrong shape.
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
    let published = match published::check(&arguments.input, &file)? {
        true => file.published.unwrap_or("in the models.json next to it"),
        false => NOT_PUBLISHED,
    };
    println!("published   {published}");
    println!(
        "model       {}, {} parameters",
        file.architecture.name(),
        file.parameters
    );
    println!("tensors     {} in {dtype}", file.tensors);
    println!("SHA-256     {}", file.sha256);
    let checksum = match file.has_checksum {
        true => "of the tensors, right",
        false => "none in the file",
    };
    println!("checksum    {checksum}");
    Ok(())
}
