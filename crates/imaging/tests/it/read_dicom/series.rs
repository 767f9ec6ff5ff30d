//! Series and multi-frame images: what is stacked, in which order, and with which notes.

use crate::support::dicom_writer::{Data, Syntax, Value, nth, slice};
use crate::support::scans::codes;
use boxel_imaging::{
    Choice, Error, Limits, NamedFile, NoteCode, Rescale, Scan, Source, Stacking, open_choice,
    survey,
};

struct Files(Vec<Vec<u8>>);

impl Files {
    fn of(data: &[Data]) -> Files {
        Files(
            data.iter()
                .map(|data| data.file(Syntax::Explicit))
                .collect(),
        )
    }

    fn named(&self) -> Vec<NamedFile<'_>> {
        let files = self.0.iter();
        files.map(|bytes| NamedFile { name: "x", bytes }).collect()
    }

    fn choices(&self) -> Vec<Choice> {
        survey(&self.named(), &Limits::default()).unwrap()
    }

    fn labels(&self) -> Vec<String> {
        self.choices()
            .into_iter()
            .map(|choice| choice.label)
            .collect()
    }

    fn scan(&self, choice: usize) -> Scan {
        open_choice(&self.named(), &self.choices()[choice], &Limits::default()).unwrap()
    }
}

/// Stored value of the first pixel of each slice.
fn firsts(scan: &Scan) -> Vec<f64> {
    let slice = scan.grid().slice_size().pixels() as usize;
    let at = |k: u32| scan.voxels().grey(k as usize * slice).unwrap();
    (0..scan.grid().slices).map(at).collect()
}

#[test]
fn slices_are_sorted_by_position_whatever_their_order_and_number() {
    let heights = [30.0, 10.0, 0.0, 20.0];
    let data: Vec<Data> = (1..)
        .zip(heights)
        .map(|(n, z)| nth(n, z, z as u16))
        .collect();
    let files = Files::of(&data);
    assert_eq!(files.labels(), ["CT, series 3, 4 slices of 4×3, axial"]);
    let scan = files.scan(0);
    assert_eq!(firsts(&scan), [0.0, 10.0, 20.0, 30.0]);
    assert_eq!(scan.grid().stacking, Stacking::Slices);
    assert_eq!(scan.grid().slice_spacing_mm, Some(10.0));
    let affine = scan.grid().patient_from_voxel.unwrap();
    assert_eq!(affine.apply([1.0, 1.0, 2.0]), [-9.5, -19.25, 20.0]);
    assert_eq!(codes(&scan), []);
    let Source::Dicom(source) = &scan.source else {
        panic!("another source");
    };
    let uids: Vec<&str> = source
        .frames
        .iter()
        .map(|f| f.sop_instance_uid.as_str())
        .collect();
    assert_eq!(uids, ["2.25.1003", "2.25.1002", "2.25.1004", "2.25.1001"]);

    let mut reversed = data;
    reversed.reverse();
    let again = Files::of(&reversed).scan(0);
    assert_eq!((again.voxels(), again.grid()), (scan.voxels(), scan.grid()));
}

#[test]
fn missing_slices_are_counted_and_placed() {
    let heights = [0.0, 5.0, 10.0, 25.0, 30.0];
    let data: Vec<Data> = (1..).zip(heights).map(|(n, z)| nth(n, z, 1)).collect();
    let scan = Files::of(&data).scan(0);
    assert_eq!(codes(&scan), [NoteCode::SliceGap]);
    assert_eq!(
        scan.about.notes[0].text,
        "2 slices are missing between 10.0 and 25.0 mm."
    );
    assert_eq!(scan.grid().slice_spacing_mm, Some(5.0));
    let affine = scan.grid().patient_from_voxel.unwrap();
    assert_eq!(affine.column(2), [0.0, 0.0, 5.0]);
}

#[test]
fn duplicates_are_left_out_and_counted() {
    let mut data: Vec<Data> = (1..=4).map(|n| nth(n, f64::from(n), n as u16)).collect();
    data.push(data[1].clone());
    let scan = Files::of(&data).scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(codes(&scan), [NoteCode::DuplicateSlice]);

    // Another instance at the same position: the one with the lower number is used.
    data[4] = nth(9, 2.0, 99);
    let scan = Files::of(&data).scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(
        scan.about.notes[0].text,
        "1 slice lies where another one does and was left out."
    );
}

