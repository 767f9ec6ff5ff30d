//! The input is `data.pkl`, in an archive that is as it should be.
#![no_main]

mod read;
#[allow(dead_code)]
#[path = "../../crates/tensor-file/tests/it/build/zip.rs"]
mod zip;

use libfuzzer_sys::fuzz_target;
use zip::Entry;

fuzz_target!(|pickle: &[u8]| {
    read::read(&zip::archive(&[
        Entry::stored("a/data.pkl", pickle),
        Entry::stored("a/data/0", &[7; 16]),
        Entry::deflated("a/data/1", &[7; 8]),
    ]));
});
