//! Checkpoints built by hand, so that they can be wrong in one place.
#![allow(dead_code, missing_docs, reason = "each test takes what it needs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests come here"
)]

pub mod pickle;
pub mod zip;

use tensor_file::{Error, Limits, TensorFile};
use zip::Entry;

/// A checkpoint with a pickle and its storages, `data/0` and so on.
pub fn checkpoint(pickle: &[u8], storages: &[&[u8]]) -> Vec<u8> {
    zip::archive(&entries(pickle, storages))
}

/// The records of such a checkpoint.
pub fn entries(pickle: &[u8], storages: &[&[u8]]) -> Vec<Entry> {
    let mut entries = vec![
        Entry::stored("archive/data.pkl", pickle),
        Entry::stored("archive/byteorder", b"little"),
        Entry::stored("archive/version", b"3\n"),
    ];
    let storages = storages.iter().enumerate();
    entries.extend(storages.map(|(key, data)| Entry::stored(&format!("archive/data/{key}"), data)));
    entries
}

/// A safetensors file of a header and a buffer.
pub fn safetensors(header: &str, buffer: &[u8]) -> Vec<u8> {
    let length = header.len() as u64;
    [&length.to_le_bytes(), header.as_bytes(), buffer].concat()
}

pub fn error_of(bytes: &[u8]) -> Error {
    TensorFile::read(bytes, &Limits::default()).expect_err("the file should be refused")
}

pub fn message_of(bytes: &[u8]) -> String {
    error_of(bytes).to_string()
}

/// The error message for a checkpoint with this pickle and the storage 1, 2, 3, 4.
pub fn pickle_message(pickle: &[u8]) -> String {
    message_of(&checkpoint(pickle, &[&pickle::square_bytes()]))
}

/// Asserts that such a checkpoint is refused with a message that contains these parts.
#[track_caller]
pub fn refused(pickle: &[u8], parts: &[&str]) {
    let message = pickle_message(pickle);
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
}
