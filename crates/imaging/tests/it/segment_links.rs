//! What links a segmentation to a scan whose frame of reference it does not name: a de-identified file, or a de-identified
//! scan, with exactly its geometry.

use boxel_imaging::export::{Identity, SegForm, dicom_seg, rt_structures};
use boxel_imaging::{Error, Limits, Link, NamedFile, Scan, ScanPlace, open_segments, survey};

use crate::support::dicom_writer::{Data, Syntax, nth};
use crate::support::objects::mask;
use crate::support::series::{self, INSTANCE, segment, segments_on};

/// A CT of slices of 4 × 3 pixels.
struct Ct<'a> {
    frame_of_reference: &'a str,
    identity_removed: &'a str,
    series: &'a str,
    /// Position of the first pixel.
    first: [f64; 3],
    heights: &'a [f64],
    columns: u16,
}

const OWN: Ct<'static> = Ct {
    frame_of_reference: "2.25.5",
    identity_removed: "NO",
    series: "2.25.40",
    first: [-12.25, 7.5, 40.0],
    heights: &[0.0, 5.0, 10.0, 15.0],
    columns: 4,
};

impl Ct<'_> {
    fn scan(&self) -> Scan {
        let [x, y, z] = self.first;
        let slices = (1..).zip(self.heights).map(|(number, height)| {
            let data: Data = nth(number, *height, 1)
                .text(0x0012_0062, "CS", self.identity_removed)
                .text(0x0020_0032, "DS", &format!("{x}\\{y}\\{}", z + height))
                .text(0x0020_000e, "UI", self.series)
                .text(0x0020_0052, "UI", self.frame_of_reference)
                .u16(0x0028_0011, self.columns)
                .words(vec![1; 3 * usize::from(self.columns)]);
            data.file(Syntax::Explicit)
        });
        series::scan(&slices.collect::<Vec<_>>())
    }
}

/// Files with the same two segments, which leave slice 1 empty: three forms of a SEG, and a structure set.
fn written(scan: &Scan, identity: Identity) -> Vec<Vec<u8>> {
    let masks = masks(scan);
    let segments = [
        segment("Liver", [200, 30, 60], &masks[0]),
        segment("Spleen", [10, 240, 120], &masks[1]),
    ];
    let forms = [SegForm::Binary, SegForm::WholeBytes, SegForm::LabelMap];
    let segs = forms.map(|form| dicom_seg(scan, &segments, identity, form, &INSTANCE).unwrap());
    let structures = rt_structures(scan, &segments, identity, &INSTANCE).unwrap();
    segs.into_iter().chain([structures]).collect()
}

fn masks(scan: &Scan) -> [boxel_imaging::VolumeMask; 2] {
    [
        mask(scan.grid(), |[i, j, k]| k != 1 && i < 2 && j == 1),
        mask(scan.grid(), |[i, j, k]| k == 2 && i > 1 && j > 0),
    ]
}

fn assert_opened(scan: &Scan, file: &[u8], link: Link) {
    let found = segments_on(scan, file).unwrap();
    for (found, mask) in found.iter().zip(masks(scan)) {
        assert_eq!((&found.mask, found.link), (&mask, link));
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn a_de_identified_file_is_linked_by_its_geometry() {
    for heights in [OWN.heights, &[0.0, 2.5, 5.0, 9.0, 15.0]] {
        let scan = Ct { heights, ..OWN }.scan();
        for file in written(&scan, Identity::Linked) {
            assert_opened(&scan, &file, Link::Place);
        }
        for file in written(&scan, Identity::DeIdentified) {
            assert_opened(&scan, &file, Link::Geometry);
        }
    }
}

#[test]
fn a_linked_file_is_opened_on_a_de_identified_copy_of_its_scan() {
    let copy = Ct {
        frame_of_reference: "2.25.77",
        identity_removed: "YES",
        ..OWN
    };
    let copy = copy.scan();
    for file in written(&OWN.scan(), Identity::Linked) {
        assert_opened(&copy, &file, Link::Geometry);
    }
    // The other frame of reference alone is not enough.
    let other = Ct {
        frame_of_reference: "2.25.77",
        ..OWN
    };
    for file in written(&OWN.scan(), Identity::Linked) {
        let error = segments_on(&other.scan(), &file).unwrap_err();
        assert!(matches!(error, Error::OtherFrameOfReference), "{error}");
    }
}

#[test]
fn a_segmentation_of_other_images_is_told_from_the_scans_own() {
    let other = Ct {
        series: "2.25.41",
        ..OWN
    };
    for file in &written(&other.scan(), Identity::Linked)[..3] {
        assert_opened(&OWN.scan(), file, Link::OtherImages);
    }
}

#[test]
fn another_geometry_is_refused_by_what_differs_and_not_resampled() {
    let [x, y, z] = OWN.first;
    // A twentieth of a slice distance is the same slice in one frame of reference, and chance between two.
    let moved = |first| Ct { first, ..OWN }.scan();
    let wider = Ct { columns: 5, ..OWN };
    let cases = [
        (moved([x, y, z + 0.25]), "lies 0.25 mm away"),
        (moved([x, y, z + 50.0]), "outside the scan"),
        (moved([x + 0.06, y, z]), "(0.06 mm) away"),
        (wider.scan(), "it has 5 columns where the scan has 4"),
    ];
    let scan = OWN.scan();
    for (other, words) in &cases {
        for file in &written(other, Identity::DeIdentified)[..3] {
            let files = [NamedFile {
                name: "",
                bytes: file,
            }];
            let choices = survey(&files, &Limits::default()).unwrap();
            for place in [ScanPlace::of(&scan), ScanPlace::of(&scan).with_resampling()] {
                let opened = open_segments(&files, &choices, &place, |_| true, &Limits::default());
                let error = opened.unwrap_err();
                assert_eq!(error.code(), "grids_differ", "{error}");
                assert!(matches!(error, Error::OtherGeometry { .. }), "{error}");
                assert!(error.to_string().contains(words), "{error}");
            }
        }
    }
    // Contours say only on which planes they are.
    let structures = written(&cases[0].0, Identity::DeIdentified).remove(3);
    let error = segments_on(&scan, &structures).unwrap_err();
    assert!(matches!(&error, Error::OtherGeometry { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("0.25 mm away from the nearest slice"),
        "{error}"
    );
}
