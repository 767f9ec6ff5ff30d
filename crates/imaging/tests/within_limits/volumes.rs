//! Headers of NRRD, MetaImage and MGH at random.

use boxel_imaging::Limits;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::bombs::Files;
use crate::bombs::archives::gzip;
use crate::{open_within, peak};

/// A line of a header: one that is known with a value that may be, or one of any text.
fn line(
    known: &'static [(&'static str, &'static [&'static str])],
) -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (-2i64..5).prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
    ];
    let numbers = vec(number, 0..5).prop_map(|numbers| numbers.join(" "));
    let any_value = prop_oneof![2 => numbers, 1 => "[ -~]{0,40}"];
    (
        0..known.len(),
        any::<prop::sample::Index>(),
        any_value,
        any::<bool>(),
    )
        .prop_map(move |(field, index, any_value, is_known)| {
            let (name, values) = known[field];
            let value = match is_known && !values.is_empty() {
                true => values[index.index(values.len())].to_owned(),
                false => any_value,
            };
            format!("{name}{value}")
        })
}

const NRRD: &[(&str, &[&str])] = &[
    ("dimension: ", &["1", "2", "3", "4"]),
    ("sizes: ", &["4 3 2", "2 4 3 2", "1000 1000 1000", "99 3"]),
    ("type: ", &["short", "uchar", "double", "uint64"]),
    ("encoding: ", &["raw", "gzip", "text"]),
    ("endian: ", &["little", "big"]),
    (
        "kinds: ",
        &[
            "list domain domain domain",
            "domain domain time",
            "RGB-color domain domain",
        ],
    ),
    ("space: ", &["RAS", "left-posterior-superior-time"]),
    (
        "space directions: ",
        &[
            "(1,0,0) (0,1,0) (0,0,1)",
            "none (1,0,0) (0,1,0) (0,0,1)",
            "(nan,0,0) (0,1e300,0) none",
        ],
    ),
    ("space origin: ", &["(1,2,3)", "(1e308,inf,0)"]),
    ("spacings: ", &["1 2 3", "nan 1 1 1"]),
    ("byte skip: ", &["0", "-1", "5"]),
    ("line skip: ", &["0", "1"]),
    (
        "data file: ",
        &["b.raw", "b.raw %d 1 3 1", "LIST", "%d.raw 1 2 1"],
    ),
    ("Segment0_LabelValue:=", &["1"]),
    ("Segment1_Layer:=", &["1", "4000000000"]),
    ("Segment1_Name:=", &["a"]),
];

const METAIMAGE: &[(&str, &[&str])] = &[
    ("NDims = ", &["2", "3", "4"]),
    ("DimSize = ", &["4 3 2", "2 4 3 2", "1000 1000 1000"]),
    ("ElementType = ", &["MET_SHORT", "MET_UCHAR", "MET_DOUBLE"]),
    ("ElementNumberOfChannels = ", &["3", "4", "999999999999"]),
    ("BinaryData = ", &["True", "False"]),
    ("CompressedData = ", &["True"]),
    (
        "TransformMatrix = ",
        &["1 0 0 0 1 0 0 0 1", "0 0 0 0 0 0 0 0 0"],
    ),
    ("Offset = ", &["1 2 3"]),
    ("ElementSpacing = ", &["1 1 1", "0 1e-300 nan"]),
    ("HeaderSize = ", &["-1", "3"]),
    (
        "ElementDataFile = ",
        &["LOCAL", "b.raw", "LIST", "%03d.raw 0 2 1"],
    ),
];

/// The lines in any order, some of them missing or twice, and what follows.
fn text(
    first: &'static [&'static str],
    known: &'static [(&'static str, &'static [&'static str])],
) -> impl Strategy<Value = Vec<u8>> {
    let usual = known
        .iter()
        .filter_map(|(name, values)| Some(format!("{name}{}", values.first()?)));
    let usual: Vec<String> = usual.collect();
    let lines = vec(line(known), 0..8);
    (
        0..first.len(),
        any::<bool>(),
        lines,
        vec(any::<u8>(), 0..400),
    )
        .prop_map(move |(start, is_whole, lines, behind)| {
            let usual = usual
                .iter()
                .filter(|line| is_whole && !line.starts_with("data file"));
            let mut all: Vec<&str> = vec![first[start]];
            // What is first is replaced by what follows, but for the last line of a MetaImage.
            all.extend(
                usual
                    .clone()
                    .map(String::as_str)
                    .filter(|line| !line.contains("DataFile")),
            );
            all.extend(lines.iter().map(String::as_str));
            all.extend(
                usual
                    .map(String::as_str)
                    .filter(|line| line.contains("DataFile")),
            );
            let mut bytes = all.join("\n").into_bytes();
            bytes.extend(if first[start].starts_with("NRRD") {
                &b"\n\n"[..]
            } else {
                b"\n"
            });
            bytes.extend(behind);
            bytes
        })
}

fn mgh() -> impl Strategy<Value = Vec<u8>> {
    let side = || prop_oneof![4 => 1..6i32, 1 => any::<i32>()];
    let sides = [side(), side(), side(), side()];
    (sides, 0..11i32, vec(any::<u8>(), 0..400), any::<i16>()).prop_map(
        |(sides, kind, behind, flag)| {
            let mut bytes: Vec<u8> = [1]
                .into_iter()
                .chain(sides)
                .chain([kind, 0])
                .flat_map(i32::to_be_bytes)
                .collect();
            bytes.extend(flag.to_be_bytes());
            bytes.extend(behind);
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn volumes_at_random_keep_the_limits(
        bytes in prop_oneof![
            3 => text(&["NRRD0004", "NRRD0001\r"], NRRD),
            3 => text(&["ObjectType = Image", "NDims = 3"], METAIMAGE),
            1 => mgh(),
        ],
        part in vec(any::<u8>(), 0..200),
        is_gzipped in any::<bool>(),
    ) {
        let bytes = if is_gzipped { gzip(&bytes) } else { bytes };
        let parts = ["b.raw", "1.raw", "2.raw", "000.raw"];
        let parts = parts.map(|name| (name.to_owned(), part.clone()));
        let files: Files = [("a".to_owned(), bytes)].into_iter().chain(parts).collect();
        let limits = Limits {
            max_bytes: 4 << 20,
            max_held: 64 << 20,
            ..Limits::default()
        };
        peak::start();
        let found = open_within(&files, &limits);
        let held = peak::since_start();
        // A file of a few hundred bytes needs no more, whatever its header says: the scan, and its percentiles.
        prop_assert!(held <= 24 << 20, "{} kB", held >> 10);
        prop_assert!(found.err().is_none_or(|error| error.code() != "internal"));
    }
}
