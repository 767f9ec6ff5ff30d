//! Hostile zip archives.

use crate::build::pickle::{self, SQUARE, one};
use crate::build::zip::{self, Entry};
use crate::build::{entries, error_of, message_of};
use tensor_file::{ArchiveFault, Error, Limits, TensorFile};

fn valid() -> Vec<Entry> {
    entries(&one(&SQUARE), &[&pickle::square_bytes()])
}

/// The error message for the valid checkpoint with one change; its storage is the last record.
fn message_with(change: impl FnOnce(&mut Vec<Entry>)) -> String {
    let mut entries = valid();
    change(&mut entries);
    message_of(&zip::archive(&entries))
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Vec<Entry>), parts: &[&str]) {
    let message = message_with(change);
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for bytes in [zip::archive(&valid()), zip::archive64(&valid())] {
        TensorFile::read(&bytes, &Limits::default()).unwrap();
        for length in 0..bytes.len() {
            error_of(&bytes[..length]);
        }
        let longer = [&bytes[..], b"x"].concat();
        let error = error_of(&longer);
        assert!(
            matches!(error, Error::Archive(ArchiveFault::Trailing { .. })),
            "{error}"
        );
    }
}

#[test]
fn a_pickle_cut_anywhere_is_an_error() {
    let pickle = one(&SQUARE);
    for length in 0..pickle.len() {
        let bytes = crate::build::checkpoint(&pickle[..length], &[&pickle::square_bytes()]);
        assert!(matches!(error_of(&bytes), Error::Pickle { .. }));
    }
}

#[test]
fn bombs_are_refused_before_they_are_inflated() {
    let zeros = Entry::deflated("archive/data/0", &vec![0; 1 << 20]);
    // A size beyond the largest ratio of deflate.
    refused(
        |entries| {
            entries[3] = Entry {
                size: u32::MAX,
                ..zeros.clone()
            }
        },
        &["`archive/data/0`", "declares 4294967295 bytes"],
    );
    // More bytes than the record declares, and fewer.
    for size in [16, (1 << 20) - 1, (1 << 20) + 1] {
        refused(
            |entries| {
                let tensor = pickle::Tensor {
                    class: "torch.ByteStorage",
                    elements: size as i64,
                    size: &[1],
                    stride: &[1],
                    ..SQUARE
                };
                entries[0] = Entry::stored("archive/data.pkl", &one(&tensor));
                entries[3] = Entry {
                    size,
                    ..zeros.clone()
                };
            },
            &["`archive/data/0` does not inflate"],
        );
    }
    // A pickle that inflates to a gigabyte.
    refused(
        |entries| {
            entries[0] = Entry {
                size: 1 << 30,
                ..Entry::deflated("archive/data.pkl", &vec![0; 2 << 20])
            };
            entries[0].data.resize(2 << 20, 0);
            entries[0].compressed_size = 2 << 20;
        },
        &["1073741824 bytes in `data.pkl`"],
    );
    let tensor = pickle::Tensor {
        elements: 1 << 18,
        ..SQUARE
    };
    let mut entries = entries(&one(&tensor), &[]);
    entries.push(zeros);
    let bytes = zip::archive(&entries);
    let limits = Limits {
        owned_bytes: (1 << 20) - 1,
        ..Limits::default()
    };
    let message = TensorFile::read(&bytes, &limits).unwrap_err().to_string();
    assert!(message.contains("1048576 bytes of compressed"), "{message}");
}

/// Compressed zeros: 64 MiB of them in some 70 kB, of which the limits for such a file allow a quarter.
#[test]
fn a_short_file_becomes_no_long_tensor() {
    let zeros = Entry::deflated("archive/data/0", &vec![0; 64 << 20]);
    let tensor = pickle::Tensor {
        elements: 16 << 20,
        ..SQUARE
    };
    let mut entries = entries(&one(&tensor), &[]);
    entries.push(zeros);
    let bytes = zip::archive(&entries);
    assert!(bytes.len() < 100_000);
    let message = TensorFile::read(&bytes, &Limits::default())
        .unwrap_err()
        .to_string();
    let most = (16 << 20) + 4 * bytes.len();
    assert!(
        message.contains("67108864 bytes of compressed"),
        "{message}"
    );
    assert!(message.contains(&most.to_string()), "{message}");
}

