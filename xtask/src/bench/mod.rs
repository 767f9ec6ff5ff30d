//! Benchmarks: Boxel next to ONNX Runtime Web in a browser, LiteMedSAM natively next to ONNX Runtime and PyTorch, and
//! all encoders on this machine.

mod encoders;
mod peers;
mod web;

use crate::args::Args;
use anyhow::Result;

/// `cargo xtask bench [web|peers|encoders]`: runs one benchmark, or all.
pub fn task(mut args: Args) -> Result<()> {
    if args.flag("web") {
        return web::measure(args);
    }
    if args.flag("peers") {
        return peers::measure(args);
    }
    if args.flag("encoders") {
        return encoders::measure(args);
    }
    all(args)
}

/// `cargo xtask bench [--peers DIR] [--python PROGRAM]`
fn all(mut args: Args) -> Result<()> {
    let given = |name: &str, value: Option<String>| match value {
        Some(value) => vec![name.to_owned(), value],
        None => Vec::new(),
    };
    let folder = given("--peers", args.value("--peers")?);
    let python = given("--python", args.value("--python")?);
    args.end()?;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let with = |words: Vec<String>| Args::new([words, folder.clone()].concat());
    web::measure(with(words(&["--device", "cpu"])))?;
    web::measure(with(words(&["--device", "gpu", "--no-build"])))?;
    // The other benchmarks are useful without the peers.
    if let Err(error) = peers::measure(with(python)) {
        eprintln!("SKIPPED: {error:#}");
    }
    encoders::measure(Args::new(Vec::new()))
}
