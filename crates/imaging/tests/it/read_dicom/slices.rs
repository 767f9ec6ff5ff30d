//! Attributes that differ between slices: each slice is read with those of its own file or frame.

use crate::support::dicom_writer::{Data, Syntax, Value, nth, slice};
use crate::support::scans::texts;
use boxel_imaging::{
    Error, Limits, NamedFile, NoteCode, Rescale, Scan, SlicePlane, Source, Voxels, Window, open,
    open_choice, survey,
};

/// The only scan in the files.
fn stacked(slices: &[Data]) -> Result<Scan, Error> {
    let files: Vec<Vec<u8>> = slices
        .iter()
        .map(|data| data.file(Syntax::Explicit))
        .collect();
    let named: Vec<NamedFile<'_>> = files
        .iter()
        .map(|bytes| NamedFile { name: "", bytes })
        .collect();
    let choices = survey(&named, &Limits::default())?;
    assert_eq!(choices.len(), 1, "{choices:?}");
    open_choice(&named, &choices[0], &Limits::default())
}

/// Value of the first pixel of each slice.
fn values(scan: &Scan) -> Vec<f64> {
    let slices = 0..scan.grid().slices;
    slices.map(|k| scan.value([0, 0, k]).unwrap()).collect()
}

/// Slice `number` of a series, without rescale; all pixels are `stored`.
fn plain(number: u32, stored: u16) -> Data {
    nth(number, 5.0 * f64::from(number), stored)
        .without(0x0028_1052)
        .without(0x0028_1053)
}

/// A table with the values `factor · x` for x from 0 to 3.
fn table(factor: u16, unit: &str) -> Data {
    Data::default()
        .set(0x0028_3002, "US", Value::U16(vec![4, 0, 16]))
        .text(0x0028_3004, "LO", unit)
        .set(
            0x0028_3006,
            "US",
            Value::U16((0..4).map(|x| factor * x).collect()),
        )
}

#[test]
fn each_slice_has_its_own_modality_table() {
    let with = |number: u32, factor| plain(number, 3).items(0x0028_3000, vec![table(factor, "HU")]);
    let scan = stacked(&[with(1, 1000), with(2, 2000), with(3, 9000)]).unwrap();
    assert_eq!(values(&scan), [3000.0, 6000.0, 27_000.0]);
    assert_eq!((scan.about.unit.as_str(), texts(&scan).len()), ("HU", 0));
}

#[test]
fn tables_and_rescales_can_be_mixed() {
    let tabled = plain(1, 3).items(0x0028_3000, vec![table(20_000, "HU")]);
    // −5 as a 12-bit number, with the value 2 · stored − 10.
    let rescaled = nth(2, 10.0, 0x0ffb);
    let scan = stacked(&[tabled, rescaled]).unwrap();
    assert_eq!(values(&scan), [60_000.0, -20.0]);
    assert_eq!(
        scan.voxels().bits(),
        32,
        "16 bits without a sign, and 12 with one"
    );
    let rescale = Rescale {
        slope: 2.0,
        intercept: -10.0,
    };
    assert_eq!(scan.rescales(), [Rescale::IDENTITY, rescale]);
}

/// While voxels are widened, both types are in memory: 12 of 16 bits, and 24 of 32 bits.
#[test]
fn wider_voxels_keep_the_limit() {
    let tabled = plain(1, 3).items(0x0028_3000, vec![table(20_000, "HU")]);
    let files = [tabled, nth(2, 10.0, 0x0ffb)].map(|data| data.file(Syntax::Explicit));
    let named = files.each_ref().map(|bytes| NamedFile { name: "", bytes });
    let limits = |max_bytes| Limits {
        max_bytes,
        ..Limits::default()
    };
    let choices = survey(&named, &Limits::default()).unwrap();
    let opened = |max_bytes| open_choice(&named, &choices[0], &limits(max_bytes));
    assert!(opened(120).is_ok());
    assert!(matches!(opened(119), Err(Error::TooMuchMemory { .. })));
}

