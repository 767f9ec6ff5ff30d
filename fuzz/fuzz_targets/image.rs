//! The input is the whole file, of any format.
#![no_main]

mod scan;

use boxel_imaging::NamedFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| scan::open(&[NamedFile { name: "a", bytes }]));
