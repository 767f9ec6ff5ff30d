//! Places outside a slice's usual attributes: detectors, the root of the data set, parts of an image.

use crate::support::dicom_files::{Files, assert_near, firsts, place};
use crate::support::dicom_writer::{Data, Value, nth, slice};
use crate::support::scans::{codes, texts};
use boxel_imaging::{Limits, NoteCode, Stacking, survey};

const POSITION: u32 = 0x0020_0032;
const ORIENTATION: u32 = 0x0020_0037;
const SPACING_BETWEEN: u32 = 0x0018_0088;
const THICKNESS: u32 = 0x0018_0050;

/// A multi-frame image with the place of `slice()` at its root; each frame's pixels have the frame's number.
fn frames(count: u16) -> Data {
    let words = (0..count).flat_map(|n| vec![n; 12]).collect();
    slice()
        .text(0x0028_0008, "IS", &count.to_string())
        .words(words)
}

fn long(number: u32) -> Value {
    Value::Bytes(number.to_le_bytes().to_vec())
}

/// A SPECT reconstruction with slices `step` mm apart (SimpleITK finds the same places).
fn spect(step: &str) -> Data {
    let detector = Data::default()
        .text(POSITION, "DS", "-128\\-120\\100")
        .text(ORIENTATION, "DS", "1\\0\\0\\0\\1\\0");
    frames(5)
        .without(POSITION)
        .without(ORIENTATION)
        .text(0x0008_0060, "CS", "NM")
        .text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION")
        .text(0x0028_0030, "DS", "4\\4")
        .text(SPACING_BETWEEN, "DS", step)
        .items(0x0054_0022, vec![detector])
        .set(0x0054_0080, "US", Value::U16(vec![1, 2, 3, 4, 5]))
}

#[test]
fn a_spect_volume_lies_where_its_detector_says() {
    let scan = Files::of(&[spect("4")]).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Slices);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-128.0, -120.0, 100.0]);
    assert_near(place(&scan, [1.0, 1.0, 4.0]), [-124.0, -116.0, 116.0]);

    // Against the normal: the last frame is the lowest, and each keeps its place.
    let scan = Files::of(&[spect("-4")]).scan(0);
    assert_eq!(firsts(&scan), [4.0, 3.0, 2.0, 1.0, 0.0]);
    assert_near(place(&scan, [0.0, 0.0, 4.0]), [-128.0, -120.0, 100.0]);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-128.0, -120.0, 84.0]);
    assert_eq!(scan.grid().slice_spacing_mm, Some(4.0));
    assert_eq!(codes(&scan), []);
}

#[test]
fn a_gated_spect_is_a_volume_for_each_time_slot() {
    let gated = spect("4")
        .text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\RECON GATED TOMO")
        .text(0x0028_0008, "IS", "6")
        .words((0..6).flat_map(|n| vec![n; 12]).collect())
        .set(0x0054_0070, "US", Value::U16(vec![1, 1, 1, 2, 2, 2]))
        .set(0x0054_0080, "US", Value::U16(vec![1, 2, 3, 1, 2, 3]));
    let files = Files::of(&[gated]);
    assert_eq!(files.all_firsts(), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
    assert_near(
        place(&files.scan(1), [0.0, 0.0, 2.0]),
        [-128.0, -120.0, 108.0],
    );
}

#[test]
fn projections_are_not_a_volume() {
    let projections = spect("4").text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\TOMO\\EMISSION");
    let scan = Files::of(&[projections]).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(scan.grid().patient_from_voxel, None);
}

#[test]
fn a_multi_frame_ct_may_have_its_place_at_the_root() {
    let scan = Files::of(&[frames(4).text(SPACING_BETWEEN, "DS", "2.5")]).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Slices);
    assert_near(place(&scan, [0.0, 0.0, 3.0]), [-10.0, -20.0, 37.5]);
    assert_eq!(codes(&scan), []);

    // Like SimpleITK: a negative distance means against the normal.
    let scan = Files::of(&[frames(4).text(SPACING_BETWEEN, "DS", "-2.5")]).scan(0);
    assert_eq!(firsts(&scan), [3.0, 2.0, 1.0, 0.0]);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-10.0, -20.0, 22.5]);

    // The thickness is only a guess, so there is a note.
    let scan = Files::of(&[frames(4)]).scan(0);
    assert_eq!(scan.grid().slice_spacing_mm, Some(5.0));
    assert_eq!(codes(&scan), [NoteCode::Reading]);
    assert!(texts(&scan)[0].contains("slice thickness of 5 mm"));
    let bare = Files::of(&[frames(4).without(THICKNESS)]).scan(0);
    assert_eq!(bare.grid().stacking, Stacking::Frames);

    // Functional groups without a place don't hide the root's.
    let content = Data::default().set(0x0020_9057, "UL", long(1));
    let group = |number: u32| {
        let content = content.clone().set(0x0020_9057, "UL", long(number));
        Data::default().items(0x0020_9111, vec![content])
    };
    let grouped = frames(3)
        .text(SPACING_BETWEEN, "DS", "2.5")
        .items(0x5200_9230, vec![group(3), group(1), group(2)]);
    let scan = Files::of(&[grouped]).scan(0);
    assert_eq!(firsts(&scan), [1.0, 2.0, 0.0]);
    assert_near(place(&scan, [0.0, 0.0, 2.0]), [-10.0, -20.0, 35.0]);
}

