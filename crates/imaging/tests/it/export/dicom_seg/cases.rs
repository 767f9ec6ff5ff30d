//! Scans like those from DICOM files, with masks on them.

use boxel_imaging::export::{Code, Identity, NewInstance, SegForm, Segment, dicom_seg};
use boxel_imaging::{
    About, Affine, DicomFrame, DicomSource, DicomValue, Error, Format, Grid, PixelSpacing, Rescale,
    Scan, Source, SpacingSource, Stacking, VolumeMask, Voxels,
};

/// Values that would identify the patient or the study.
pub const IDENTIFYING: [(u16, u16, &[u8; 2], &str); 14] = [
    (0x0010, 0x0010, b"PN", "Quixote^Alonso"),
    (0x0010, 0x0020, b"LO", "PAT-7731"),
    (0x0010, 0x0030, b"DA", "19470929"),
    (0x0010, 0x1010, b"AS", "077Y"),
    (0x0010, 0x1030, b"DS", "81.375"),
    (0x0008, 0x0020, b"DA", "20190315"),
    (0x0008, 0x0030, b"TM", "081512.25"),
    (0x0008, 0x0050, b"SH", "ACC-4402"),
    (0x0008, 0x0090, b"PN", "Panza^Sancho"),
    (0x0008, 0x1030, b"LO", "Knee, left"),
    (0x0020, 0x0010, b"SH", "STUDY-12"),
    (0x0020, 0x000d, b"UI", "1.2.826.0.1.11111.1"),
    (0x0020, 0x000e, b"UI", "1.2.826.0.1.11111.2"),
    (0x0020, 0x0052, b"UI", "1.2.826.0.1.11111.3"),
];

/// Values that an opened file has besides.
const OTHER: [(u16, u16, &[u8; 2], &str); 5] = [
    (0x0010, 0x0040, b"CS", "M"),
    (0x0020, 0x1040, b"LO", ""),
    (0x0018, 0x0050, b"DS", "2.5 "),
    (0x0028, 0x2110, b"CS", "01"),
    (0x0028, 0x2112, b"DS", "12.5"),
];

pub const INSTANCE: NewInstance<'static> = NewInstance {
    seed: *b"\x8a\x1c\x00\xff\x13\x77\xc2\x5e\x01\x02\x03\x04\x05\x06\x07\xf8",
    date: "20240229",
    time: "134501",
    software_version: "0.1.0",
};

/// Arrangement of a scan's slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// Oblique, each slice directly above the previous one.
    Oblique,
    /// The same in reverse order, against the normal.
    Downwards,
    /// A tilted gantry: slices are shifted along their columns, and ordered against their normal.
    Tilted,
    /// A single slice with a place.
    Single,
    /// Frames of one multi-frame instance without a place.
    Loop,
    /// A single image without a place.
    Photograph,
}

impl Arrangement {
    pub const ALL: [Arrangement; 6] = [
        Arrangement::Oblique,
        Arrangement::Downwards,
        Arrangement::Tilted,
        Arrangement::Single,
        Arrangement::Loop,
        Arrangement::Photograph,
    ];

    pub fn has_place(self) -> bool {
        self.place().is_some()
    }

    fn slices(self) -> u32 {
        match self {
            Arrangement::Single | Arrangement::Photograph => 1,
            _ => 6,
        }
    }

    fn place(self) -> Option<Affine> {
        let (sin, cos) = 0.3_f64.sin_cos();
        // Columns are 0.7 mm apart, and rows 0.9 mm.
        let (row, column) = ([0.7 * cos, 0.7 * sin, 0.0], [-0.9 * sin, 0.9 * cos, 0.0]);
        let step = match self {
            Arrangement::Oblique | Arrangement::Single => [0.0, 0.0, 3.0],
            Arrangement::Downwards => [0.0, 0.0, -3.0],
            Arrangement::Tilted => [-0.4 * sin, 0.4 * cos, -2.0],
            Arrangement::Loop | Arrangement::Photograph => return None,
        };
        let offset = [-120.5, 33.0 + 1.0 / 3.0, 1040.25];
        Some(Affine([0, 1, 2].map(|axis| {
            [row[axis], column[axis], step[axis], offset[axis]]
        })))
    }
}

/// 7 columns and 5 rows, so that only the first frame begins at a byte boundary.
pub fn scan(arrangement: Arrangement) -> Scan {
    scan_of(arrangement, 7)
}

