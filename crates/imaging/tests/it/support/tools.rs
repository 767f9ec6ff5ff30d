//! Other programs that read scans, installed by `cargo xtask setup`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the tools; `None` if it is missing.
pub fn tools() -> Option<PathBuf> {
    let tools = root().join(".tools/interop");
    tools.exists().then_some(tools)
}

/// The output of a script in `tests/interop`; `None`, after printing that it is skipped, if the tools are missing.
pub fn python(script: &str, args: &[&Path]) -> Option<String> {
    let python = tools().map(|tools| tools.join("python/bin/python"));
    let Some(python) = python.filter(|python| python.exists()) else {
        println!("SKIPPED: {script}: no tools, run `cargo xtask setup`");
        return None;
    };
    let script = root().join("tests/interop").join(script);
    let output = Command::new(python).arg(&script).args(args).output();
    let output = output.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", script.display());
    Some(String::from_utf8(output.stdout).unwrap())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