#[test]
fn uneven_and_leaning_stacks_give_notes() {
    let heights = [0.0, 5.0, 10.0, 14.0, 19.0];
    let data: Vec<Data> = (1..).zip(heights).map(|(n, z)| nth(n, z, 1)).collect();
    assert_eq!(codes(&Files::of(&data).scan(0)), [NoteCode::UnevenSlices]);

    let leaning = |n: u32| {
        let position = format!("0\\{}\\{}", f64::from(n) * 2.0, f64::from(n) * 5.0);
        nth(n, 0.0, 1).text(0x0020_0032, "DS", &position)
    };
    let data: Vec<Data> = (0..4).map(leaning).collect();
    let scan = Files::of(&data).scan(0);
    assert_eq!(codes(&scan), [NoteCode::UnevenSlices]);
    assert!(scan.about.notes[0].text.contains("21.8°"));
    let affine = scan.grid().patient_from_voxel.unwrap();
    assert_eq!(affine.column(2), [0.0, 2.0, 5.0]);
    // 0.5 × 0.75 mm pixels, planes 5 mm apart.
    assert!((scan.grid().voxel_mm3(0).unwrap() - 1.875).abs() < 1e-12);
}

#[test]
fn without_positions_the_numbers_order() {
    let bare = |n: u32| {
        nth(n, 0.0, n as u16)
            .without(0x0020_0032)
            .without(0x0020_0037)
    };
    let scan = Files::of(&[bare(3), bare(1), bare(2)]).scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 3.0]);
    assert_eq!(scan.grid().stacking, Stacking::Slices);
    assert_eq!(scan.grid().patient_from_voxel, None);
    assert_eq!(codes(&scan), [NoteCode::NoPositions]);
}

#[test]
fn images_that_do_not_fit_together_are_separate_choices() {
    let files = Files::of(&[
        nth(1, 0.0, 1),
        nth(2, 5.0, 2),
        nth(3, 0.0, 3).text(0x0020_0037, "DS", "0\\1\\0\\0\\0\\-1"),
        nth(4, 0.0, 4).u16(0x0028_0010, 4).u16(0x0028_0011, 3),
        nth(5, 0.0, 5)
            .text(0x0020_000e, "UI", "2.25.9")
            .text(0x0020_0011, "IS", "1"),
        // Storage may differ within a scan.
        nth(6, 10.0, 6).u16(0x0028_0103, 0),
        nth(7, 0.0, 7)
            .text(0x0028_0004, "CS", "RGB")
            .u16(0x0028_0002, 3)
            .words(vec![7; 36]),
    ]);
    let labels = files.labels();
    assert_eq!(
        labels,
        [
            "CT, series 1, 1 image of 4×3",
            "CT, series 3, 3 slices of 4×3, axial",
            "CT, series 3, 1 image of 4×3 (1 of 2)",
            "CT, series 3, 1 image of 3×4",
            "CT, series 3, 1 image of 4×3 (2 of 2)",
        ]
    );
    assert_eq!(firsts(&files.scan(1)), [1.0, 2.0, 6.0]);
}

#[test]
fn echoes_and_times_at_the_same_positions_are_separated() {
    let echo = |n: u32, z: f64, echo: &str| nth(n, z, n as u16).text(0x0018_0086, "IS", echo);
    let files = Files::of(&[
        echo(1, 0.0, "1"),
        echo(2, 0.0, "2"),
        echo(3, 5.0, "1"),
        echo(4, 5.0, "2"),
    ]);
    let labels = files.labels();
    assert!(labels[0].ends_with("axial, echo 1"), "{labels:?}");
    assert!(labels[1].ends_with("axial, echo 2"), "{labels:?}");
    assert_eq!(firsts(&files.scan(0)), [1.0, 3.0]);
    assert_eq!(firsts(&files.scan(1)), [2.0, 4.0]);

    // Only the instance numbers differ.
    let files = Files::of(&[
        nth(1, 0.0, 1),
        nth(2, 5.0, 2),
        nth(3, 0.0, 3),
        nth(4, 5.0, 4),
    ]);
    assert!(files.labels()[1].ends_with("part 2 of 2"));
    assert_eq!(firsts(&files.scan(0)), [1.0, 2.0]);
    assert_eq!(firsts(&files.scan(1)), [3.0, 4.0]);

    // If only one position has two images, they are frames in time.
    let files = Files::of(&[nth(2, 0.0, 2), nth(1, 0.0, 1), nth(3, 0.0, 3)]);
    let scan = files.scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(firsts(&scan), [1.0, 2.0, 3.0]);
}

