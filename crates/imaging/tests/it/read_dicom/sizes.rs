//! Which object a pixel size refers to, and where it holds (DICOM PS3.3 10.7.1.3, C.8.5.5).

use crate::support::dicom_writer::{Data, Syntax, Value};
use boxel_imaging::measure::{SliceMeasures, measure_slice};
use boxel_imaging::{
    About, Affine, Format, Grid, Limits, Mask, NamedFile, NoteCode, Plane, Region, Rescale, Scan,
    SizeOf, SlicePlane, Source, SpacingSource, Stacking, Voxels, open, open_choice, survey,
};

const SIDE: u32 = 16;

const DETECTOR_TO_SOURCE: u32 = 0x0018_1110;
const PATIENT_TO_SOURCE: u32 = 0x0018_1111;
const MAGNIFICATION: u32 = 0x0018_1114;
const IMAGER: u32 = 0x0018_1164;
const FILM: u32 = 0x0018_2010;
const PIXEL: u32 = 0x0028_0030;
const CALIBRATION: u32 = 0x0028_0a02;

/// An image without a pixel size.
fn image(modality: &str) -> Data {
    Data::default()
        .text(0x0008_0018, "UI", "1.2.3.4")
        .text(0x0008_0060, "CS", modality)
        .text(0x0020_000e, "UI", "1.2.3")
        .u16(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .u16(0x0028_0010, SIDE as u16)
        .u16(0x0028_0011, SIDE as u16)
        .u16(0x0028_0100, 16)
        .u16(0x0028_0101, 16)
        .u16(0x0028_0102, 15)
        .u16(0x0028_0103, 0)
        .words((0..(SIDE * SIDE) as u16).collect())
}

fn opened(data: &Data) -> Scan {
    open(&data.file(Syntax::Explicit), &Limits::default()).unwrap()
}

/// Pixel size, source, object it refers to, and note.
fn size(data: &Data) -> Option<([f64; 2], SpacingSource, SizeOf, String)> {
    let scan = opened(data);
    let spacing = scan.grid().pixel_spacing?;
    let notes = &scan.about.notes;
    let note = notes.iter().find(|note| note.code == NoteCode::Spacing);
    let text = note.map(|note| note.text.clone()).unwrap_or_default();
    let mm = [spacing.y_mm, spacing.x_mm];
    Some((mm, spacing.source, spacing.source.size_of(), text))
}

#[track_caller]
fn assert_size(data: &Data, mm: [f64; 2], source: SpacingSource, of: SizeOf, words: &str) {
    let (got, got_source, got_of, text) = size(data).unwrap();
    assert_eq!((got_source, got_of), (source, of), "{text}");
    for (got, expected) in got.iter().zip(mm) {
        assert!((got - expected).abs() < 1e-12, "{got} for {expected}");
    }
    assert!(text.contains(words), "{text:?} without {words:?}");
}

const DETECTOR: (SpacingSource, SizeOf, &str) = (
    SpacingSource::ImagerPixelSpacing,
    SizeOf::Detector,
    "at the detector",
);

#[track_caller]
fn assert_detector(data: &Data) {
    let (source, of, words) = DETECTOR;
    assert_size(data, [0.15, 0.12], source, of, words);
}

#[test]
fn a_projection_without_calibration_is_at_the_detector() {
    for modality in ["CR", "DX", "MG", "XA", "RF", "RTIMAGE", "OT", ""] {
        let imager = image(modality).text(IMAGER, "DS", "0.15\\0.12");
        assert_detector(&imager);
        // Pixel Spacing only repeats it, in another notation or with fewer digits.
        for pixel in ["0.15\\0.12", "0.1500\\0.12000", "0.1502\\0.1199"] {
            let repeated = imager.clone().text(PIXEL, "DS", pixel);
            assert_detector(&repeated);
        }
        // A factor of 1 and equal distances mean no magnification.
        assert_detector(&imager.clone().text(MAGNIFICATION, "DS", "1"));
        let contact = imager.text(DETECTOR_TO_SOURCE, "DS", "1000");
        assert_detector(&contact.text(PATIENT_TO_SOURCE, "DS", "1000"));
    }
}

#[test]
fn a_magnification_gives_an_estimate_for_the_patient() {
    let repeated = image("MG")
        .text(IMAGER, "DS", "0.15\\0.12")
        .text(PIXEL, "DS", "0.15\\0.12");
    let of = SizeOf::ObjectEstimated;
    for data in [repeated.clone(), repeated.clone().without(PIXEL)] {
        let factor = data.clone().text(MAGNIFICATION, "DS", "1.5");
        let source = SpacingSource::MagnificationFactor;
        assert_size(&factor, [0.1, 0.08], source, of, "Magnification Factor 1.5");
        let distances =
            data.text(DETECTOR_TO_SOURCE, "DS", "1500")
                .text(PATIENT_TO_SOURCE, "DS", "1000");
        let source = SpacingSource::SourceDistances;
        assert_size(&distances, [0.1, 0.08], source, of, "estimates");
        // The stated factor takes precedence over the ratio of distances.
        let both = distances.text(MAGNIFICATION, "DS", "1.2");
        let source = SpacingSource::MagnificationFactor;
        assert_size(&both, [0.125, 0.1], source, of, "1.2");
    }
    // An implausible factor is mentioned and not used.
    for factor in ["0.5", "0", "-1.5", "nan", "inf"] {
        let (source, of, _) = DETECTOR;
        let wrong = repeated.clone().text(MAGNIFICATION, "DS", factor);
        assert_size(&wrong, [0.15, 0.12], source, of, "is not above 1");
    }
    for [detector, patient] in [
        ["0", "0"],
        ["1000", "0"],
        ["500", "1000"],
        ["nan", "1"],
        ["1500", ""],
    ] {
        let wrong = repeated
            .clone()
            .text(DETECTOR_TO_SOURCE, "DS", detector)
            .text(PATIENT_TO_SOURCE, "DS", patient);
        assert_detector(&wrong);
    }
}

#[test]
fn calibrations_are_named() {
    let calibrated = image("DX")
        .text(IMAGER, "DS", "0.15\\0.15")
        .text(PIXEL, "DS", "0.10\\0.10")
        .text(MAGNIFICATION, "DS", "1.5");
    let of = SizeOf::Object;
    let geometry = SpacingSource::GeometryCalibration;
    let fiducial = SpacingSource::FiducialCalibration;
    for (name, source) in [("GEOMETRY", geometry), ("FIDUCIAL", fiducial)] {
        let data = calibrated.clone().text(CALIBRATION, "CS", name);
        assert_size(&data, [0.1; 2], source, of, name);
    }
    let unstated = SpacingSource::UnstatedCalibration;
    assert_size(&calibrated, [0.1; 2], unstated, of, "doesn't say how");
    // Equal to the size at the detector, with a magnification: it was not corrected, whatever the file says.
    let repeated = calibrated.text(PIXEL, "DS", "0.15\\0.15");
    let contradiction = repeated.clone().text(CALIBRATION, "CS", "GEOMETRY");
    let (source, of) = (SpacingSource::MagnificationFactor, SizeOf::ObjectEstimated);
    assert_size(&contradiction, [0.1; 2], source, of, "1.5");
    let contact = contradiction.without(MAGNIFICATION);
    assert_size(&contact, [0.15; 2], geometry, SizeOf::Object, "GEOMETRY");
    // On its own, it may be at the detector or in the patient.
    let alone = image("CR").text(PIXEL, "DS", "0.2\\0.2");
    let (source, of) = (SpacingSource::UnstatedPixelSpacing, SizeOf::Unstated);
    assert_size(&alone, [0.2; 2], source, of, "doesn't say whether");
    let declared = alone.text(CALIBRATION, "CS", "FIDUCIAL");
    assert_size(&declared, [0.2; 2], fiducial, SizeOf::Object, "FIDUCIAL");
}

#[test]
fn films_and_rt_images_are_named() {
    let film = image("OT").text(FILM, "DS", "0.3\\0.2");
    let (source, of) = (SpacingSource::NominalScannedPixelSpacing, SizeOf::Film);
    assert_size(&film, [0.3, 0.2], source, of, "scanned film");
    let repeated = film.text(PIXEL, "DS", "0.3\\0.2");
    assert_size(&repeated, [0.3, 0.2], source, of, "scanned film");
    let cr = repeated.clone().text(0x0008_0060, "CS", "CR");
    assert_size(&cr, [0.3, 0.2], source, of, "scanned film");
    let calibrated = repeated.text(PIXEL, "DS", "0.25\\0.15");
    let (source, of) = (SpacingSource::PixelSpacing, SizeOf::Object);
    assert_size(&calibrated, [0.25, 0.15], source, of, "");
    let rt = image("RTIMAGE").text(0x3002_0011, "DS", "0.4\\0.5");
    let (source, of) = (SpacingSource::RtImagePlane, SizeOf::ImagePlane);
    assert_size(&rt, [0.4, 0.5], source, of, "plane of the RT image");
    let at = |plane: &str| {
        rt.clone()
            .text(0x3002_0022, "DS", "1000")
            .text(0x3002_0026, "DS", plane)
    };
    assert_size(
        &at("1000"),
        [0.4, 0.5],
        source,
        of,
        "at the isocentre, 1000 mm",
    );
    assert_size(&at("1600"), [0.4, 0.5], source, of, "0.625 times as large");
}

/// Enhanced XA has sizes in functional groups; a tomosynthesis slice has Pixel Spacing in the patient.
#[test]
fn functional_groups_have_sizes_of_their_own() {
    let shared = |sequence: u32, item: Data| {
        let groups = Data::default().items(sequence, vec![item]);
        image("XA").items(0x5200_9229, vec![groups])
    };
    let imager = Data::default().text(IMAGER, "DS", "0.15\\0.12");
    assert_detector(&shared(0x0028_9443, imager));
    let mm = [0.3f64, 0.2]
        .iter()
        .flat_map(|mm| mm.to_le_bytes())
        .collect();
    let object = Data::default().set(0x0018_9404, "FD", Value::Bytes(mm));
    let (source, of) = (SpacingSource::ObjectPixelSpacing, SizeOf::Object);
    assert_size(
        &shared(0x0018_9401, object),
        [0.3, 0.2],
        source,
        of,
        "centre of the beam",
    );
    let measures = Data::default().text(PIXEL, "DS", "0.1\\0.1");
    let slice = shared(0x0028_9110, measures).text(0x0008_0060, "CS", "MG");
    let source = SpacingSource::PixelSpacing;
    assert_size(&slice, [0.1; 2], source, of, "");
}

/// A region with first and last column and row, and cm per pixel.
fn region(x: [u32; 2], y: [u32; 2], [dx, dy]: [f64; 2]) -> Data {
    let whole = |number: u32| Value::Bytes(number.to_le_bytes().to_vec());
    Data::default()
        .u16(0x0018_6012, 1)
        .set(0x0018_6018, "UL", whole(x[0]))
        .set(0x0018_601a, "UL", whole(y[0]))
        .set(0x0018_601c, "UL", whole(x[1]))
        .set(0x0018_601e, "UL", whole(y[1]))
        .u16(0x0018_6024, 3)
        .u16(0x0018_6026, 3)
        .set(0x0018_602c, "FD", Value::F64(dx))
        .set(0x0018_602e, "FD", Value::F64(dy))
}

fn ultrasound(regions: Vec<Data>) -> Data {
    image("US").items(0x0018_6011, regions)
}

/// Measures a rectangle of pixels, half-open.
fn measured(scan: &Scan, slice: u32, x: [u32; 2], y: [u32; 2]) -> SliceMeasures {
    let inside = |at: u32| {
        let (column, row) = (at % SIDE, at / SIDE);
        (x[0]..x[1]).contains(&column) && (y[0]..y[1]).contains(&row)
    };
    let mask = (0..SIDE * SIDE).map(|at| u8::from(inside(at))).collect();
    let mask = Mask::new(SIDE, SIDE, mask).unwrap();
    measure_slice(scan, &SlicePlane::first(scan.grid()), slice, &mask).unwrap()
}

fn area(scan: &Scan, x: [u32; 2], y: [u32; 2]) -> Option<f64> {
    let measures = measured(scan, 0, x, y);
    assert_eq!(measures.area_mm2.is_some(), measures.spacing.is_some());
    let [long, short] = [measures.long_axis, measures.short_axis].map(Option::unwrap);
    assert_eq!(long.length_mm.is_some(), measures.area_mm2.is_some());
    assert_eq!(short.length_mm.is_some(), measures.area_mm2.is_some());
    measures.area_mm2.map(rounded)
}

fn rounded(x: f64) -> f64 {
    (x * 1e9).round() / 1e9
}

#[test]
fn a_regions_scale_holds_inside_it() {
    let scan = opened(&ultrasound(vec![region([4, 11], [0, 7], [0.02, -0.05])]));
    let spacing = scan.grid().pixel_spacing.unwrap();
    assert_eq!((spacing.x_mm, spacing.y_mm), (0.2, 0.5));
    assert_eq!(spacing.source, SpacingSource::UltrasoundRegion);
    assert!(
        scan.about.notes[0]
            .text
            .contains("inside the ultrasound region")
    );
    // 8 × 8 pixels of 0.1 mm², its last column and row included.
    assert_eq!(area(&scan, [4, 12], [0, 8]), Some(6.4));
    for (x, y) in [
        ([4, 13], [0, 8]),
        ([4, 12], [0, 9]),
        ([3, 5], [0, 2]),
        ([13, 15], [10, 12]),
    ] {
        assert_eq!(area(&scan, x, y), None, "{x:?} {y:?}");
    }
    // In pixel widths; pixels are 2.5 times as high as wide.
    let outside = measured(&scan, 0, [13, 14], [8, 12]);
    assert_eq!(outside.long_axis.unwrap().length_px, 10.0);
    let whole = opened(&ultrasound(vec![region([0, 15], [0, 15], [0.02, 0.02])]));
    assert!(whole.about.notes.is_empty());
    assert_eq!(area(&whole, [0, 16], [0, 16]), Some(10.24));
}

#[test]
fn regions_of_other_units_give_no_mm() {
    let scaled = || region([0, 7], [0, 15], [0.01, 0.01]);
    // Velocity over time.
    let doppler = region([8, 15], [0, 15], [0.01, 0.5])
        .u16(0x0018_6012, 3)
        .u16(0x0018_6024, 4)
        .u16(0x0018_6026, 7);
    let scan = opened(&ultrasound(vec![scaled(), doppler.clone()]));
    assert_eq!(area(&scan, [0, 8], [0, 2]), Some(0.16));
    assert_eq!(area(&scan, [9, 12], [0, 2]), None);
    let alone = opened(&ultrasound(vec![doppler.clone()]));
    assert_eq!(alone.grid().pixel_spacing, None);
    // The image's own spacing doesn't hold where the axes are time and velocity.
    let beside = opened(&ultrasound(vec![doppler]).text(PIXEL, "DS", "0.2\\0.1"));
    assert_eq!(area(&beside, [0, 8], [0, 2]), Some(0.32));
    assert_eq!(area(&beside, [7, 9], [0, 2]), None);
    // M-mode: cm and seconds.
    let m_mode = region([8, 15], [0, 15], [0.01, 0.01]).u16(0x0018_6024, 4);
    let scan = opened(&ultrasound(vec![scaled(), m_mode]));
    assert_eq!(area(&scan, [9, 12], [0, 2]), None);
}

#[test]
fn each_region_has_its_own_scale() {
    let two = vec![
        region([0, 7], [0, 15], [0.01, 0.01]),
        region([8, 15], [0, 15], [0.02, 0.02]),
    ];
    let scan = opened(&ultrasound(two));
    assert_eq!(scan.grid().pixel_spacing, None);
    assert!(scan.about.notes[0].text.contains("different scales"));
    assert_eq!(area(&scan, [2, 4], [0, 2]), Some(0.04));
    assert_eq!(area(&scan, [9, 11], [0, 2]), Some(0.16));
    assert_eq!(area(&scan, [7, 9], [0, 2]), None);
    // One region inside another: a magnified inset.
    let inset = vec![
        region([0, 15], [0, 15], [0.02, 0.02]),
        region([0, 7], [0, 7], [0.01, 0.01]),
    ];
    let scan = opened(&ultrasound(inset));
    assert_eq!(area(&scan, [2, 4], [0, 2]), Some(0.04));
    assert_eq!(area(&scan, [9, 11], [0, 2]), Some(0.16));
    assert_eq!(area(&scan, [6, 10], [0, 2]), None);
}

/// Regions without bounds, with reversed bounds, or without a scale.
#[test]
fn broken_regions_have_no_scale() {
    let sound = region([0, 15], [0, 15], [0.02, 0.02]);
    let zero = Value::F64(0.0);
    for broken in [
        sound.clone().without(0x0018_6018),
        region([9, 3], [0, 15], [0.02, 0.02]),
        sound.clone().set(0x0018_602c, "FD", zero),
        sound.clone().set(0x0018_602e, "FD", Value::F64(f64::NAN)),
        sound.clone().without(0x0018_602c),
    ] {
        let scan = opened(&ultrasound(vec![broken]));
        assert_eq!(scan.grid().pixel_spacing, None);
        assert_eq!(scan.about.notes[0].code, NoteCode::Spacing);
    }
    let far = region([0, u32::MAX], [0, u32::MAX], [0.02, 0.02]);
    let scan = opened(&ultrasound(vec![far]));
    assert_eq!(area(&scan, [0, 16], [0, 16]), Some(10.24));
}

/// Each file has its own regions.
#[test]
fn regions_may_differ_from_image_to_image() {
    let image = |number: u32, x: [u32; 2]| {
        let data = ultrasound(vec![region(x, [0, 15], [0.01, 0.01])])
            .text(0x0008_0018, "UI", &format!("1.2.3.{number}"))
            .text(0x0020_0013, "IS", &number.to_string());
        data.file(Syntax::Explicit)
    };
    let bytes = [image(1, [0, 7]), image(2, [8, 15])];
    let files = bytes.each_ref().map(|bytes| NamedFile { name: "", bytes });
    let choices = survey(&files, &Limits::default()).unwrap();
    assert_eq!(choices.len(), 1);
    let scan = open_choice(&files, &choices[0], &Limits::default()).unwrap();
    let mm2 = |slice, x| measured(&scan, slice, x, [0, 2]).area_mm2.map(rounded);
    assert_eq!((mm2(0, [0, 4]), mm2(0, [9, 13])), (Some(0.08), None));
    assert_eq!((mm2(1, [0, 4]), mm2(1, [9, 13])), (None, Some(0.08)));
    // Both reach the engine's worker.
    let bytes = [&scan.head_bytes().unwrap(), scan.sample_bytes()].concat();
    assert_eq!(Scan::from_bytes(&bytes).unwrap(), scan);
}

/// In a rotated plane, regions are rotated too.
#[test]
fn regions_are_rotated_with_the_plane() {
    let grid = Grid {
        slices: 2,
        stacking: Stacking::Slices,
        regions: vec![
            vec![Region {
                columns: [0, 4],
                rows: [0, 16],
                spacing_mm: Some([0.1, 0.2]),
            }],
            Vec::new(),
        ],
        // Columns to the back and slices to the feet, so the axial plane shows columns as rows.
        patient_from_voxel: Some(Affine([
            [0.0, -0.2, 0.0, 0.0],
            [0.1, 0.0, 0.0, 0.0],
            [0.0, 0.0, -3.0, 0.0],
        ])),
        ..Grid::image(SIDE, SIDE)
    };
    let voxels = Voxels::U8(vec![0; grid.voxels() as usize]);
    let about = About::new(Format::Dicom, 8);
    let scan = Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, Source::Raster).unwrap();
    let axial = SlicePlane::new(scan.grid(), Plane::Axial);
    let mm = |slice, rows: [u32; 2]| {
        let inside = |at: u32| (rows[0]..rows[1]).contains(&(at / SIDE)) && at % SIDE == 2;
        let mask = (0..SIDE * SIDE).map(|at| u8::from(inside(at))).collect();
        let mask = Mask::new(SIDE, SIDE, mask).unwrap();
        let measures = measure_slice(&scan, &axial, slice, &mask).unwrap();
        measures.area_mm2.map(rounded)
    };
    // The region is on the first stored slice: the last one of this plane, in its uppermost rows.
    assert_eq!((mm(1, [0, 4]), mm(1, [3, 5])), (Some(0.08), None));
    assert_eq!(mm(0, [0, 3]), None);
}