#[test]
fn frames_in_time_stay_at_one_place() {
    let pointer = Value::Bytes(vec![0x18, 0, 0x63, 0x10]);
    let cine = frames(4)
        .text(SPACING_BETWEEN, "DS", "2.5")
        .set(0x0028_0009, "AT", pointer)
        .text(0x0018_1063, "DS", "33");
    let scan = Files::of(&[cine]).scan(0);
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn a_slice_location_vector_places_frames() {
    let scattered = frames(3).text(0x0018_2005, "DS", "100\\97\\103");
    let scan = Files::of(&[scattered]).scan(0);
    assert_eq!(firsts(&scan), [1.0, 0.0, 2.0]);
    assert_near(place(&scan, [0.0, 0.0, 0.0]), [-10.0, -20.0, 27.0]);
}

/// A part of an enhanced image split in three, of two frames each; the last has one.
fn part(number: u16) -> Data {
    let first = 2 * (number - 1);
    let count = if number == 3 { 1 } else { 2 };
    let frame = |n: u16| {
        let position = format!("-10\\-20\\{}", 3 * n);
        let position = Data::default().text(POSITION, "DS", &position);
        Data::default().items(0x0020_9113, vec![position])
    };
    let all = first..first + count;
    let orientation = Data::default().text(ORIENTATION, "DS", "1\\0\\0\\0\\1\\0");
    let measures = Data::default().text(0x0028_0030, "DS", "0.75\\0.5");
    slice()
        .without(POSITION)
        .without(ORIENTATION)
        .text(0x0008_0018, "UI", &format!("2.25.100{number}"))
        .text(0x0020_9161, "UI", "2.25.77")
        .u16(0x0020_9162, number)
        .u16(0x0020_9163, 3)
        .text(0x0028_0008, "IS", &count.to_string())
        .items(
            0x5200_9229,
            vec![
                Data::default()
                    .items(0x0020_9116, vec![orientation])
                    .items(0x0028_9110, vec![measures]),
            ],
        )
        .items(0x5200_9230, all.clone().map(frame).collect())
        .words(all.flat_map(|n| vec![n; 12]).collect())
}

#[test]
fn parts_of_a_concatenation_are_one_volume() {
    let files = Files::of(&[part(2), part(3), part(1)]);
    assert_eq!(files.labels(), ["CT, series 3, 5 slices of 4×3, axial"]);
    let scan = files.scan(0);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_near(place(&scan, [0.0, 0.0, 4.0]), [-10.0, -20.0, 12.0]);
    assert_eq!(codes(&scan), []);

    // Only the source UID identifies them.
    let by_source = |number| {
        part(number)
            .without(0x0020_9161)
            .text(0x0020_0242, "UI", "2.25.78")
    };
    let scan = Files::of(&[by_source(1), by_source(2), by_source(3)]).scan(0);
    assert_eq!(scan.grid().slices, 5);

    // Another concatenation UID means another image.
    let other = |number| part(number).text(0x0020_9161, "UI", "2.25.79");
    let files = Files::of(&[part(1), other(1), part(2), other(2), part(3), other(3)]);
    assert_eq!(files.all_firsts(), [[0.0, 1.0, 2.0, 3.0, 4.0]; 2]);
}

#[test]
fn missing_parts_of_a_concatenation_are_named() {
    let scan = Files::of(&[part(1), part(3)]).scan(0);
    assert_eq!(firsts(&scan), [0.0, 1.0, 4.0]);
    let text = "The image was split into 3 files: part 2 is missing.";
    assert_eq!(texts(&scan)[0], text);
    assert!(codes(&scan)[0] == NoteCode::SliceGap);
    let scan = Files::of(&[part(2)]).scan(0);
    let text = "The image was split into 3 files: parts 1, 3 are missing.";
    assert_eq!(texts(&scan), [text]);
    // A copy is not a missing part.
    let scan = Files::of(&[part(1), part(2), part(2), part(3)]).scan(0);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(texts(&scan), ["1 file is there twice and counts once."]);
}

#[test]
fn slices_of_as_many_series_are_offered_as_a_volume() {
    let lone = |k: u32, z: f64| {
        nth(k + 1, z, k as u16)
            .text(0x0020_000e, "UI", &format!("2.25.5.{k}"))
            .text(0x0020_0011, "IS", &(20 - k).to_string())
    };
    let even: Vec<Data> = (0..5).map(|k| lone(k, 2.5 * f64::from(k))).collect();
    let files = Files::of(&even);
    let labels = files.labels();
    assert_eq!(labels.len(), 6, "{labels:?}");
    assert!(
        labels[0].ends_with("5 slices of 4×3, axial, of 5 series"),
        "{labels:?}"
    );
    let scan = files.scan(0);
    assert_eq!(firsts(&scan), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_near(place(&scan, [0.0, 0.0, 4.0]), [-10.0, -20.0, 10.0]);
    assert_eq!(codes(&scan), [NoteCode::Reading]);

    // Not if the distances, the frame of reference or the orientation differ.
    let heights = [0.0, 2.5, 4.0, 9.0, 10.0];
    let uneven = (0..5).zip(heights).map(|(k, z)| lone(k, z));
    assert_eq!(Files::of(&uneven.collect::<Vec<_>>()).choices().len(), 5);
    let unlike = |tag, vr, values: [&'static str; 2]| {
        let data = even.iter().cloned().zip(0..);
        let data: Vec<Data> = data
            .map(|(data, k)| data.text(tag, vr, values[k % 2]))
            .collect();
        Files::of(&data[..4]).choices().len()
    };
    assert_eq!(unlike(0x0020_0052, "UI", ["2.25.3", "2.25.4"]), 4);
    let axes = ["1\\0\\0\\0\\1\\0", "0\\1\\0\\1\\0\\0"];
    assert_eq!(unlike(ORIENTATION, "DS", axes), 4);
}

#[test]
fn a_slice_without_a_place_does_not_displace_the_others() {
    let mut data: Vec<Data> = (1..=4).map(|n| nth(n, f64::from(n), n as u16)).collect();
    data.push(nth(5, 5.0, 5).without(POSITION));
    let files = Files::of(&data);
    assert_eq!(files.all_firsts(), [vec![1.0, 2.0, 3.0, 4.0], vec![5.0]]);
    assert_near(place(&files.scan(0), [0.0, 0.0, 3.0]), [-10.0, -20.0, 4.0]);
}

#[test]
fn slides_are_rejected_by_name() {
    let slide = frames(6)
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.77.1.6")
        .text(0x0008_0060, "CS", "SM")
        .text(0x0020_9311, "CS", "TILED_FULL")
        .set(0x0048_0006, "UL", long(12))
        .set(0x0048_0007, "UL", long(6));
    let files = Files::of(std::slice::from_ref(&slide));
    let error = survey(&files.named(), &Limits::default()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("whole-slide image (12×6 pixels in 6 tiles of 4×3)"),
        "{text}"
    );
    // Next to its label, which is an image, the slide is mentioned in a note.
    let label = slice()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.77.1.6")
        .set(0x0048_0006, "UL", long(4))
        .set(0x0048_0007, "UL", long(3));
    let scan = Files::of(&[slide, label]).scan(0);
    assert!(
        texts(&scan).iter().any(|text| text.contains("whole-slide")),
        "{:?}",
        texts(&scan)
    );
}
