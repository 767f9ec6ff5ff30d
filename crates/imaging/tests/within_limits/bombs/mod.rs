//! Small files that ask for much: each function makes the files of one kind of attack.

pub mod archives;
pub mod codestreams;
pub mod dicom;
pub mod images;

/// Files that are opened together, by name.
pub type Files = Vec<(String, Vec<u8>)>;

/// One file.
pub fn alone(bytes: Vec<u8>) -> Files {
    vec![("file".to_owned(), bytes)]
}

/// Several files, numbered from 0.
pub fn several(count: usize, each: impl Fn(usize) -> Vec<u8>) -> Files {
    (0..count)
        .map(|at| (format!("{at}.dcm"), each(at)))
        .collect()
}