/// Ratio of vertical to horizontal size (C.7.6.3.1.7).
#[test]
fn pixels_have_the_shape_that_the_file_says() {
    let shaped = |ratio: &str| opened(&image("US").text(0x0028_0034, "IS", ratio));
    let scan = shaped("4\\3");
    let slice_plane = SlicePlane::first(scan.grid());
    assert_eq!(slice_plane.pixel_aspect(scan.grid()), 4.0 / 3.0);
    assert!(
        scan.about.notes[0]
            .text
            .contains("1.333 times as high as wide")
    );
    // 9 columns are 9 pixel widths; 9 rows are 12.
    let bar = |x, y| measured(&scan, 0, x, y).long_axis.unwrap();
    assert!((bar([2, 3], [0, 9]).length_px - 12.0).abs() < 1e-9);
    assert!((bar([0, 9], [2, 3]).length_px - 9.0).abs() < 1e-9);
    // A square of pixels has the axes of an upright rectangle.
    let square = measured(&scan, 0, [2, 12], [2, 12]);
    assert_eq!((square.area_px, square.area_mm2), (100, None));
    let long = square.long_axis.unwrap();
    assert!((long.length_px - 9f64.hypot(40.0 / 3.0)).abs() < 1e-9);
    for (ratio, expected) in [
        ("2\\1", 2.0),
        ("1\\1", 1.0),
        ("0\\1", 1.0),
        ("1000\\1", 1.0),
        ("x", 1.0),
        ("3", 1.0),
    ] {
        let scan = shaped(ratio);
        let aspect = SlicePlane::first(scan.grid()).pixel_aspect(scan.grid());
        assert_eq!(aspect, expected, "{ratio}");
    }
    // A size in mm takes precedence.
    let sized = image("US")
        .text(0x0028_0034, "IS", "4\\3")
        .text(PIXEL, "DS", "0.5\\0.5");
    let scan = opened(&sized);
    assert_eq!(
        SlicePlane::first(scan.grid()).pixel_aspect(scan.grid()),
        1.0
    );
}
