#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| boxel_fuzz::scans::edits(input));
