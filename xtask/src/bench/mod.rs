//! What it costs: the encoders on this machine, and the whole in a browser beside ONNX Runtime Web.

mod native;
mod web;

use crate::args::Args;
use anyhow::Result;

/// `cargo xtask bench`
pub fn task(mut args: Args) -> Result<()> {
    match args.flag("web") {
        true => web::measure(args),
        false => native::measure(args),
    }
}
