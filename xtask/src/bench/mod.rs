//! What it costs: the encoders on this machine, LiteMedSAM beside ONNX Runtime and PyTorch, and the whole in a
//! browser beside ONNX Runtime Web.

mod native;
mod peers;
mod web;

use crate::args::Args;
use anyhow::Result;

/// `cargo xtask bench`
pub fn task(mut args: Args) -> Result<()> {
    if args.flag("web") {
        return web::measure(args);
    }
    match args.flag("peers") {
        true => peers::measure(args),
        false => native::measure(args),
    }
}
