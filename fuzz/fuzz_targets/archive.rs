//! The input is the whole file.
#![no_main]

mod read;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| read::read(file));