/// LEADTOOLS writes such items.
#[test]
fn an_empty_table_is_ignored() {
    let empty = Data::default()
        .set(0x0028_3002, "US", Value::U16(Vec::new()))
        .text(0x0028_3003, "LO", "")
        .text(0x0028_3004, "LO", "")
        .set(0x0028_3006, "US", Value::U16(Vec::new()));
    for sequence in [vec![empty], vec![Data::default()], Vec::new()] {
        let data = slice()
            .items(0x0028_3000, sequence.clone())
            .items(0x0028_3010, sequence);
        let scan = open(&data.file(Syntax::Explicit), &Limits::default()).unwrap();
        assert_eq!(values(&scan), [-22.0], "the rescale counts");
        assert_eq!((scan.about.windows.len(), scan.about.luts.len()), (2, 0));
        assert!(texts(&scan).is_empty());
    }
    // An incomplete table is an error.
    let half = Data::default().set(0x0028_3002, "US", Value::U16(vec![4, 0, 16]));
    let data = slice().items(0x0028_3000, vec![half]);
    let error = open(&data.file(Syntax::Explicit), &Limits::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("LUT Data has 0 bytes for 4 entries"),
        "{error}"
    );
}

/// In implicit VR, nothing tells that the first mapped value is negative.
#[test]
fn a_table_of_signed_samples_begins_below_0() {
    let table = Data::default()
        .set(0x0028_3002, "US", Value::U16(vec![8, (-6i16) as u16, 16]))
        .text(0x0028_3004, "LO", "HU")
        .set(0x0028_3006, "OW", Value::U16((10..18).collect()));
    let data = slice().items(0x0028_3000, vec![table]);
    for syntax in [Syntax::Explicit, Syntax::Implicit] {
        let scan = open(&data.file(syntax), &Limits::default()).unwrap();
        // Samples start at −6, and the table has 8 entries.
        let row = |j| (0..4).map(move |i| [i, j, 0]);
        let found: Vec<f64> = (0..3)
            .flat_map(row)
            .map(|voxel| scan.value(voxel).unwrap())
            .collect();
        let expected = [10, 11, 12, 13, 14, 15, 16, 17, 17, 17, 17, 17].map(f64::from);
        assert_eq!(found, expected, "{syntax:?}");
    }
}

/// An 8-bit index for each pixel; each colour has two entries.
fn palette(number: u32, bits: u16, entries: [u16; 2]) -> Data {
    let mut data = plain(number, 0)
        .text(0x0028_0004, "CS", "PALETTE COLOR")
        .u16(0x0028_0100, 8)
        .u16(0x0028_0101, 8)
        .u16(0x0028_0102, 7)
        .u16(0x0028_0103, 0)
        .set(0x7fe0_0010, "OB", Value::Bytes(vec![1; 12]));
    for (at, colour) in (0..3).zip(0..3u16) {
        let entries = entries.map(|entry| entry + colour);
        data = data
            .set(0x0028_1101 + at, "US", Value::U16(vec![2, 0, bits]))
            .set(0x0028_1201 + at, "OW", Value::U16(entries.to_vec()));
    }
    data
}

#[test]
fn each_slice_has_its_own_palette() {
    let scan = stacked(&[palette(1, 8, [0, 10]), palette(2, 8, [0, 90])]).unwrap();
    let Voxels::Rgb8(colours) = scan.voxels() else {
        panic!("not 8 bits");
    };
    assert_eq!(
        (&colours[..3], &colours[36..39]),
        (&[10, 11, 12][..], &[90, 91, 92][..])
    );
    // A 16-bit palette next to an 8-bit one: 255 becomes 65535.
    let scan = stacked(&[palette(1, 8, [0, 10]), palette(2, 16, [0, 3000])]).unwrap();
    let Voxels::Rgb16(colours) = scan.voxels() else {
        panic!("not 16 bits");
    };
    assert_eq!(colours[..3], [2570, 2827, 3084]);
    assert_eq!(colours[36..39], [3000, 3001, 3002]);
}

