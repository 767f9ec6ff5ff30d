//! Words and numbers of a header that is text.

/// The lines of a header, and the byte behind each, line by line. A line ends with a line feed, before which a carriage
/// return may stand.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut end = 0;
    bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map(move |line| {
            end += line.len();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            (line.strip_suffix(b"\r").unwrap_or(line), end)
        })
}

/// Numbers with white space between them; `None` if there are more than `most`, or a word is none.
pub(super) fn numbers<T: std::str::FromStr>(text: &str, most: usize) -> Option<Vec<T>> {
    let mut numbers = Vec::new();
    for word in text.split_whitespace() {
        if numbers.len() == most {
            return None;
        }
        numbers.push(word.parse().ok()?);
    }
    Some(numbers)
}
