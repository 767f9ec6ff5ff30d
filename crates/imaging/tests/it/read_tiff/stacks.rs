//! How the images of a TIFF are grouped, and their sizes, according to ImageJ, OME, tifffile and MetaMorph.

use crate::support::scans::choices;
use crate::support::tiff_writer::{Page, Value, little};
use boxel_imaging::{Grid, NoteCode, PixelSpacing, Rescale, Scan, SpacingSource, Stacking, Voxels};

fn labels(scans: &[(String, Scan)]) -> Vec<&str> {
    scans.iter().map(|(label, _)| label.as_str()).collect()
}

/// A page of 2×1 pixels: the number of the image, and that plus 100.
fn page(k: u8) -> Page {
    Page::grey([2, 1], 8).strip(vec![k, k + 100])
}

/// `count` pages, the first with a description.
fn described(count: u8, text: &str) -> Vec<Page> {
    let mut pages: Vec<Page> = (0..count).map(page).collect();
    pages[0] = pages[0].clone().text(text);
    pages
}

/// The first pixel of each slice.
fn images(scan: &Scan) -> Vec<f64> {
    (0..scan.grid().slices)
        .map(|k| scan.value([0, 0, k]).unwrap())
        .collect()
}

fn spacing(grid: &Grid) -> (Option<[f64; 2]>, Option<f64>) {
    let pixel = grid
        .pixel_spacing
        .map(|PixelSpacing { x_mm, y_mm, .. }| [x_mm, y_mm]);
    (pixel, grid.slice_spacing_mm)
}

fn resolution(page: Page, x: [u32; 2], y: [u32; 2], unit: Option<u16>) -> Page {
    let page = page
        .with(282, Value::Fractions(vec![x]))
        .with(283, Value::Fractions(vec![y]));
    match unit {
        Some(unit) => page.short(296, unit),
        None => page,
    }
}

/// In ImageJ's hyperstacks channels change fastest, then slices, then frames.
#[test]
fn a_hyperstack_of_imagej_is_a_volume_for_each_channel_and_time() {
    let text = "ImageJ=1.53t\nimages=12\nchannels=2\nslices=3\nframes=2\nhyperstack=true\n";
    let scans = choices(&little(&described(12, text)));
    let expected = [
        "TIFF, time 1 of 2, channel 1 of 2, 3 slices of 2×1",
        "TIFF, time 1 of 2, channel 2 of 2, 3 slices of 2×1",
        "TIFF, time 2 of 2, channel 1 of 2, 3 slices of 2×1",
        "TIFF, time 2 of 2, channel 2 of 2, 3 slices of 2×1",
    ];
    assert_eq!(labels(&scans), expected);
    let expected = [
        [0.0, 2.0, 4.0],
        [1.0, 3.0, 5.0],
        [6.0, 8.0, 10.0],
        [7.0, 9.0, 11.0],
    ];
    for ((_, scan), expected) in scans.iter().zip(expected) {
        assert_eq!(images(scan), expected);
        assert_eq!(scan.grid().stacking, Stacking::Slices);
        assert_eq!(scan.about.notes, []);
    }
}

/// Without slices, frames follow each other.
#[test]
fn frames_are_not_a_volume() {
    let text = "ImageJ=1.53t\nimages=4\nchannels=2\nframes=2\nfinterval=0.5\n";
    let scans = choices(&little(&described(4, text)));
    let expected = [
        "TIFF, channel 1 of 2, 2 images of 2×1",
        "TIFF, channel 2 of 2, 2 images of 2×1",
    ];
    assert_eq!(labels(&scans), expected);
    assert_eq!(images(&scans[1].1), [1.0, 3.0]);
    assert_eq!(scans[1].1.grid().stacking, Stacking::Frames);
}

/// Above 4 GB ImageJ writes one directory and all images after each other.
#[test]
fn slices_without_directories_are_read() {
    let text = "ImageJ=1.53t\nimages=3\nslices=3\nunit=mm\nspacing=2.5\n";
    let whole = page(0).text(text).behind(vec![1, 101, 2, 102]);
    let whole = resolution(whole, [4, 1], [2, 1], None);
    let scans = choices(&little(std::slice::from_ref(&whole)));
    assert_eq!(labels(&scans), ["TIFF, 3 slices of 2×1"]);
    let (_, scan) = &scans[0];
    assert_eq!(scan.voxels(), &Voxels::U8(vec![0, 100, 1, 101, 2, 102]));
    assert_eq!(spacing(scan.grid()), (Some([0.25, 0.5]), Some(2.5)));
    assert_eq!(scan.about.notes, []);

    // Compressed images can't be found this way: a note gives the number of missing ones.
    let packed = whole.short(259, 32_773).strip(vec![1, 0, 100]);
    let scans = choices(&little(&[packed]));
    let (_, scan) = &scans[0];
    assert_eq!(images(scan), [0.0]);
    assert_eq!(
        scan.about.notes[0].text,
        "2 of 3 images that the file's description names are not in it, and are not shown"
    );
}