#[test]
fn units_that_differ_are_named() {
    let of = |number: u32, unit: &str| {
        nth(number, 5.0 * f64::from(number), 7).text(0x0028_1054, "LO", unit)
    };
    let same = stacked(&[of(1, "HU"), of(2, "HU")]).unwrap();
    assert_eq!((same.about.unit.as_str(), texts(&same).len()), ("HU", 0));
    let scan = stacked(&[of(1, "HU"), of(2, "HU"), of(3, "MGML"), of(4, "HU")]).unwrap();
    assert_eq!(scan.about.unit, "");
    let expected = "Values have different units: HU in slices 1 to 2, 4; MGML in slice 3.";
    assert_eq!(texts(&scan), [expected]);
    // Other text than defined terms could be anything, even a name, and saved files contain the unit.
    let scan = stacked(&[of(1, "PANZA^SANCHO")]).unwrap();
    assert_eq!(scan.about.unit, "HU");
    // CT values without a rescale have no known unit.
    let scan = stacked(&[nth(1, 5.0, 7), plain(2, 7)]).unwrap();
    assert_eq!(
        texts(&scan),
        ["Values have different units: HU in slice 1; no unit in slice 2."]
    );
}

#[test]
fn of_windows_that_differ_those_of_the_middle_are_offered() {
    let of = |number: u32, level: &str, width: &str| {
        let data = nth(number, 5.0 * f64::from(number), 7);
        data.text(0x0028_1050, "DS", level)
            .text(0x0028_1051, "DS", width)
            .without(0x0028_1055)
    };
    let scan = stacked(&[of(1, "100", "50"), of(2, "200", "60"), of(3, "300", "70")]).unwrap();
    let windows: Vec<Window> = scan
        .about
        .windows
        .iter()
        .map(|named| named.window)
        .collect();
    let middle = Window::DicomLinear {
        level: 200.0,
        width: 60.0,
    };
    assert_eq!(windows, [middle]);
    assert_eq!(
        texts(&scan),
        ["The windows differ from slice to slice; those of slice 2 are offered."]
    );
    // If the middle slice has no window, the nearest slice that has one counts.
    let none = of(2, "", "");
    let scan = stacked(&[of(1, "100", "50"), none, of(3, "100", "50")]).unwrap();
    assert_eq!(scan.about.windows.len(), 1);
    assert!(texts(&scan)[0].contains("those of slice 1 are offered"));
    let same = stacked(&[of(1, "100", "50"), of(2, "100", "50")]).unwrap();
    assert!(texts(&same).is_empty());
}

#[test]
fn each_slice_is_inverted_as_its_own_file_says() {
    let of = |number: u32, shape: &str| {
        let data = plain(number, 40 * number as u16);
        data.text(0x2050_0020, "CS", shape)
            .text(0x0028_1050, "DS", "64")
            .text(0x0028_1051, "DS", "128")
            .without(0x0028_1055)
    };
    let scan = stacked(&[of(1, "IDENTITY"), of(2, "INVERSE")]).unwrap();
    assert_eq!(values(&scan), [40.0, 80.0], "values are as they are stored");
    assert!(!scan.about.is_inverted(0) && scan.about.is_inverted(1));
    let plane = SlicePlane::first(scan.grid());
    let grey = |slice| scan.render(&plane, slice, scan.default_window()).pixels()[0];
    // LINEAR: ((40 − 63.5) / 127 + 0.5) · 255 is 80.3, and 80 gives 160.6.
    assert_eq!((grey(0), grey(1)), (80, 255 - 160));
    assert!(
        texts(&scan)
            .iter()
            .any(|note| note.contains("dark in slice 1, and bright in slice 2"))
    );
    // It survives the transfer to another worker.
    let bytes = [&scan.head_bytes().unwrap(), scan.sample_bytes()].concat();
    assert_eq!(Scan::from_bytes(&bytes).unwrap(), scan);

    let one = |photometric: &str, shape: &str| {
        let data = slice()
            .text(0x0028_0004, "CS", photometric)
            .text(0x2050_0020, "CS", shape);
        let scan = open(&data.file(Syntax::Explicit), &Limits::default()).unwrap();
        (scan.about.inverted, scan.about.notes.len())
    };
    assert_eq!(
        one("MONOCHROME1", "INVERSE"),
        (true, 0),
        "once, and not twice"
    );
    assert_eq!(one("MONOCHROME2", "IDENTITY"), (false, 0));
    assert_eq!(one("MONOCHROME2", "INVERSE"), (true, 1));
    assert_eq!(one("MONOCHROME1", "IDENTITY"), (true, 1));
}

