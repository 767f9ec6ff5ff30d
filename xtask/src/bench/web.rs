//! Measures Boxel and ONNX Runtime Web in turn, in one browser (`bench/web`).

use super::peers::PEERS;
use crate::args::Args;
use crate::lint::Lints;
use crate::{command, package, project, setup, site};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// `cargo xtask bench web [--device cpu|gpu] [--rounds N] [--peers DIR]`: measures one device, and writes the
/// report of all devices measured so far.
pub fn measure(mut args: Args) -> Result<()> {
    let device = args.value("--device")?.unwrap_or_else(|| "cpu".to_owned());
    let rounds: u32 = args.number("--rounds")?.unwrap_or(5);
    let peers = args
        .value("--peers")?
        .map_or_else(|| project::root().join(PEERS), PathBuf::from);
    let is_built = args.flag("--no-build");
    args.end()?;
    setup::node()?;
    let browser = setup::browser()?;
    command::run(npm()?.arg("ci"))?;
    if !is_built {
        site::build(Lints::Off)?;
    }
    package::assemble(&site::dist())?;
    let measured = command::shown_output(
        node("bench.js")?
            .arg("--page")
            .arg(site::dist())
            .arg("--package")
            .arg(package::folder())
            .arg("--samples")
            .arg(project::root().join("samples"))
            .arg("--peers")
            .arg(peers)
            .args(["--device", &device, "--rounds", &rounds.to_string()])
            .env("CHROMIUM", &browser.chromium),
    )?;
    let file = folder().join(format!("{device}.json"));
    fs::write(&file, measured).with_context(|| format!("cannot write {}", file.display()))?;
    let measured = ["cpu.json", "gpu.json"]
        .into_iter()
        .filter(|file| folder().join(file).is_file());
    let report = command::shown_output(
        node("report.js")?
            .args(["--plot", "REPORT.svg"])
            .args(measured),
    )?;
    print!("{report}");
    fs::write(folder().join("REPORT.md"), report)?;
    Ok(())
}

fn folder() -> PathBuf {
    project::root().join("bench/web")
}

fn npm() -> Result<Command> {
    let mut npm = project::program("npm")?;
    npm.current_dir(folder());
    Ok(npm)
}

fn node(script: &str) -> Result<Command> {
    let mut node = project::program("node")?;
    node.current_dir(folder()).arg(script);
    Ok(node)
}
