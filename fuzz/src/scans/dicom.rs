use boxel_imaging::NamedFile;
use std::io::Write;

use super::{open, part10, take};

/// Implicit, explicit, big endian, deflated (PS3.6 annex A).
pub(super) const SYNTAXES: [&str; 4] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
];

/// The input is the number of a transfer syntax and a data set, behind sound meta information.
pub fn dicom(mut input: &[u8]) {
    let [choice] = take(&mut input);
    let choice = usize::from(choice) % SYNTAXES.len();
    let bytes = match choice {
        3 => part10::file(SYNTAXES[choice], &deflated(input)),
        _ => part10::file(SYNTAXES[choice], input),
    };
    open(&[NamedFile {
        name: "a.dcm",
        bytes: &bytes,
    }]);
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}
