//! Writes into index.html what only the build knows: where the version's files are, and the sizes that the page shows.
//! It can't ask the host for them, since a Content-Length is that of the compressed form.

use super::MODULE;
use anyhow::{Context, Result, bail};
use std::fmt::Display;
use std::fs;
use std::path::Path;

const PAGE: &str = "index.html";
/// The folder of all scripts and style sheets that the page names.
const SCRIPTS: &str = "web/";

/// Writes the version's folder, the module's bytes, and those of all files that are kept for offline use, this page
/// among them.
pub fn write(dist: &Path, version: &str, kept: &[String]) -> Result<()> {
    let bytes_of = |file: &str| {
        let file = dist.join(file);
        let found = fs::metadata(&file).with_context(|| format!("cannot read {}", file.display()));
        found.map(|found| found.len())
    };
    let page = fs::read_to_string(dist.join(PAGE))?;
    let page = with_content(&in_folder(&page, version), "version", version)?;
    let module_bytes = bytes_of(&format!("{version}/{MODULE}"))?;
    let page = with_content(&page, "module-bytes", module_bytes)?;
    let mut others = 0;
    for file in kept.iter().filter(|file| *file != PAGE) {
        others += bytes_of(file)?;
    }
    fs::write(dist.join(PAGE), with_own_size(&page, others)?)?;
    Ok(())
}

fn in_folder(page: &str, version: &str) -> String {
    let mut page = page.to_owned();
    for attribute in ["href", "src"] {
        let inside = format!("{attribute}=\"{version}/{SCRIPTS}");
        page = page.replace(&format!("{attribute}=\"{SCRIPTS}"), &inside);
    }
    page
}

/// The number is part of the size that it states, so it is written again until it is right.
fn with_own_size(page: &str, others: u64) -> Result<String> {
    let mut written = with_content(page, "kept-bytes", others)?;
    for _ in 0..4 {
        let total = others + written.len() as u64;
        let again = with_content(&written, "kept-bytes", total)?;
        if again == written {
            return Ok(written);
        }
        written = again;
    }
    bail!("the size of {PAGE} does not converge")
}

fn with_content(page: &str, name: &str, content: impl Display) -> Result<String> {
    let start = format!("<meta name=\"{name}\" content=\"");
    let parts = page.split_once(&start);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once('"')?.1)));
    let (before, after) = parts.with_context(|| format!("{PAGE} has no {start}…\">"))?;
    Ok(format!("{before}{start}{content}\"{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = "<head><meta name=\"version\" content=\"\">\
        <meta name=\"module-bytes\" content=\"0\"><meta name=\"kept-bytes\" content=\"0\"><script src=\"web/main.js\"></head>";

    #[test]
    fn the_sizes_are_those_of_the_files_and_the_page_counts_itself() {
        let dist = std::env::temp_dir().join(format!("boxel-sizes-{}", std::process::id()));
        let module = format!("v-1/{MODULE}");
        fs::create_dir_all(dist.join("v-1")).unwrap();
        fs::write(dist.join(PAGE), HTML).unwrap();
        fs::write(dist.join(&module), [0; 1234]).unwrap();
        fs::write(dist.join("a"), vec![0; 9_998_700]).unwrap();
        let kept = [PAGE, &module, "a"].map(str::to_owned);
        write(&dist, "v-1", &kept).unwrap();
        let page = fs::read_to_string(dist.join(PAGE)).unwrap();
        fs::remove_dir_all(&dist).unwrap();
        for part in [
            "name=\"version\" content=\"v-1\"",
            "name=\"module-bytes\" content=\"1234\"",
            "src=\"v-1/web/main.js\"",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let total = 1234 + 9_998_700 + page.len();
        // The page's own size adds a digit.
        assert!(total > 10_000_000);
        assert!(
            page.contains(&format!("name=\"kept-bytes\" content=\"{total}\"")),
            "{page}"
        );
        assert!(with_content("<head>", "kept-bytes", 1).is_err());
    }
}
