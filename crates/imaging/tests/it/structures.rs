//! RT Structure Sets: ours come back voxel by voxel, those of others too, and what is no segment is refused by name.

use boxel_imaging::export::{Identity, rt_structures};
use boxel_imaging::{Error, Limits, NamedFile, Scan, VolumeMask, open, survey};

use crate::support::dicom_writer::{Data, Syntax};
use crate::support::objects::{mask, voxels};
use crate::support::series::{self, INSTANCE, segment, segments_on};

const NAMES: [&str; 3] = ["Right kidney", "Ödem", ""];

/// A ball with a hole, noise with islands in holes, and nothing.
fn drawn(scan: &Scan) -> [VolumeMask; 3] {
    let grid = scan.grid();
    let ring = |[x, y, z]: [f64; 3]| {
        let from = |radius: f64| (x - 30.0).powi(2) + (y - 22.0).powi(2) + z * z < radius * radius;
        from(20.0) && !from(9.0)
    };
    [
        voxels(grid, ring),
        mask(grid, |[i, j, k]| {
            (i * i * 7 + j * j * 13 + k * 5 + i * j * k) % 11 < 6
        }),
        mask(grid, |_| false),
    ]
}

fn written(scan: &Scan, masks: &[VolumeMask; 3], identity: Identity) -> Vec<u8> {
    let segments = [0, 1, 2].map(|at| segment(NAMES[at], [200, at as u8, 255], &masks[at]));
    rt_structures(scan, &segments, identity, &INSTANCE).unwrap()
}

#[test]
fn our_own_structures_come_back() {
    for (heights, turned) in [
        (series::even(4), false),
        (series::even(4), true),
        (vec![0.0, 2.5, 5.0, 9.0, 15.0], false),
    ] {
        let scan = series::scan(&series::files(&heights, turned));
        let masks = drawn(&scan);
        let found = segments_on(&scan, &written(&scan, &masks, Identity::Linked)).unwrap();
        for (at, (found, mask)) in found.iter().zip(&masks).enumerate() {
            assert_eq!(&found.mask, mask, "{heights:?} {turned} {at}");
            let name = if at == 2 { "Segment 3" } else { NAMES[at] };
            assert_eq!(found.named.name, name);
            assert_eq!(found.named.color, Some([200, at as u8, 255]));
            assert_eq!(
                (found.named.label, found.named.algorithm.as_str()),
                (at as u32 + 1, "MANUAL")
            );
        }
        assert_eq!(found.len(), 3);
    }
}

#[test]
fn identity_is_as_chosen() {
    let scan = series::scan(&series::files(&series::even(4), false));
    let masks = drawn(&scan);
    let has = |file: &[u8], text: &str| file.windows(text.len()).any(|x| x == text.as_bytes());
    let linked = written(&scan, &masks, Identity::Linked);
    for text in ["Doe^Jane", "secret-7", "2.25.1001", "\u{6}\0\0\u{0}2.25.3"] {
        assert!(has(&linked, text), "{text}");
    }
    let other = written(&scan, &masks, Identity::DeIdentified);
    for text in ["Doe", "secret", "2.25.1001", "\u{6}\0\0\u{0}2.25.3"] {
        assert!(!has(&other, text), "{text}");
    }
}

#[test]
fn a_structure_set_is_no_scan() {
    let scan = series::scan(&series::files(&series::even(4), false));
    let file = written(&scan, &drawn(&scan), Identity::Linked);
    let error = open(&file, &Limits::default()).unwrap_err();
    assert!(matches!(&error, Error::NoImage { .. }), "{error}");
    // Next to a scan it is left out, as before.
    let files = series::files(&series::even(4), false);
    let all = files.iter().chain([&file]);
    let all: Vec<_> = all.map(|bytes| NamedFile { name: "a", bytes }).collect();
    assert_eq!(survey(&all, &Limits::default()).unwrap().len(), 1);
}