#[test]
fn records_are_where_they_should_be() {
    refused(
        |entries| entries[3].offset = Some(u32::MAX - 1),
        &["`archive/data/0` lies outside"],
    );
    refused(
        |entries| {
            entries[3].compressed_size = 1 << 30;
            entries[3].size = 1 << 30;
        },
        &["`archive/data/0` lies outside"],
    );
    refused(
        |entries| entries[3].offset = Some(0),
        &["`archive/data/0`", "differ in their name"],
    );
    refused(
        |entries| entries[3].offset = Some(1),
        &["`archive/data/0` lies outside"],
    );
    // Two records with a local header each; the first contains the second.
    let inner = zip::archive(&[Entry::stored("archive/data/1", b"xxxx")]);
    refused(
        |entries| {
            entries.push(Entry::stored("archive/data/1", b"xxxx"));
            entries[3] = Entry::stored("archive/data/0", &inner);
            let before: usize = entries[..3]
                .iter()
                .map(|entry| 30 + entry.name.len() + entry.data.len())
                .sum();
            entries[4].offset = Some((before + 30 + "archive/data/0".len()) as u32);
        },
        &["`archive/data/0` and `archive/data/1` overlap"],
    );
}

#[test]
fn directory_and_local_headers_agree() {
    refused(
        |entries| entries[3].local_name = "archive/data/9".to_owned(),
        &["differ in their name"],
    );
    refused(
        |entries| entries[3].size = 12,
        &["`archive/data/0`", "differ in their size"],
    );
    let bytes = zip::archive(&valid());
    // The local header of the first record, at the start of the file: method, compressed size.
    for (at, what) in [(8, "method"), (18, "size"), (22, "size")] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 8;
        let message = message_of(&bytes);
        assert!(
            message.contains(&format!("differ in their {what}")),
            "{message}"
        );
    }
    let end = bytes.len();
    let mut bytes = bytes;
    bytes[end - 12] += 1;
    let message = message_of(&bytes);
    assert!(
        message.contains("declares 5 records and has 4"),
        "{message}"
    );
}

#[test]
fn records_of_other_kinds_are_named() {
    refused(
        |entries| entries[3].method = 93,
        &["`archive/data/0`", "method 93"],
    );
    refused(
        |entries| entries[3].flags = 1,
        &["`archive/data/0` is encrypted"],
    );
    refused(
        |entries| entries[3].crc ^= 1,
        &["`archive/data/0` has CRC-32"],
    );
    refused(
        |entries| entries[0].crc ^= 1,
        &["`archive/data.pkl` has CRC-32"],
    );
}

#[test]
fn names_are_unique_and_there_is_one_pickle() {
    refused(
        |entries| entries.push(entries[3].clone()),
        &["two records `archive/data/0`"],
    );
    refused(
        |entries| entries.push(Entry::stored("other/data.pkl", &one(&SQUARE))),
        &["`archive/data.pkl` and `other/data.pkl`"],
    );
    refused(
        |entries| drop(entries.remove(0)),
        &["no `<folder>/data.pkl`"],
    );
    refused(
        |entries| drop(entries.pop()),
        &["`w`", "`0` is not in the file"],
    );
    let message = message_of(&zip::archive(&[Entry::stored("data.pkl", &one(&SQUARE))]));
    assert!(message.contains("no `<folder>/data.pkl`"), "{message}");
}

#[test]
fn other_versions_and_byte_orders_are_refused() {
    refused(
        |entries| entries[1] = Entry::stored("archive/byteorder", b"big"),
        &["\"big\""],
    );
    for version in ["0\n", "11\n", "x"] {
        let entry = Entry::stored("archive/version", version.as_bytes());
        refused(
            |entries| entries[2] = entry,
            &["version", &format!("{version:?}")],
        );
    }
    let long = Entry::stored("archive/version", &[b'1'; 65]);
    refused(|entries| entries[2] = long, &["65 bytes"]);
}
