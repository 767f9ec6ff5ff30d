//! Thousands of damaged files, the same in every run. None may panic, use more memory than the limits allow, or produce a
//! tensor whose bytes don't fit its shape.
//!
//! `fuzz/` checks the same without end, guided by coverage.
#![allow(unsafe_code, reason = "an allocator that counts is unsafe to write")]

#[path = "it/build/mod.rs"]
mod build;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use build::pickle::{self, SQUARE, Tensor, call, dict, global, int, text, whole};
use build::zip::{self, Entry};
use build::{entries, safetensors};
use tensor_file::{Limits, TensorFile};

/// Number of damaged files of each kind.
const ROUNDS: usize = 20_000;

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: it forwards to the system's allocator with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: the caller's guarantees are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's guarantees are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Marsaglia's xorshift64, so that every machine damages the same bytes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// The bytes with one to four changes.
fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    const EXTREMES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'(', b'R', b'.'];
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(8)).min(bytes.len());
        match random.below(6) {
            0 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte ^= 1 << random.below(8)),
            1 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte = random.next() as u8),
            2 => {
                let extreme = EXTREMES[random.below(EXTREMES.len())];
                bytes[at.min(end)..end].fill(extreme);
            }
            3 => drop(bytes.drain(at.min(end)..end)),
            4 => {
                let copied = bytes[at.min(end)..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copied);
            }
            _ => bytes.truncate(at.max(bytes.len() / 2)),
        }
    }
    bytes
}

/// A training checkpoint with every value that a pickle may contain.
fn pickle() -> Vec<u8> {
    let row = Tensor {
        key: "1",
        class: "torch.HalfStorage",
        offset: 1,
        size: &[3],
        stride: &[1],
        ..SQUARE
    };
    let transposed = Tensor {
        stride: &[1, 2],
        ..SQUARE
    };
    let parameter = [row.pickle(), b"\x88".to_vec(), pickle::ordered_dict()];
    let model = dict(&[
        ("a", SQUARE.pickle()),
        ("b", call("torch._utils._rebuild_parameter", &parameter)),
        ("c", [&transposed.pickle()[..], b"q\x05"].concat()),
        ("d", b"h\x05".to_vec()),
    ]);
    let arguments = [
        global("argparse.Namespace"),
        b")\x81".to_vec(),
        dict(&[("lr", int(1 << 40))]),
        b"b".to_vec(),
    ];
    let history = b"](K\x01M\x01\x02G\0\0\0\0\0\0\0\0\x8a\x01\x05NC\x01x\x8c\x01xe".to_vec();
    let shape = [text("a"), text("b"), b"\x86\x85".to_vec()].concat();
    whole(&dict(&[
        ("model", model),
        ("args", arguments.concat()),
        ("history", history),
        ("shape", shape),
    ]))
}

const HEADER: &str = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"I64","shape":[],"data_offsets":[16,24]},"c":{"dtype":"BF16","shape":[1,2],"data_offsets":[24,28]}}"#;

/// Reads a file and returns whether it was accepted.
fn read(bytes: &[u8]) -> bool {
    let limits = Limits {
        owned_bytes: 1 << 20,
        ..Limits::default()
    };
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    let file = TensorFile::read(bytes, &limits);
    let taken = PEAK.load(Relaxed) - before;
    // An opcode of one byte makes at most a value, a stack entry and a memo entry.
    let allowed = limits.owned_bytes as usize + (64 << 10) + 200 * bytes.len();
    assert!(
        taken <= allowed,
        "{taken} bytes were taken for {} bytes",
        bytes.len()
    );
    for (name, tensor) in file.iter().flatten() {
        let elements: usize = tensor.shape.iter().product();
        assert_eq!(
            tensor.bytes.len(),
            elements * tensor.dtype.size_bytes(),
            "{name}"
        );
    }
    // Formatting the message must not panic either.
    file.map_err(|error| error.to_string()).is_ok()
}

#[test]
fn no_damage_is_worse_than_an_error() {
    let storages = [&pickle::square_bytes()[..], &[1, 2, 3, 4, 5, 6, 7, 8]];
    let records = entries(&pickle(), &storages);
    let deflated: Vec<_> = records
        .iter()
        .map(|record| Entry::deflated(&record.name, &record.data))
        .collect();
    let files = [
        zip::archive(&records),
        zip::archive64(&records),
        zip::archive(&deflated),
    ];
    let buffer = [7; 28];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    assert!(files.iter().all(|file| read(file)) && read(&safetensors(HEADER, &buffer)));

    let mut accepted = 0;
    for _ in 0..ROUNDS {
        // With checksums corrected, so that the damage reaches the reader.
        let damaged = mutated(&pickle(), &mut random);
        accepted += usize::from(read(&zip::archive(&entries(&damaged, &storages))));
        let damaged = mutated(HEADER.as_bytes(), &mut random);
        accepted += usize::from(read(&safetensors(
            &String::from_utf8_lossy(&damaged),
            &buffer,
        )));
        for file in &files {
            accepted += usize::from(read(&mutated(file, &mut random)));
        }
        accepted += usize::from(read(&mutated(&safetensors(HEADER, &buffer), &mut random)));
    }
    println!("{accepted} of {} damaged files were read", 6 * ROUNDS);
    // Some damaged files must be accepted and some refused; otherwise these rounds would test nothing.
    assert!((ROUNDS / 100..5 * ROUNDS).contains(&accepted), "{accepted}");
}
