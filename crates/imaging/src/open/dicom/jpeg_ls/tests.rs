//! Compared with CharLS; the fixtures come from `tests/fixtures/make_jpeg_ls.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail in its helpers too")]

use safetensors::SafeTensors;

use super::{Expected, decode};

const FIXTURES: &[u8] = include_bytes!("../../../../tests/fixtures/jpeg_ls.safetensors");

/// Samples that tests truncate and corrupt byte by byte: together they have every kind of segment and scan.
const SAMPLES_OF_ALL: [&str; 6] = [
    "grey_12",
    "near_2_of_8",
    "preset",
    "rgb_none",
    "restarts_line",
    "restarts_sample",
];

struct Fixture {
    codestream: Vec<u8>,
    expected: Expected,
    samples: Vec<u16>,
}

fn fixture(name: &str) -> Fixture {
    let tensors = SafeTensors::deserialize(FIXTURES).unwrap();
    let samples = tensors.tensor(&format!("{name}.samples")).unwrap();
    let [height, width, components] = *samples.shape() else {
        panic!("{name}: {:?}", samples.shape());
    };
    let (values, _) = samples.data().as_chunks();
    Fixture {
        codestream: tensors
            .tensor(&format!("{name}.jls"))
            .unwrap()
            .data()
            .to_vec(),
        expected: Expected {
            width,
            height,
            components,
            bits: 16,
        },
        samples: values.iter().copied().map(u16::from_le_bytes).collect(),
    }
}

/// Position of a marker's code.
fn find(codestream: &[u8], code: u8) -> usize {
    codestream
        .windows(2)
        .position(|pair| pair == [0xff, code])
        .unwrap()
        + 1
}

fn refusal(codestream: &[u8], expected: Expected) -> String {
    decode(codestream, expected).unwrap_err()
}

#[test]
fn equals_charls() {
    let tensors = SafeTensors::deserialize(FIXTURES).unwrap();
    let names = tensors.names();
    let names = names.iter().filter_map(|name| name.strip_suffix(".jls"));
    let mut compared = 0;
    for name in names {
        let Fixture {
            codestream,
            expected,
            samples,
        } = fixture(name);
        assert_eq!(
            decode(&codestream, expected)
                .map(|decoded| decoded.samples)
                .as_ref(),
            Ok(&samples),
            "{name}"
        );
        // Some encoders add a byte, against the standard.
        let mut padded = codestream;
        padded.insert(padded.len() - 2, 0);
        assert_eq!(
            decode(&padded, expected).map(|decoded| decoded.samples),
            Ok(samples),
            "{name}, padded"
        );
        compared += 1;
    }
    assert_eq!(compared, 33);
}

#[test]
fn a_truncated_one_is_an_error() {
    for name in SAMPLES_OF_ALL {
        let Fixture {
            codestream,
            expected,
            ..
        } = fixture(name);
        for length in 0..codestream.len() {
            let reason = refusal(&codestream[..length], expected);
            assert!(!reason.is_empty(), "{name} of {length} bytes");
        }
    }
}

#[test]
fn a_corrupt_one_ends() {
    let mut refused = 0;
    for name in SAMPLES_OF_ALL {
        let Fixture {
            codestream,
            expected,
            samples,
        } = fixture(name);
        for at in 0..codestream.len() {
            for value in [
                0x00,
                0x01,
                0x7f,
                0x80,
                0xff,
                !codestream[at],
                codestream[at] ^ 0x10,
            ] {
                let mut bent = codestream.clone();
                bent[at] = value;
                match decode(&bent, expected) {
                    Ok(decoded) => {
                        assert_eq!(decoded.samples.len(), samples.len(), "{name} at {at}");
                    }
                    Err(reason) => refused += usize::from(!reason.is_empty()),
                }
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn the_header_has_to_be_the_expected_one() {
    let Fixture {
        codestream,
        expected,
        ..
    } = fixture("grey_12");
    let wider = Expected {
        width: 20,
        ..expected
    };
    assert_eq!(
        refusal(&codestream, wider),
        "its header says 19×13 with 1 samples per pixel, not 20×13 with 1"
    );
    let flatter = Expected {
        bits: 8,
        ..expected
    };
    assert_eq!(
        refusal(&codestream, flatter),
        "its header says 12 bits, more than 8"
    );
    let coloured = Expected {
        components: 3,
        ..expected
    };
    assert!(refusal(&codestream, coloured).contains("not 19×13 with 3"));
}

#[test]
fn a_size_is_checked_before_memory_is_asked_for() {
    let Fixture {
        mut codestream,
        expected,
        ..
    } = fixture("grey_12");
    let size = find(&codestream, 0xf7) + 4;
    codestream[size..size + 4].fill(0xff);
    assert!(refusal(&codestream, expected).contains("65535×65535"));
}

#[test]
fn what_is_not_read_is_named() {
    let Fixture {
        codestream,
        expected,
        ..
    } = fixture("grey_12");
    let inserted = |segment: &[u8]| {
        let mut codestream = codestream.clone();
        codestream.splice(2..2, segment.iter().copied());
        decode(&codestream, expected)
    };
    let reason = |segment: &[u8]| inserted(segment).unwrap_err();
    assert!(reason(&[0xff, 0xf8, 0, 5, 2, 1, 1]).contains("mapping table"));
    assert!(reason(&[0xff, 0xf8, 0, 5, 4, 1, 1]).contains("65,535"));
    assert!(reason(&[0xff, 0xf8, 0, 4, 6, 1]).contains("extension"));
    assert!(reason(b"\xff\xe8\0\x07mrfx\x01").contains("colour transform"));
    assert!(reason(&[0xff, 0xc3, 0, 2]).contains("another JPEG process"));
    // Comments, fill bytes, and HP's transform 0 (none) are skipped.
    assert!(inserted(b"\xff\xff\xfe\0\x05abc\xff\xff").is_ok());
    assert!(inserted(b"\xff\xe8\0\x07mrfx\0").is_ok());

    let mut with_table = codestream.clone();
    let table = find(&codestream, 0xda) + 5;
    with_table[table] = 1;
    assert!(refusal(&with_table, expected).contains("mapping table"));
}

#[test]
fn restart_markers_have_to_come_in_order() {
    let Fixture {
        mut codestream,
        expected,
        ..
    } = fixture("restarts");
    let second = find(&codestream, 0xd1);
    codestream[second] = 0xd2;
    assert!(refusal(&codestream, expected).contains("out of order"));
}

#[test]
fn more_data_than_samples_is_corrupt() {
    let Fixture {
        mut codestream,
        expected,
        ..
    } = fixture("grey_12");
    let end = codestream.len() - 2;
    codestream.splice(end..end, [0x55; 3]);
    assert!(refusal(&codestream, expected).contains("more than its samples"));
}
