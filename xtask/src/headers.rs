//! Reads the `_headers` file as static hosts do: a line with a path, then indented lines `Name: value`.

use anyhow::{Context, Result, bail};

/// Hosts read this file and do not serve it.
pub const FILE: &str = "_headers";

/// A path pattern and its headers.
#[derive(Clone, Debug)]
pub struct Rule {
    path: String,
    headers: Vec<(String, String)>,
}

/// Parses the file. Placeholders and removals, which not every host supports, are errors.
pub fn parse(text: &str) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            if !words.starts_with('/') || words.contains(':') {
                bail!(
                    "{FILE}:{}: `{words}` is not a path like /* or /web/*",
                    at + 1
                );
            }
            rules.push(Rule {
                path: words.to_owned(),
                headers: Vec::new(),
            });
            continue;
        }
        let (name, value) = words
            .split_once(':')
            .filter(|(name, _)| {
                name.chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            })
            .with_context(|| format!("{FILE}:{}: `{words}` is not `Name: value`", at + 1))?;
        let rule = rules
            .last_mut()
            .with_context(|| format!("{FILE}:{}: a header before any path", at + 1))?;
        rule.headers
            .push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(rules)
}

/// All headers for a path. If several rules set the same header, their values are joined by commas.
pub fn for_path(rules: &[Rule], path: &str) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    let matching = rules.iter().filter(|rule| matches(&rule.path, path));
    for (name, value) in matching.flat_map(|rule| &rule.headers) {
        match joined
            .iter_mut()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
        {
            Some((_, values)) => *values = format!("{values}, {value}"),
            None => joined.push((name.clone(), value.clone())),
        }
    }
    joined
}

/// Matches a pattern in which one `*` stands for any text, slashes included.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, end)) => {
            path.len() >= start.len() + end.len() && path.starts_with(start) && path.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{for_path, matches, parse};

    #[test]
    fn every_matching_rule_adds_its_headers() {
        let rules = parse("# all\n/*\n  Content-Security-Policy: default-src 'none'; img-src 'self' blob:\n\tX-A: 1\n\n/web/*\n  x-a: 2\n").unwrap();
        assert_eq!(rules.len(), 2);
        let policy = (
            "Content-Security-Policy".to_owned(),
            "default-src 'none'; img-src 'self' blob:".to_owned(),
        );
        assert_eq!(
            for_path(&rules, "/"),
            [policy.clone(), ("X-A".to_owned(), "1".to_owned())]
        );
        assert_eq!(
            for_path(&rules, "/web/main.js"),
            [policy, ("X-A".to_owned(), "1, 2".to_owned())]
        );
    }

    #[test]
    fn headers_that_hosts_would_misread_are_an_error() {
        for text in [
            "  X: 1\n",
            "/*\n  no colon\n",
            "*\n  X: 1\n",
            "/:name\n  X: 1\n",
            "/*\n  ! X-A: 1\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_star_matches_anything() {
        assert!(matches("/*", "/") && matches("/*", "/a/b") && matches("/*.wasm", "/a/b.wasm"));
        assert!(matches("/a", "/a") && !matches("/a", "/a/b") && !matches("/aa*aa", "/aaa"));
    }
}