#[test]
fn each_slice_keeps_its_slope() {
    let slope = |n: u32, slope: &str| nth(n, f64::from(n), 100).text(0x0028_1053, "DS", slope);
    let scan = Files::of(&[slope(2, "3"), slope(1, "2")]).scan(0);
    let rescale = |slope| Rescale {
        slope,
        intercept: -10.0,
    };
    assert_eq!(scan.rescales(), [rescale(2.0), rescale(3.0)]);
    assert_eq!(scan.value([0, 0, 0]), Some(190.0));
    assert_eq!(scan.value([0, 0, 1]), Some(290.0));
}

#[test]
fn other_objects_next_to_images_are_skipped() {
    let report = slice().without(0x7fe0_0010);
    let mut files = Files::of(&[report.clone(), nth(1, 0.0, 7)]);
    files.0.push(b"read me".to_vec());
    assert_eq!(files.labels().len(), 1);
    assert_eq!(firsts(&files.scan(0)), [7.0]);
    let alone = Files::of(&[report]);
    let error = survey(&alone.named(), &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::NoImage { .. }), "{error}");
}

/// An enhanced image with frames at these heights; each frame's pixels have the frame's number.
fn enhanced(heights: &[f64], own: impl Fn(usize, Data) -> Data) -> Data {
    let frame = |(at, z): (usize, &f64)| {
        let position = Data::default().text(0x0020_0032, "DS", &format!("1\\2\\{z}"));
        own(at, Data::default().items(0x0020_9113, vec![position]))
    };
    let frames = heights.iter().enumerate().map(frame).collect();
    let measures = Data::default()
        .text(0x0028_0030, "DS", "2\\1")
        .text(0x0018_0088, "DS", "5");
    let orientation = Data::default().text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0");
    let values = Data::default()
        .text(0x0028_1052, "DS", "-1")
        .text(0x0028_1053, "DS", "10")
        .text(0x0028_1054, "LO", "HU");
    let window = Data::default()
        .text(0x0028_1050, "DS", "7")
        .text(0x0028_1051, "DS", "70");
    let shared = Data::default()
        .items(0x0028_9110, vec![measures])
        .items(0x0020_9116, vec![orientation])
        .items(0x0028_9145, vec![values])
        .items(0x0028_9132, vec![window]);
    let words = (0..heights.len() as u16)
        .flat_map(|n| vec![n; 12])
        .collect();
    [
        0x0028_0030,
        0x0020_0032,
        0x0020_0037,
        0x0028_1050,
        0x0028_1051,
        0x0028_1052,
        0x0028_1053,
    ]
    .into_iter()
    .fold(slice(), Data::without)
    .text(0x0028_0008, "IS", &heights.len().to_string())
    .items(0x5200_9229, vec![shared])
    .items(0x5200_9230, frames)
    .words(words)
}

#[test]
fn frames_of_an_enhanced_image_are_sorted_by_position() {
    let files = Files::of(&[enhanced(&[10.0, 0.0, 5.0], |_, frame| frame)]);
    assert_eq!(files.labels(), ["CT, series 3, 3 slices of 4×3, axial"]);
    let scan = files.scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 0.0]);
    assert_eq!(scan.value([0, 0, 1]), Some(19.0));
    assert_eq!(scan.about.unit, "HU");
    let window = boxel_imaging::Window::DicomLinear {
        level: 7.0,
        width: 70.0,
    };
    assert_eq!(scan.default_window(), window);
    let affine = scan.grid().patient_from_voxel.unwrap();
    assert_eq!(affine.apply([1.0, 1.0, 1.0]), [2.0, 4.0, 5.0]);
    let Source::Dicom(source) = &scan.source else {
        panic!("another source");
    };
    let frames: Vec<_> = source.frames.iter().map(|frame| frame.frame).collect();
    assert_eq!(frames, [Some(2), Some(3), Some(1)]);
}

