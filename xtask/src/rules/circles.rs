//! No circles between the modules of a crate: each top-level module uses only modules below it.
//!
//! A module is a file or folder directly under a crate's `src`. It uses another where its code names `crate::other`;
//! names that the crate's root re-exports count as the module that they come from. Comments and tests are ignored.

use std::collections::{BTreeMap, BTreeSet};

/// The crates whose modules must have no circle.
const CRATES: [&str; 6] = [
    "bindings",
    "cli",
    "imaging",
    "sam",
    "segmenter",
    "tensor-file",
];

/// For each module the modules that it uses, each with a file that does.
type Uses = BTreeMap<String, BTreeMap<String, String>>;

/// The circles among the modules of the checked crates. `files` are paths from the repository's root and their texts.
pub fn faults(files: &[(String, String)]) -> Vec<String> {
    let found = CRATES.iter().filter_map(|name| {
        let source = format!("crates/{name}/src/");
        let files: Vec<(&str, &str)> = files
            .iter()
            .filter_map(|(path, text)| Some((path.strip_prefix(&source)?, text.as_str())))
            .filter(|(path, _)| path.ends_with(".rs"))
            .collect();
        let circle = circle_in(&uses(&files))?;
        Some(format!("crates/{name}: modules in a circle: {circle}"))
    });
    found.collect()
}

/// The uses among the modules of a crate, from the paths under its `src` and their texts.
fn uses(files: &[(&str, &str)]) -> Uses {
    let modules: BTreeSet<&str> = files.iter().map(|(path, _)| module_of(path)).collect();
    let root = files.iter().find(|(path, _)| *path == "lib.rs");
    let exported = root.map_or_else(BTreeMap::new, |(_, text)| re_exports(&code(text)));
    let mut uses = Uses::new();
    for (path, text) in files {
        let module = module_of(path);
        // The root names every module, and tests may use any.
        if ["lib", "main"].contains(&module) || path.ends_with("/tests.rs") {
            continue;
        }
        for name in named(&code(text), "crate::") {
            let target = exported.get(&name).unwrap_or(&name);
            if target != module && modules.contains(target.as_str()) {
                let of_module = uses.entry(module.to_owned()).or_default();
                of_module
                    .entry(target.clone())
                    .or_insert_with(|| (*path).to_owned());
            }
        }
    }
    uses
}

/// The top-level module of a path under `src`.
fn module_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The text without line comments and without the unit tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first name after each `prefix`, and each first name of a list in braces after it.
fn named(code: &str, prefix: &str) -> Vec<String> {
    let after = code.match_indices(prefix).map(|(at, _)| {
        let starts_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if starts_word {
            ""
        } else {
            &code[at + prefix.len()..]
        }
    });
    after.flat_map(names_of_path).collect()
}

/// `a::b` → `a`; `{a::{b, c}, d}` → `a`, `d`.
fn names_of_path(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut names = vec![word(list)];
    let mut depth = 0u32;
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(&list[at + 1..])),
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    let text = text.trim_start();
    let letters = text.chars();
    letters
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// What the root re-exports: `pub use scan::{Grid, Scan}` → `Grid` and `Scan`, both of `scan`.
fn re_exports(root: &str) -> BTreeMap<String, String> {
    let statements = root
        .split(';')
        .filter_map(|statement| statement.split("pub use ").nth(1));
    let pairs = statements.flat_map(|statement| {
        let (module, names) = statement.split_once("::").unwrap_or((statement, ""));
        let names = names_of_path(names);
        let module = module.trim().to_owned();
        names.into_iter().map(move |name| (name, module.clone()))
    });
    pairs.collect()
}

/// A circle, such as `a → b (a/x.rs) → a (b.rs)`.
fn circle_in(uses: &Uses) -> Option<String> {
    let mut done = BTreeSet::new();
    uses.keys()
        .find_map(|module| circle_from(module, uses, &mut Vec::new(), &mut done))
}

fn circle_from<'a>(
    module: &'a str,
    uses: &'a Uses,
    path: &mut Vec<(&'a str, &'a str)>,
    done: &mut BTreeSet<&'a str>,
) -> Option<String> {
    if done.contains(module) {
        return None;
    }
    for (target, file) in uses.get(module).into_iter().flatten() {
        path.push((module, file));
        if let Some(start) = path.iter().position(|(on_path, _)| on_path == target) {
            let names = path[start..].iter().skip(1).map(|(name, _)| *name);
            let steps = names.chain([target.as_str()]).zip(&path[start..]);
            let steps: Vec<String> = steps
                .map(|(name, (_, file))| format!(" → {name} ({file})"))
                .collect();
            return Some(format!("{target}{}", steps.concat()));
        }
        let found = circle_from(target, uses, path, done);
        if found.is_some() {
            return found;
        }
        path.pop();
    }
    done.insert(module);
    None
}

#[cfg(test)]
mod tests {
    use super::{circle_in, faults, uses};

    fn circle(files: &[(&str, &str)]) -> Option<String> {
        circle_in(&uses(files))
    }

    #[test]
    fn a_tree_has_no_circle() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::B;"),
            ("a.rs", "use crate::b::B;\nuse crate::c;"),
            ("b/mod.rs", "use crate::c::C;\nuse crate::b::deep::D;"),
            ("b/deep.rs", "use crate::b::B;"),
            ("c.rs", "use std::fmt;"),
        ];
        assert_eq!(circle(&files), None);
    }

    #[test]
    fn a_circle_is_named_with_the_files_that_close_it() {
        let files = [
            (
                "scan/mod.rs",
                "use crate::{\n    error::Error,\n    window::{Lut, Window},\n};",
            ),
            ("window/mod.rs", "fn f() { crate::render::draw() }"),
            ("render.rs", "use crate::scan::Scan;"),
            ("error.rs", ""),
        ];
        let expected = "render → scan (render.rs) → window (scan/mod.rs) → render (window/mod.rs)";
        assert_eq!(circle(&files).as_deref(), Some(expected));
    }

    #[test]
    fn a_name_of_the_root_counts_as_its_module() {
        let files = [
            ("lib.rs", "pub use a::{A, Other};\npub use b::B;"),
            ("a.rs", "fn f(_: crate::B) {}"),
            ("b.rs", "fn f(_: crate::A) {}"),
        ];
        let expected = "a → b (a.rs) → a (b.rs)";
        assert_eq!(circle(&files).as_deref(), Some(expected));
    }

    #[test]
    fn comments_and_tests_close_no_circle() {
        let files = [
            (
                "a.rs",
                "/// [`B`](crate::b::B)\nuse crate::b::B; // crate::a",
            ),
            (
                "b.rs",
                "// crate::a\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}",
            ),
            ("b/tests.rs", "use crate::a;"),
        ];
        assert_eq!(circle(&files), None);
    }

    #[test]
    fn only_the_checked_crates_are_asked() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let in_crate = |name: &str| {
            [
                file(&format!("crates/{name}/src/a.rs"), "use crate::b;"),
                file(&format!("crates/{name}/src/b.rs"), "use crate::a;"),
            ]
        };
        assert_eq!(faults(&in_crate("other")), [""; 0]);
        let found = faults(&in_crate("imaging"));
        assert_eq!(
            found,
            ["crates/imaging: modules in a circle: a → b (a.rs) → a (b.rs)"]
        );
    }
}