#[test]
fn what_cannot_be_written_says_why() {
    let scan = crate::support::objects::scan();
    let whole = mask(scan.grid(), |_| true);
    let segments = [segment("a", [0; 3], &whole)];
    let error = rt_structures(&scan, &segments, Identity::Linked, &INSTANCE).unwrap_err();
    assert!(
        error.to_string().contains("not opened from DICOM"),
        "{error}"
    );
    let scan = series::scan(&series::files(&series::even(2), false));
    let empty = mask(scan.grid(), |_| false);
    let segments = [segment("a", [0; 3], &empty)];
    let error = rt_structures(&scan, &segments, Identity::Linked, &INSTANCE).unwrap_err();
    assert!(error.to_string().contains("no voxel is marked"), "{error}");
}

/// A contour of a structure set of another program.
fn contour(kind: &str, points: &[[f64; 3]]) -> Data {
    let texts: Vec<String> = points.iter().flatten().map(f64::to_string).collect();
    Data::default()
        .text(0x3006_0042, "CS", kind)
        .text(0x3006_0046, "IS", &points.len().to_string())
        .text(0x3006_0050, "DS", &texts.join("\\"))
}

/// A structure set with one structure, in the scan's frame of reference.
fn set(contours: Vec<Data>) -> Data {
    let frame = Data::default().text(0x0020_0052, "UI", "2.25.3");
    let structure = Data::default()
        .text(0x3006_0022, "IS", "5")
        .text(0x3006_0024, "UI", "2.25.3")
        .text(0x3006_0026, "LO", "Heart");
    let drawn = Data::default()
        .text(0x3006_002a, "IS", "255\\0\\7")
        .items(0x3006_0040, contours)
        .text(0x3006_0084, "IS", "5");
    Data::default()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.481.3")
        .text(0x0008_0060, "CS", "RTSTRUCT")
        .items(0x3006_0010, vec![frame])
        .items(0x3006_0020, vec![structure])
        .items(0x3006_0039, vec![drawn])
}

/// The corners of a rectangle of pixels, in mm; centres of pixels are whole.
fn square([left, top, right, bottom]: [f64; 4], z: f64) -> [[f64; 3]; 4] {
    let mm = |x: f64, y: f64| [0.7 * x - 10.0, 0.7 * y - 20.0, z];
    [
        mm(left, top),
        mm(right, top),
        mm(right, bottom),
        mm(left, bottom),
    ]
}

const Z: f64 = -7.3;

#[test]
fn a_contour_through_centres_has_them_and_one_in_another_is_a_hole() {
    let scan = series::scan(&series::files(&series::even(4), false));
    for syntax in [
        Syntax::Implicit,
        Syntax::Explicit,
        Syntax::Big,
        Syntax::Deflated,
    ] {
        let contours = vec![
            contour("CLOSED_PLANAR", &square([10.0, 10.0, 20.0, 20.0], Z)),
            contour("CLOSED_PLANAR", &square([12.5, 12.5, 15.5, 15.5], Z)),
            contour("CLOSED_PLANAR", &square([63.0, 47.0, 63.0, 47.0], Z + 2.5)),
        ];
        let found = segments_on(&scan, &set(contours).file(syntax)).unwrap();
        let expected = mask(scan.grid(), |[i, j, k]| {
            let within = |from: u32, to: u32| (from..=to).contains(&i) && (from..=to).contains(&j);
            (k == 0 && within(10, 20) && !within(13, 15)) || [i, j, k] == [63, 47, 1]
        });
        assert_eq!(
            (found[0].named.label, found[0].named.name.as_str()),
            (5, "Heart")
        );
        assert_eq!(found[0].named.color, Some([255, 0, 7]));
        assert_eq!(found[0].mask, expected);
    }
}

