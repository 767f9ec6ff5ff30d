//! Runs each input of `fuzz/corpus` through its target, without the fuzzer: they reach most of what fuzzing has reached in
//! the readers, and what once was a fault.

#![allow(clippy::expect_used, reason = "a test may fail in its helpers too")]

#[path = "../../../fuzz/src/corpus.rs"]
mod corpus;
#[path = "../../../fuzz/src/weights.rs"]
mod weights;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "it/build/zip.rs"]
mod zip;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

#[test]
fn no_input_of_the_fuzz_corpus_is_a_fault() {
    for (target, run) in weights::TARGETS {
        let path = format!("../../fuzz/corpus/{target}.corpus");
        let packed = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(target);
        let inputs = corpus::unpack(&packed).expect(target);
        assert!(!inputs.is_empty(), "{target}");
        for (at, input) in inputs.into_iter().enumerate() {
            let ran = catch_unwind(|| run(input));
            assert!(ran.is_ok(), "input {at} of {target} is a fault");
        }
    }
}
