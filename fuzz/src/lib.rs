//! Turns the fuzzer's bytes into files, opens them and checks what comes of it. `README.md` lists the targets.
//!
//! `crates/imaging/tests/fuzz_corpus.rs` and `crates/tensor-file/tests/fuzz_corpus.rs` include the modules by path and
//! run the corpus through them, without the fuzzer.

#[path = "../../crates/imaging/tests/peak/mod.rs"]
mod peak;
pub mod scans;
pub mod weights;
#[allow(dead_code, reason = "the crate's own tests use the rest")]
#[path = "../../crates/tensor-file/tests/it/build/zip.rs"]
mod zip;
