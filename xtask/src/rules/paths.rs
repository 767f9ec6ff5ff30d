//! Files that the documents name: each must exist, so that a rename does not leave a document behind.

use crate::project;
use std::path::Path;

/// Folders at the root; a word in backticks that starts with one of them is a path.
const ROOTS: [&str; 11] = [
    "bench/",
    "crates/",
    "docs/",
    "embed/",
    "findings/",
    "fuzz/",
    "models/",
    "samples/",
    "tests/",
    "web/",
    "xtask/",
];

/// Names files inside other packages.
const FOREIGN: &str = "samples/README.md";

/// The paths in a Markdown document that exist neither next to it nor from the root.
pub fn faults_in(document: &str, text: &str) -> Vec<String> {
    if document == FOREIGN {
        return Vec::new();
    }
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    let lines = text.lines().enumerate();
    let named = lines.flat_map(|(at, line)| {
        let links = links(line).map(|link| (link, folder.join(link)));
        let words = words(line).flat_map(|word| {
            let paths = expanded(word).into_iter();
            paths.map(move |path| (word, path.into()))
        });
        let all: Vec<_> = links.chain(words).collect();
        all.into_iter()
            .map(move |(word, path)| (at + 1, word, path))
    });
    let exists = |path: &Path| project::root().join(path).exists();
    named
        .filter(|(_, word, path)| !exists(path) && !exists(Path::new(word)))
        .map(|(line, word, _)| format!("{document}:{line} names {word}, which does not exist"))
        .collect()
}

/// The targets of a line's links, without those inside the page.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}

/// The paths between backticks.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    let words = quoted.flat_map(str::split_whitespace);
    words.filter(|word| {
        // `<target>` stands for a name.
        ROOTS.iter().any(|root| word.starts_with(root)) && !word.contains(['<', '…'])
    })
}

/// `a/{b,c}.rs` is two paths; of `a/b*.py` the folder is looked for.
fn expanded(word: &str) -> Vec<String> {
    if let Some((before, rest)) = word.split_once('{')
        && let Some((inner, after)) = rest.split_once('}')
    {
        let each = inner.split(',');
        return each
            .flat_map(|part| expanded(&format!("{before}{}{after}", part.trim())))
            .collect();
    }
    let whole = word.split_once('*').map_or(word, |(before, _)| {
        before.rsplit_once('/').map_or("", |(folder, _)| folder)
    });
    vec![whole.trim_end_matches([':', ',']).to_owned()]
}

#[cfg(test)]
mod tests {
    use super::{expanded, faults_in};

    #[test]
    fn a_path_that_does_not_exist_is_named_with_its_line() {
        let text = "See `xtask/src/{main,args}.rs`.\n`python tests/goldens/make_*.py` [a](README.md#x)\n\
                    `web/none.js` and [b](docs/none.md)\n";
        let faults = faults_in("README.md", text);
        assert_eq!(
            faults,
            [
                "README.md:3 names docs/none.md, which does not exist",
                "README.md:3 names web/none.js, which does not exist"
            ]
        );
    }

    #[test]
    fn a_link_starts_from_its_document() {
        assert_eq!(
            faults_in("docs/features.md", "[a](../README.md) [b](exports.md)"),
            [""; 0]
        );
        assert_eq!(faults_in("docs/features.md", "[a](none.md)").len(), 1);
    }

    #[test]
    fn braces_stand_for_several_paths() {
        assert_eq!(expanded("a/{b,c}/d"), ["a/b/d", "a/c/d"]);
        assert_eq!(expanded("a/b_*.py"), ["a"]);
    }
}