/// The first file alone would not show it.
#[test]
fn text_burned_into_any_slice_is_noted() {
    let of = |number: u32, word: &str| plain(number, 7).text(0x0028_0301, "CS", word);
    let scan = stacked(&[of(1, "NO"), of(2, "YES"), of(3, "NO")]).unwrap();
    assert_eq!(scan.about.notes[0].code, NoteCode::BurnedIn);
    let Source::Dicom(source) = &scan.source else {
        panic!("another format");
    };
    assert_eq!(source.burned_in, Some(true));
    let scan = stacked(&[of(1, "NO"), of(2, "NO")]).unwrap();
    assert!(texts(&scan).is_empty());
}

/// An enhanced image with three frames, each with its own rescale, unit and window.
#[test]
fn each_frame_has_its_own_groups() {
    let position = |z: u32| Data::default().text(0x0020_0032, "DS", &format!("0\\0\\{z}"));
    let frame = |z: u32, slope: &str, unit: &str, level: &str| {
        let values = Data::default()
            .text(0x0028_1052, "DS", "0")
            .text(0x0028_1053, "DS", slope)
            .text(0x0028_1054, "LO", unit);
        let window = Data::default()
            .text(0x0028_1050, "DS", level)
            .text(0x0028_1051, "DS", "10");
        Data::default()
            .items(0x0020_9113, vec![position(z)])
            .items(0x0028_9132, vec![window])
            .items(0x0028_9145, vec![values])
    };
    let image = |units: [&str; 3]| {
        let frames = vec![
            frame(0, "1", units[0], "11"),
            frame(5, "2", units[1], "22"),
            frame(10, "3", units[2], "33"),
        ];
        let data = plain(1, 7)
            .text(0x0028_0008, "IS", "3")
            .without(0x0028_1050)
            .without(0x0028_1051)
            .without(0x0028_1055)
            .items(0x5200_9230, frames)
            .words(vec![7; 36]);
        open(&data.file(Syntax::Explicit), &Limits::default()).unwrap()
    };
    let scan = image(["HU", "HU", "HU"]);
    assert_eq!(values(&scan), [7.0, 14.0, 21.0]);
    assert_eq!(scan.about.unit, "HU");
    let middle = Window::DicomLinear {
        level: 22.0,
        width: 10.0,
    };
    assert_eq!(scan.about.windows[0].window, middle);
    assert_eq!(
        texts(&scan),
        ["The windows differ from slice to slice; those of slice 2 are offered."]
    );
    let scan = image(["HU", "HU", "HU_MOD"]);
    assert!(texts(&scan)[0].contains("HU in slices 1 to 2; HU_MOD in slice 3"));
}

#[test]
fn a_remark_on_one_slice_names_it() {
    let beyond = plain(2, 5000).u16(0x0028_0103, 0);
    let sound = |number: u32| plain(number, 7).u16(0x0028_0103, 0);
    let scan = stacked(&[sound(1), beyond, sound(3)]).unwrap();
    assert_eq!(texts(&scan).len(), 1);
    assert!(texts(&scan)[0].ends_with("(slice 2)"), "{:?}", texts(&scan));
}

/// Equal stored numbers have different values, and so different grey levels, on each slice.
#[test]
fn samples_of_8_bits_with_different_rescales_are_shown_by_value() {
    let of = |number: u32, slope: &str| {
        plain(number, 0)
            .text(0x0008_0060, "CS", "PT")
            .text(0x0028_1053, "DS", slope)
            .u16(0x0028_0100, 8)
            .u16(0x0028_0101, 8)
            .u16(0x0028_0102, 7)
            .u16(0x0028_0103, 0)
            .without(0x0028_1050)
            .without(0x0028_1051)
            .without(0x0028_1055)
            .set(0x7fe0_0010, "OB", Value::Bytes((100..112).collect()))
    };
    let scan = stacked(&[of(1, "1"), of(2, "1")]).unwrap();
    assert_eq!(scan.default_window(), Window::Stored);
    let scan = stacked(&[of(1, "1"), of(2, "3")]).unwrap();
    assert_eq!(values(&scan), [100.0, 300.0]);
    assert_eq!(scan.default_window(), Window::Percentiles);
}
