//! Safetensors files, valid and hostile.

use crate::build::{error_of, message_of, safetensors};
use tensor_file::{Dtype, Limits, TensorFile};

const TWO: &str = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"a":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}"#;

#[track_caller]
fn refused(header: &str, buffer: usize, parts: &[&str]) {
    let message = message_of(&safetensors(header, &vec![0; buffer]));
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
}

fn entry(name: &str, shape: &str, start: u64, end: u64) -> String {
    format!(r#""{name}":{{"dtype":"F32","shape":{shape},"data_offsets":[{start},{end}]}}"#)
}

#[test]
fn tensors_come_sorted_by_name() {
    let bytes = safetensors(TWO, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let file = TensorFile::read(&bytes, &Limits::default()).unwrap();
    let found: Vec<_> = file
        .iter()
        .map(|(name, tensor)| (name, tensor.dtype, &tensor.bytes[..]))
        .collect();
    assert_eq!(
        found,
        [
            ("a", Dtype::I64, &[5, 6, 7, 8, 9, 10, 11, 12][..]),
            ("b", Dtype::F16, &[1, 2, 3, 4][..])
        ]
    );
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let bytes = safetensors(TWO, &[0; 12]);
    for length in 0..bytes.len() {
        error_of(&bytes[..length]);
    }
    assert!(message_of(&safetensors(TWO, &[0; 13])).contains("bytes 12 to 13 of the buffer"));
}

#[test]
fn equal_keys_are_refused() {
    let twice = format!(
        "{{{},{}}}",
        entry("w", "[1]", 0, 4),
        entry("w", "[1]", 0, 4)
    );
    refused(&twice, 4, &["`w` occurs twice"]);
    refused(
        r#"{"w":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}"#,
        4,
        &["dtype"],
    );
    refused(
        r#"{"__metadata__":{},"__metadata__":{}}"#,
        0,
        &["`__metadata__`"],
    );
}

#[test]
fn ranges_cover_the_buffer_once() {
    let two = |second: String| format!("{{{},{second}}}", entry("a", "[2]", 0, 8));
    refused(
        &two(entry("b", "[1]", 4, 8)),
        8,
        &["`b`", "start at 4", "`a`"],
    );
    refused(&two(entry("b", "[1]", 12, 16)), 16, &["bytes 8 to 12"]);
    refused(
        &two(entry("b", "[1]", 8, 12)),
        8,
        &["`b`", "end at 12", "has 8"],
    );
    refused(
        &two(entry("b", "[2]", 8, 12)),
        12,
        &["`b`", "need 8 bytes", "8 to 12"],
    );
    refused(&two(entry("b", "[1]", 12, 8)), 12, &["bytes 8 to 12"]);
    refused(&two(entry("b", "[1]", 8, 4)), 8, &["`b`", "8 to 4"]);
}

#[test]
fn huge_and_foreign_tensors_are_named() {
    let huge = format!("{{{}}}", entry("w", "[4294967296,4294967296]", 0, 4));
    refused(&huge, 4, &["`w`", "overflows 64 bits"]);
    let large = format!("{{{}}}", entry("w", "[1099511627776]", 0, 4398046511104));
    refused(&large, 4, &["`w`", "end at 4398046511104"]);
    refused(
        r#"{"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#,
        1,
        &["`w`", "F8_E4M3"],
    );
    refused(
        r#"{"w":{"dtype":"F12","shape":[1],"data_offsets":[0,1]}}"#,
        1,
        &["F12"],
    );
    refused(
        r#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        4,
        &["-1"],
    );
    let rank = format!("{{{}}}", entry("w", "[1,1,1,1,1,1,1,1,1]", 0, 4));
    refused(&rank, 4, &["9 dimensions"]);
}

#[test]
fn headers_are_limited() {
    let mut bytes = safetensors(TWO, &[0; 12]);
    let limits = Limits::default();
    for (limits, what) in [
        (
            Limits {
                header_bytes: 10,
                ..limits
            },
            "bytes in its header; the limit is 10",
        ),
        (
            Limits {
                tensors: 1,
                ..limits
            },
            "2 tensors",
        ),
        (
            Limits {
                name_bytes: 0,
                ..limits
            },
            "1 bytes in a name",
        ),
    ] {
        let message = TensorFile::read(&bytes, &limits).unwrap_err().to_string();
        assert!(message.contains(what), "{message}");
    }
    bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(message_of(&bytes).contains("it declares 18446744073709551615 bytes"));
    let nested = format!("{{\"w\":{}", "[".repeat(100_000));
    refused(&nested, 0, &["header"]);
    refused("{}", 0, &["no tensors"]);
}