#[test]
fn images_after_the_end_of_the_file_are_noted_as_missing() {
    // The directories follow the pixels: their bytes must not be read as images.
    let pages: Vec<Page> = described(3, "ImageJ=1.53t\nimages=5\nslices=5\n");
    let scans = choices(&little(&pages));
    let (label, scan) = &scans[0];
    assert_eq!(label, "TIFF, 3 slices of 2×1");
    assert_eq!(scan.about.notes[0].code, NoteCode::Reading);
    assert!(
        scan.about.notes[0].text.starts_with("2 of 5 images"),
        "{:?}",
        scan.about.notes
    );
}

#[test]
fn tifffile_names_the_axes() {
    let whole = page(0)
        .text(r#"{"shape": [2, 3, 1, 2], "axes": "CZYX", "truncated": true}"#)
        .behind(vec![1, 101, 2, 102, 3, 103, 4, 104, 5, 105]);
    let scans = choices(&little(&[whole]));
    let expected = [
        "TIFF, channel 1 of 2, 3 slices of 2×1",
        "TIFF, channel 2 of 2, 3 slices of 2×1",
    ];
    assert_eq!(labels(&scans), expected);
    assert_eq!(images(&scans[1].1), [3.0, 4.0, 5.0]);

    // Axes without a meaning become pages, and a file may have several series.
    let mut pages = described(3, r#"{"shape": [3, 1, 2]}"#);
    pages.extend(described(2, r#"{"shape": [2, 1, 2]}"#));
    let scans = choices(&little(&pages));
    let expected = [
        "TIFF, series 1 of 2, 3 images of 2×1",
        "TIFF, series 2 of 2, 2 images of 2×1",
    ];
    assert_eq!(labels(&scans), expected);
    assert_eq!(images(&scans[1].1), [0.0, 1.0]);
    assert_eq!(scans[1].1.grid().stacking, Stacking::Frames);
}

/// tifffile stores three or four images as if they were colours: its axes distinguish slices from colours; without axes
/// there is a note.
#[test]
fn planes_that_tifffile_calls_slices_are_not_colours() {
    let planes = |text: &str| {
        let page = Page::grey([2, 1], 8).samples(3, 2).short(284, 2).text(text);
        let strips = vec![vec![0, 100], vec![1, 101], vec![2, 102]];
        choices(&little(&[page.strips(1, strips)]))
    };
    let scans = planes(r#"{"shape": [3, 1, 2], "axes": "ZYX"}"#);
    assert_eq!(labels(&scans), ["TIFF, 3 slices of 2×1"]);
    assert_eq!(
        scans[0].1.voxels(),
        &Voxels::U8(vec![0, 100, 1, 101, 2, 102])
    );
    let colours = Voxels::Rgb8(vec![0, 1, 2, 100, 101, 102]);
    let scans = planes(r#"{"shape": [3, 1, 2], "axes": "SYX"}"#);
    assert_eq!(scans[0].1.voxels(), &colours);
    assert_eq!(scans[0].1.about.notes, []);
    let scans = planes(r#"{"shape": [3, 1, 2]}"#);
    assert_eq!(scans[0].1.voxels(), &colours);
    let text = &scans[0].1.about.notes[0].text;
    assert!(
        text.starts_with("the file's three or four planes"),
        "{text}"
    );
}

/// MetaMorph's tag UIC2 (33629) has two fractions for each plane.
#[test]
fn planes_of_metamorph_are_counted_by_its_tag() {
    let whole = page(0)
        .with(33_629, Value::Fractions(vec![[1, 1]; 3]))
        .behind(vec![1, 101, 2, 102]);
    let scans = choices(&little(&[whole]));
    assert_eq!(labels(&scans), ["TIFF, 3 images of 2×1"]);
    assert_eq!(images(&scans[0].1), [0.0, 1.0, 2.0]);
}

#[test]
fn ome_assigns_pages_to_planes() {
    let pixels = |attributes: &str, inner: &str| {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="2" SizeY="1" {attributes}>{inner}</Pixels></Image></OME>"#
        )
    };
    let text = pixels(
        r#"SizeZ="2" SizeC="2" SizeT="1" PhysicalSizeX="500" PhysicalSizeY="0.25" PhysicalSizeYUnit="mm" PhysicalSizeZ="2" PhysicalSizeZUnit="mm""#,
        r#"<Channel ID="Channel:0" SamplesPerPixel="1"/><TiffData/>"#,
    );
    let scans = choices(&little(&described(4, &text)));
    let expected = [
        "TIFF, channel 1 of 2, 2 slices of 2×1",
        "TIFF, channel 2 of 2, 2 slices of 2×1",
    ];
    assert_eq!(labels(&scans), expected);
    assert_eq!(images(&scans[1].1), [2.0, 3.0]);
    let grid = scans[1].1.grid();
    // The default unit is the micrometre.
    assert_eq!(spacing(grid), (Some([0.5, 0.25]), Some(2.0)));
    assert_eq!(
        grid.pixel_spacing.unwrap().source,
        SpacingSource::TiffDescription
    );

    // Planes in another order, and one in another file.
    let text = pixels(
        r#"SizeZ="3" SizeC="1" SizeT="1""#,
        r#"<TiffData FirstZ="0" IFD="1"/><TiffData FirstZ="1" IFD="0"/><TiffData FirstZ="2" IFD="0"><UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData>"#,
    );
    let scans = choices(&little(&described(2, &text)));
    let (_, scan) = &scans[0];
    assert_eq!(images(scan), [1.0, 0.0]);
    assert!(
        scan.about.notes[0].text.starts_with("1 of 3 images"),
        "{:?}",
        scan.about.notes
    );
    // With a gap in the middle the volume isn't even.
    let text = pixels(
        r#"SizeZ="3" SizeC="1" SizeT="1" PhysicalSizeZ="1""#,
        r#"<TiffData FirstZ="0" IFD="0"/><TiffData FirstZ="2" IFD="1"/>"#,
    );
    let scans = choices(&little(&described(2, &text)));
    let (_, scan) = &scans[0];
    assert_eq!(scan.grid().stacking, Stacking::Frames);
    assert_eq!(scan.grid().slice_spacing_mm, None);
    assert_eq!(scan.about.notes[0].code, NoteCode::SliceGap);
}

/// XML that is broken, or not OME's, is ignored.
#[test]
fn a_broken_description_is_ignored() {
    for text in [
        "<OME><Image>",
        "<OME/>",
        "<svg/>",
        r#"{"shape": [9, 9"#,
        "ImageJ=1\nimages=x",
    ] {
        let scans = choices(&little(&described(3, text)));
        assert_eq!(labels(&scans), ["TIFF, 3 pages of 2×1"], "{text}");
        assert_eq!(images(&scans[0].1), [0.0, 1.0, 2.0]);
    }
}

/// Counts beyond any file are ignored, and cost neither time nor memory.
#[test]
fn counts_beyond_any_file_are_ignored() {
    let started = std::time::Instant::now();
    for text in [
        "ImageJ=1\nimages=0\n",
        "ImageJ=1\nimages=99999999999999\n",
        "ImageJ=1\nchannels=0\nslices=4294967296\n",
        r#"{"shape": [99999999999, 1, 2]}"#,
        r#"<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="2" SizeY="1" SizeZ="99999999" SizeC="9" SizeT="9"/></Image></OME>"#,
    ] {
        let scans = choices(&little(&[page(3).text(text)]));
        assert_eq!(labels(&scans), ["TIFF"], "{text}");
        assert_eq!(images(&scans[0].1), [3.0]);
    }
    assert!(started.elapsed().as_millis() < 2000);
}

#[test]
fn imagej_gives_sizes_in_its_unit() {
    let sized = |text: &str, unit: Option<u16>| {
        let page = resolution(page(0).text(text), [2_000_000, 1_000_000], [4, 1], unit);
        let scans = choices(&little(&[page]));
        let grid = scans[0].1.grid().clone();
        (
            spacing(&grid).0,
            grid.pixel_spacing.map(|pixel| pixel.source),
        )
    };
    let said = Some(SpacingSource::TiffDescription);
    assert_eq!(
        sized("ImageJ=1\nunit=mm\n", Some(1)),
        (Some([0.5, 0.25]), said)
    );
    assert_eq!(
        sized("ImageJ=1\nunit=cm\n", Some(3)),
        (Some([5.0, 2.5]), said)
    );
    for unit in ["micron", "um", "\u{b5}m", "\\u00B5m"] {
        let (found, _) = sized(&format!("ImageJ=1\nunit={unit}\n"), Some(1));
        assert_eq!(found, Some([0.0005, 0.00025]), "{unit}");
    }
    assert_eq!(sized("ImageJ=1\nunit=pixel\n", Some(1)), (None, None));
    assert_eq!(sized("ImageJ=1\n", Some(1)), (None, None));
}

/// The resolution tags alone: with a note that they may describe a scanner, and ignored if they clearly describe a
/// device.
#[test]
fn a_resolution_is_a_size_unless_it_is_a_devices() {
    let opened = |x: [u32; 2], unit| {
        choices(&little(&[resolution(page(0), x, x, unit)]))
            .remove(0)
            .1
    };
    let scan = opened([20, 1], Some(3));
    let pixel = scan.grid().pixel_spacing.unwrap();
    assert_eq!((pixel.x_mm, pixel.y_mm), (0.5, 0.5));
    assert_eq!(pixel.source, SpacingSource::TiffResolution);
    assert_eq!(scan.about.notes[0].code, NoteCode::Spacing);
    // The default unit is the inch.
    let scan = opened([254, 1], None);
    assert!((scan.grid().pixel_spacing.unwrap().x_mm - 0.1).abs() < 1e-12);
    for (x, unit, notes) in [
        ([72, 1], Some(2), 0),
        ([96, 1], Some(2), 0),
        ([300, 1], Some(2), 1),
        ([118, 1], Some(3), 1),
        ([1, 1], Some(2), 0),
        ([1, 1], Some(3), 0),
        ([20, 1], Some(1), 0),
        ([0, 1], Some(3), 0),
        ([7, 0], Some(3), 0),
    ] {
        let scan = opened(x, unit);
        assert_eq!(scan.grid().pixel_spacing, None, "{x:?}");
        assert_eq!(
            scan.about.notes.len(),
            notes,
            "{x:?}: {:?}",
            scan.about.notes
        );
    }
}

/// In a rotated image, the column distance becomes the row distance.
#[test]
fn a_size_is_turned_with_the_image() {
    let page = resolution(page(0).short(274, 6), [2, 1], [4, 1], None).text("ImageJ=1\nunit=mm\n");
    let scans = choices(&little(&[page]));
    let grid = scans[0].1.grid();
    assert_eq!(grid.size(), [1, 2, 1]);
    assert_eq!(spacing(grid).0, Some([0.25, 0.5]));
}

/// Linear calibrations of ImageJ, as for CT, become the rescale; other functions give a note.
#[test]
fn imagejs_calibration_is_a_rescale() {
    let opened = |text: &str| choices(&little(&[page(5).text(text)])).remove(0).1;
    let scan = opened("ImageJ=1\ncf=0\nc0=-1024.0\nc1=2.0\nvunit=HU\n");
    let (slope, intercept) = (2.0, -1024.0);
    assert_eq!(scan.rescale(0), Rescale { slope, intercept });
    assert_eq!(
        (scan.value([0, 0, 0]), scan.about.unit.as_str()),
        (Some(-1014.0), "HU")
    );
    let scan = opened("ImageJ=1\ncf=7\nc0=1\nc1=2\n");
    assert_eq!(scan.rescale(0), Rescale::IDENTITY);
    assert!(
        scan.about.notes[0].text.contains("function 7"),
        "{:?}",
        scan.about.notes
    );
}

/// Pyramid levels, and thumbnails between slices.
#[test]
fn reduced_copies_are_named_and_part_no_stack() {
    let small = || Page::grey([1, 1], 8).long(254, 1).strip(vec![9]);
    let scans = choices(&little(&[page(0), small(), page(1), small(), page(2)]));
    assert_eq!(
        labels(&scans),
        [
            "TIFF, 3 of the pages 1 to 5 of 5, 2×1",
            "TIFF, page 2 of 5, 1×1, a reduced copy",
            "TIFF, page 4 of 5, 1×1, a reduced copy",
        ]
    );
    assert_eq!(images(&scans[0].1), [0.0, 1.0, 2.0]);
}

#[test]
fn pages_that_cant_be_opened_are_noted() {
    let scans = choices(&little(&[page(0), page(1).short(259, 50_000), page(2)]));
    assert_eq!(
        labels(&scans),
        ["TIFF, page 1 of 3, 2×1", "TIFF, page 3 of 3, 2×1"]
    );
    let [note] = scans[0].1.about.notes.as_slice() else {
        panic!("{:?}", scans[0].1.about.notes);
    };
    assert!(
        note.text
            .starts_with("1 page of 3 can't be opened: a TIFF file compressed by Zstandard")
    );
}
