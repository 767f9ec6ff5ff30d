//! The input is a data set, behind meta information that is as it should be.
#![no_main]

mod part10;
mod scan;

use libfuzzer_sys::fuzz_target;

/// Implicit, explicit, big endian (PS3.6 annex A).
const SYNTAXES: [&str; 3] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
];
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, data_set) = input;
    match SYNTAXES.get(usize::from(choice % 4)) {
        Some(syntax) => part10::open(syntax, data_set),
        None => {
            let deflated = miniz_oxide::deflate::compress_to_vec(data_set, 1);
            part10::open(DEFLATED, &deflated);
        }
    }
});
