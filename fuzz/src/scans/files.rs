use boxel_imaging::NamedFile;

use super::archives::{gzip, zip};
use super::{open, take};

/// Stands between two files.
const SEPARATOR: &[u8] = b"~NEXT~";
const MAX_FILES: usize = 8;
/// One file's name belongs to another's, as in a NIfTI pair.
const NAMES: [&str; 4] = ["a.hdr", "a.img", "folder/b.dcm", "c.nii.gz"];

/// The input is several files: opened together, or as files of a ZIP archive, or gzipped each.
pub fn files(mut input: &[u8]) {
    let [form] = take(&mut input);
    let files: Vec<(String, Vec<u8>)> = split(input)
        .enumerate()
        .map(|(at, bytes)| (NAMES[at % NAMES.len()].to_owned(), bytes.to_vec()))
        .collect();
    let files = match form % 4 {
        1 => vec![("a.zip".to_owned(), zip(&files))],
        2 => files
            .iter()
            .map(|(name, bytes)| (format!("{name}.gz"), gzip(bytes)))
            .collect(),
        _ => files,
    };
    let named: Vec<_> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    open(&named);
}

/// The files of an input.
pub fn split(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(input);
    std::iter::from_fn(move || {
        let input = rest?;
        let at = input
            .windows(SEPARATOR.len())
            .position(|window| window == SEPARATOR);
        rest = at.map(|at| &input[at + SEPARATOR.len()..]);
        Some(&input[..at.unwrap_or(input.len())])
    })
    .take(MAX_FILES)
}