#[test]
fn stacks_of_an_enhanced_image_are_choices() {
    let stack = |at: usize, frame: Data| {
        let content = Data::default().text(0x0020_9056, "SH", ["A", "B"][at % 2]);
        frame.items(0x0020_9111, vec![content])
    };
    let files = Files::of(&[enhanced(&[0.0, 0.0, 5.0, 5.0], stack)]);
    let labels = files.labels();
    assert!(labels[1].ends_with("stack B"), "{labels:?}");
    assert_eq!(firsts(&files.scan(0)), [0.0, 2.0]);
    assert_eq!(firsts(&files.scan(1)), [1.0, 3.0]);
}

#[test]
fn segments_are_choices_wherever_they_lie() {
    // One slice each, at different positions.
    let segment = |at: usize, frame: Data| {
        let number = Data::default().u16(0x0062_000b, at as u16 + 1);
        frame.items(0x0062_000a, vec![number])
    };
    let files = Files::of(&[enhanced(&[0.0, 5.0, 10.0], segment)]);
    let labels = files.labels();
    assert_eq!(labels.len(), 3, "{labels:?}");
    assert!(labels[2].ends_with("segment 3"), "{labels:?}");
    assert_eq!(firsts(&files.scan(1)), [1.0]);
}

#[test]
fn each_frame_may_have_its_own_values() {
    let own = |at: usize, frame: Data| {
        let slope = ["1", "4"][at];
        let values = Data::default()
            .text(0x0028_1052, "DS", "0")
            .text(0x0028_1053, "DS", slope);
        frame.items(0x0028_9145, vec![values])
    };
    let scan = Files::of(&[enhanced(&[0.0, 5.0], own)]).scan(0);
    assert_eq!(scan.rescale(0).slope, 1.0);
    assert_eq!(scan.rescale(1).slope, 4.0);
}

#[test]
fn a_cine_is_frames_in_their_order() {
    let cine = slice()
        .text(0x0008_0060, "CS", "US")
        .text(0x0028_0008, "IS", "3")
        .without(0x0020_0032)
        .without(0x0020_0037)
        .words((0..3u16).flat_map(|n| vec![n; 12]).collect());
    let files = Files::of(&[cine]);
    assert_eq!(files.labels(), ["US, series 3, 3 frames of 4×3"]);
    let scan = files.scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0]);
}

#[test]
fn fragments_are_divided_by_a_table_or_one_per_frame() {
    // 12 words of 0x0101 in two segments.
    let coded = |value: u8| {
        let mut coded = vec![2, 0, 0, 0, 64, 0, 0, 0, 66, 0, 0, 0];
        coded.resize(64, 0);
        coded.extend([245, 0, 245, value]);
        coded
    };
    let cine = |fragments: Vec<Vec<u8>>| {
        let data = slice()
            .text(0x0028_0008, "IS", "2")
            .without(0x0020_0032)
            .set(0x7fe0_0010, "OB", Value::Fragments(fragments));
        Files(vec![data.file(Syntax::Rle)])
    };
    let plain = cine(vec![Vec::new(), coded(1), coded(2)]);
    assert_eq!(firsts(&plain.scan(0)), [1.0, 2.0]);
    // The first frame has two fragments of 40 and 28 bytes, each after an 8-byte header.
    let (first, second) = (coded(1), coded(2));
    let table: Vec<u8> = [0u32, 84].iter().flat_map(|at| at.to_le_bytes()).collect();
    let parts = vec![table, first[..40].to_vec(), first[40..].to_vec(), second];
    assert_eq!(firsts(&cine(parts.clone()).scan(0)), [1.0, 2.0]);
    let mut without = parts;
    without[0] = Vec::new();
    let files = cine(without);
    let error = open_choice(&files.named(), &files.choices()[0], &Limits::default());
    assert!(error.unwrap_err().to_string().contains("3 fragments"));
}

#[test]
fn a_series_beyond_the_limits_is_refused() {
    let data: Vec<Data> = (1..=4).map(|n| nth(n, f64::from(n), 1)).collect();
    let files = Files::of(&data);
    let limits = Limits {
        max_bytes: 80,
        ..Limits::default()
    };
    let error = open_choice(&files.named(), &files.choices()[0], &limits).unwrap_err();
    assert_eq!(error.code(), "image_too_large");
}
