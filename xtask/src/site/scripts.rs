//! Bundles the built page's scripts and compresses its files, with pinned npm packages.

use crate::setup::BUNDLE;
use crate::{command, project};
use anyhow::Result;
use std::path::Path;

/// Replaces the modules by one file for the page and one for each worker.
pub fn bundle(dist: &Path) -> Result<()> {
    node("bundle.mjs", &[dist])
}

/// Writes `.br` and `.gz` next to each file that they make smaller.
pub fn compress(dist: &Path) -> Result<()> {
    eprintln!("compressing (takes a minute if the module has changed)");
    node(
        "compress.mjs",
        &[dist, &project::target().join("compressed")],
    )
}

fn node(script: &str, args: &[&Path]) -> Result<()> {
    let script = Path::new(BUNDLE).join(script);
    command::run(project::program("node")?.arg(script).args(args))
}
