//! The input is the header, in front of a small buffer.
#![no_main]

mod read;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|header: &[u8]| {
    let length = (header.len() as u64).to_le_bytes();
    read::read(&[&length, header, &[7; 32]].concat());
});