#[test]
fn what_is_no_segment_is_refused_by_name() {
    let scan = series::scan(&series::files(&series::even(4), false));
    let sound = square([10.0, 10.0, 20.0, 20.0], Z);
    let closed = |points: &[[f64; 3]]| contour("CLOSED_PLANAR", points);
    let mut tilted = sound;
    tilted[2][2] += 1.0;
    let cases = [
        (
            set(vec![contour("OPEN_PLANAR", &sound)]),
            "contour 1 is \"OPEN_PLANAR\"",
        ),
        (
            set(vec![closed(&square([1.0, 1.0, 9.0, 9.0], Z + 1.25))]),
            "lies 1.25 mm away from the nearest slice",
        ),
        (
            set(vec![closed(&square([1.0, 1.0, 9.0, 9.0], Z + 10.0))]),
            "lies 2.50 mm away from the nearest slice, number 4",
        ),
        (
            set(vec![closed(&tilted)]),
            "is not parallel to the slices: it rises by 1.00 mm",
        ),
        (
            set(vec![
                closed(&sound),
                closed(&square([1.0, 1.0, 70.0, 9.0], Z)),
            ]),
            "contour 2 of \"Heart\" reaches out of the scan, to column 71.0",
        ),
        (
            set(vec![closed(&sound).text(0x3006_0046, "IS", "5")]),
            "should have 5 points, and 12 coordinates",
        ),
        (
            set(vec![closed(&sound).text(0x3006_0050, "DS", "1\\2\\x\\4")]),
            "should have 4 points, and 3 coordinates",
        ),
        (
            set(vec![closed(&sound).text(0x3006_0046, "IS", "1").text(
                0x3006_0050,
                "DS",
                "1\\nan\\3",
            )]),
            "no finite number",
        ),
        (
            set(vec![closed(&sound).without(0x3006_0050)]),
            "0 coordinates can be read",
        ),
    ];
    for (data, words) in cases {
        let error = segments_on(&scan, &data.file(Syntax::Implicit)).unwrap_err();
        assert!(
            ["grids_differ", "image_unsupported"].contains(&error.code()),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut other = set(vec![closed(&sound)]);
    other = other.items(
        0x3006_0020,
        vec![
            Data::default()
                .text(0x3006_0022, "IS", "5")
                .text(0x3006_0024, "UI", "2.25.4"),
        ],
    );
    let error = segments_on(&scan, &other.file(Syntax::Implicit)).unwrap_err();
    assert!(
        error.to_string().contains("another frame of reference"),
        "{error}"
    );
}

#[test]
fn points_that_mark_a_place_are_left_out() {
    let scan = series::scan(&series::files(&series::even(4), false));
    let marker = set(vec![contour("POINT", &[[0.0, 0.0, 3.3]])]);
    assert!(
        segments_on(&scan, &marker.file(Syntax::Implicit))
            .unwrap()
            .is_empty()
    );
    let without = set(Vec::new()).file(Syntax::Implicit);
    assert_eq!(segments_on(&scan, &without).unwrap()[0].mask.count(), 0);
}

#[test]
fn contours_without_end_take_no_endless_time() {
    let scan = series::scan(&series::files(&series::even(4), false));
    // Each crosses all rows many times.
    let zigzag: Vec<[f64; 3]> = (0..6000)
        .map(|at| [10.0, if at % 2 == 0 { -20.0 } else { 12.0 }, Z])
        .collect();
    let data = set(vec![contour("CLOSED_PLANAR", &zigzag); 200]).file(Syntax::Implicit);
    let files = [NamedFile {
        name: "a",
        bytes: &data,
    }];
    let limits = Limits {
        max_steps: 4_000_000,
        ..Limits::default()
    };
    let choices = survey(&files, &Limits::default()).unwrap();
    let error = boxel_imaging::open_segments(
        &files,
        &choices,
        &boxel_imaging::ScanPlace::of(&scan),
        |_| true,
        &limits,
    )
    .unwrap_err();
    assert!(matches!(error, Error::TooMuchWork { .. }), "{error}");
}
