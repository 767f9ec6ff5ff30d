//! Addresses of other hosts. Neither the page nor the repository names one, so that nothing can be sent there.

const SCHEMES: [&str; 6] = ["http", "https", "ws", "wss", "ftp", "ssh"];

/// XML namespaces look like addresses and are never requested.
const NAMES: [&str; 3] = [
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
    "http://www.openmicroscopy.org/Schemas/OME/2016-06",
];

/// The absolute addresses in a text, each with its line, except those of this machine.
pub fn absolute(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(at, line)| in_line(line).map(move |address| (at + 1, address)))
        .collect()
}

fn in_line(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("://").filter_map(|(colon, _)| {
        let start = line[..colon]
            .rfind(|letter: char| !letter.is_ascii_alphabetic())
            .map_or(0, |before| before + 1);
        // `before` may be a letter of more than one byte.
        let start = (start..=colon).find(|&at| line.is_char_boundary(at))?;
        let end = line[colon..]
            .find([' ', '\t', '"', '\'', '`', '<', '>', ')'])
            .map_or(line.len(), |length| colon + length);
        let (scheme, address) = (&line[start..colon], &line[start..end]);
        let host = &line[colon + 3..end];
        let is_foreign = SCHEMES.contains(&scheme) && !is_here(host) && !NAMES.contains(&address);
        is_foreign.then_some(address)
    })
}

/// This machine, an empty host, or a placeholder.
fn is_here(host: &str) -> bool {
    host.is_empty()
        || host.starts_with(['{', '$', '%', '…'])
        || ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| {
            host.strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '\\', ',', ';']))
        })
}

#[cfg(test)]
mod tests {
    use super::absolute;

    // Concatenated, because the rule applies to this file too.
    const FOREIGN: &str = concat!("https", "://example.invalid/a?b");

    #[test]
    fn other_machines_are_found_with_their_line() {
        let text = format!("a\nfetch(\"{FOREIGN}\"); é{FOREIGN}\n");
        assert_eq!(absolute(&text), [(2, FOREIGN), (2, FOREIGN)]);
        let near = concat!("http", "://localhost.example.invalid");
        assert_eq!(absolute(near), [(1, near)]);
    }

    #[test]
    fn this_machine_and_names_are_let_through() {
        for text in [
            "http://localhost:8080/x",
            "http://127.0.0.1/",
            "`http://${host}/`",
            "the prefix `https://` alone",
            "std://x",
            "http://www.w3.org/2000/svg",
        ] {
            assert!(absolute(text).is_empty(), "{text}");
        }
    }
}
