//! The scripts of the built page in few files, and its files compressed beforehand: by pinned tools of npm.

use crate::setup::BUNDLE;
use crate::{command, project};
use anyhow::Result;
use std::path::Path;

/// One file for the page and one for each of its workers, in the place of the modules.
pub fn bundle(dist: &Path) -> Result<()> {
    node("bundle.mjs", &[dist])
}

/// `.br` and `.gz` beside each file that gets smaller by it.
pub fn compress(dist: &Path) -> Result<()> {
    eprintln!("compressing (a minute where the module has changed)");
    node(
        "compress.mjs",
        &[dist, &project::target().join("compressed")],
    )
}

fn node(script: &str, args: &[&Path]) -> Result<()> {
    let script = Path::new(BUNDLE).join(script);
    command::run(project::program("node")?.arg(script).args(args))
}
