//! Finds in markup and scripts what the checks of the built page need.

/// Tags with inline scripts or styles, which `script-src 'self'; style-src 'self'` forbids.
pub fn inline(html: &str) -> Vec<String> {
    let is_inline = |tag: &String| {
        let name = tag.split_whitespace().next().unwrap_or_default();
        let is_inline_script = name == "script" && !tag.contains(" src=");
        is_inline_script
            || name == "style"
            || tag.contains(" style=")
            || tag.split_whitespace().any(is_handler)
    };
    tags(html).into_iter().filter(is_inline).collect()
}

/// The files that a page's `href` and `src` name.
pub fn links(html: &str) -> Vec<String> {
    let mut links = Vec::new();
    for tag in tags(html) {
        for attribute in [" href=\"", " src=\""] {
            let values = tag
                .split(attribute)
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            links.extend(values.map(|link| link.trim_start_matches("./").to_owned()));
        }
    }
    links.retain(|link| !link.is_empty() && !link.starts_with(['#', '/']) && !link.contains(':'));
    links
}

/// The files that a script imports, or names relative to itself.
pub fn imports(script: &str) -> Vec<String> {
    let starts = ["from \"", "import \"", "new URL(\""];
    let values = starts
        .iter()
        .flat_map(|start| script.split(start).skip(1))
        .filter_map(|rest| rest.split('"').next());
    values
        .filter(|link| link.starts_with('.'))
        .map(str::to_owned)
        .collect()
}

/// The text between `<` and `>` of each opening tag.
fn tags(html: &str) -> Vec<String> {
    let mut pieces = html.split("<!--");
    let first = pieces.next().unwrap_or_default();
    let after_comments = pieces
        .filter_map(|piece| piece.split_once("-->"))
        .map(|(_, after)| after);
    std::iter::once(first)
        .chain(after_comments)
        .flat_map(|text| text.split('<').skip(1))
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag.to_owned())
        .filter(|tag| tag.starts_with(|first: char| first.is_ascii_alphabetic()))
        .collect()
}

/// Is it an attribute like `onclick="…"`?
fn is_handler(word: &str) -> bool {
    let event = word
        .strip_prefix("on")
        .and_then(|rest| rest.split_once('='));
    event.is_some_and(|(event, _)| !event.is_empty() && event.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::{imports, inline, links};

    #[test]
    fn inline_scripts_styles_and_handlers_are_found() {
        let allowed = "<script type=\"module\" src=\"a.js\"></script><p class=\"one\">on = x</p><!-- <style> -->";
        assert!(inline(allowed).is_empty());
        for tag in [
            "script",
            "script type=\"module\"",
            "style",
            "p style=\"x\"",
            "p onclick=\"x\"",
        ] {
            assert_eq!(inline(&format!("<!-- a --><{tag}>")), [tag]);
        }
    }

    #[test]
    fn links_are_the_files_of_the_page() {
        let html = "<link href=\"./web/a.css\" rel=\"x\"><script src=\"web/main.js\"><a href=\"#top\"><img src=\"data:x\">";
        assert_eq!(links(html), ["web/a.css", "web/main.js"]);
    }

    #[test]
    fn imports_are_files_next_to_the_script() {
        let script = "import { a } from \"./a.js\";\nimport \"../b.js\";\nnew URL(\"./c.wasm\", import.meta.url); \"./d.js\"";
        assert_eq!(imports(script), ["./a.js", "../b.js", "./c.wasm"]);
    }
}
