//! Runs each input of `fuzz/corpus` through its target, without the fuzzer: they reach most of what fuzzing has reached in
//! the readers, and what once was a fault. They are opened on a stack as small as wasm's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail in its helpers too"
)]

#[path = "../../../fuzz/src/corpus.rs"]
mod corpus;
mod peak;
#[path = "../../../fuzz/src/scans/mod.rs"]
mod scans;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// The fuzzer's own limit.
const MAX_TIME: Duration = Duration::from_secs(30);
/// Stack size in bytes, as the linker sets it for wasm.
const STACK: usize = 1 << 20;

#[test]
fn no_input_of_the_fuzz_corpus_is_a_fault() {
    for (target, run) in scans::TARGETS {
        let path = format!("../../fuzz/corpus/{target}.corpus");
        let packed = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(target);
        let inputs = corpus::unpack(&packed).expect(target);
        assert!(!inputs.is_empty(), "{target}");
        for (at, input) in inputs.into_iter().enumerate() {
            // A panic names its thread.
            let name = format!("input {at} of {target}");
            let thread = thread::Builder::new().name(name.clone()).stack_size(STACK);
            let start = Instant::now();
            thread::scope(|scope| {
                let ran = thread.spawn_scoped(scope, || run(input)).unwrap().join();
                assert!(ran.is_ok(), "{name} is a fault");
            });
            let took = start.elapsed();
            assert!(took < MAX_TIME, "{name} takes {took:?}");
        }
    }
}