/// `columns` columns and 5 rows.
pub fn scan_of(arrangement: Arrangement, columns: u32) -> Scan {
    let attribute = |&(group, element, vr, value): &(u16, u16, &[u8; 2], &str)| DicomValue {
        tag: (group, element),
        vr: *vr,
        value: value.as_bytes().to_vec(),
    };
    let attributes = IDENTIFYING.iter().chain(&OTHER).map(attribute).collect();
    let multi_frame = arrangement == Arrangement::Loop;
    let frame = |k: u32| DicomFrame {
        series_instance_uid: String::new(),
        // SOP classes: Ultrasound Multi-frame, MR, Secondary Capture.
        sop_class_uid: match (multi_frame, arrangement.has_place()) {
            (true, _) => "1.2.840.10008.5.1.4.1.1.3.1",
            (_, true) => "1.2.840.10008.5.1.4.1.1.4",
            _ => "1.2.840.10008.5.1.4.1.1.7",
        }
        .to_owned(),
        sop_instance_uid: match multi_frame {
            true => "1.2.826.0.1.22222".to_owned(),
            false => format!("1.2.826.0.1.22222.{k}"),
        },
        frame: multi_frame.then_some(k + 1),
        position: None,
    };
    let place = arrangement.place();
    let pixel_spacing = place.as_ref().map(|_| PixelSpacing {
        x_mm: 0.7,
        y_mm: 0.9,
        source: SpacingSource::PixelSpacing,
    });
    let grid = Grid {
        slices: arrangement.slices(),
        stacking: match arrangement.has_place() {
            true => Stacking::Slices,
            false => Stacking::Frames,
        },
        pixel_spacing,
        slice_spacing_mm: place.as_ref().map(|place| Grid::spacing_of(place)[2]),
        patient_from_voxel: place,
        ..Grid::image(columns, 5)
    };
    let source = Source::Dicom(DicomSource {
        attributes,
        frames: (0..arrangement.slices()).map(frame).collect(),
        burned_in: None,
    });
    let voxels = Voxels::U8(vec![0; grid.voxels() as usize]);
    let about = About::new(Format::Dicom, 8);
    Scan::new(grid, voxels, vec![Rescale::IDENTITY], about, source).unwrap()
}

/// Two overlapping masks; with several slices, some are empty.
pub fn masks(scan: &Scan) -> [VolumeMask; 2] {
    let [columns, rows, slices] = scan.grid().size();
    let inside = |at: &dyn Fn(u32, u32, u32) -> bool| {
        let voxels = (0..slices).flat_map(|k| (0..rows).map(move |j| (j, k)));
        let values: Vec<u8> = voxels
            .flat_map(|(j, k)| (0..columns).map(move |i| (i, j, k)))
            .map(|(i, j, k)| u8::from(at(i, j, k)))
            .collect();
        VolumeMask::from_values(scan.grid(), &values).unwrap()
    };
    let last = slices - 1;
    [
        inside(&|i, j, k| (k != 2 && k < 5) && i > k && j < 4),
        inside(&|i, j, k| (k == last || k == 1) && (i + 2 * j + k) % 3 == 0),
    ]
}

pub const LABELS: [&str; 2] = ["Meniscus", "Cyst"];
pub const COLORS: [[u8; 3]; 2] = [[251, 252, 30], [20, 90, 200]];
/// Terms of PS3.16 CID 7150 and CID 7159.
pub const LESION: [Code<'static>; 2] = [
    Code {
        value: "49755003",
        scheme: "SCT",
        meaning: "Morphologically Abnormal Structure",
    },
    Code {
        value: "52988006",
        scheme: "SCT",
        meaning: "Lesion",
    },
];

/// The object with both masks in one bit per pixel, the first by a model and the second by hand.
pub fn written(scan: &Scan, masks: &[VolumeMask; 2], identity: Identity) -> Result<Vec<u8>, Error> {
    written_as(scan, masks, identity, SegForm::Binary)
}

/// The same object in a given form.
pub fn written_as(
    scan: &Scan,
    masks: &[VolumeMask; 2],
    identity: Identity,
    form: SegForm,
) -> Result<Vec<u8>, Error> {
    let first = Segment {
        algorithm: Some("LiteMedSAM"),
        ..Segment::new(LABELS[0], COLORS[0], &masks[0])
    };
    let second = Segment {
        category: LESION[0],
        property: LESION[1],
        ..Segment::new(LABELS[1], COLORS[1], &masks[1])
    };
    dicom_seg(scan, &[first, second], identity, form, &INSTANCE)
}
