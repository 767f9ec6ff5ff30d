//! Long lines in the page's code and its tests: review tools and split windows cut them off.

/// In characters. The code is broken at 120; names of tests and patterns may need a little more.
const MAX_COLUMNS: usize = 140;

const FOLDERS: [&str; 4] = ["web/", "embed/", "tests/web/", "tests/browser/"];

/// The lines of a script, style sheet or page that are too long.
pub fn faults_in(file: &str, text: &str) -> Vec<String> {
    if !FOLDERS.iter().any(|folder| file.starts_with(folder)) {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    lines
        .map(|(at, line)| (at + 1, line.chars().count()))
        .filter(|(_, columns)| *columns > MAX_COLUMNS)
        .map(|(line, columns)| {
            format!("{file}:{line} has {columns} characters; break it, at most {MAX_COLUMNS} fit")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_COLUMNS, faults_in};

    #[test]
    fn a_line_that_is_too_long_is_named_with_its_length() {
        let text = format!("a\n{}\n", "×".repeat(MAX_COLUMNS + 1));
        assert_eq!(
            faults_in("web/main.js", &text),
            ["web/main.js:2 has 141 characters; break it, at most 140 fit"]
        );
        for file in [
            "embed/scan.js",
            "tests/web/a.test.mjs",
            "tests/browser/a.js",
        ] {
            assert_eq!(faults_in(file, &text).len(), 1, "{file}");
        }
    }

    #[test]
    fn characters_count_and_not_bytes_and_other_folders_are_let_through() {
        let longest = format!("{}\n", "×".repeat(MAX_COLUMNS));
        assert_eq!(faults_in("web/main.js", &longest), [""; 0]);
        let text = "a".repeat(MAX_COLUMNS + 1);
        assert_eq!(faults_in("docs/a.mjs", &text), [""; 0]);
    }
}
