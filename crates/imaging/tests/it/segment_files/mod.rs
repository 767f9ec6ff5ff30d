//! Every file with masks that Boxel saves is opened on its scan as segments; what has no voxels says why not.

mod bad;
mod images;

use boxel_imaging::export::{
    Identity, Labelled, MeshFormat, SegForm, Segment as Written, coco_json, dicom_seg, label_png,
    mask_png, measures_csv, nifti, nifti_resampled, outlines_svg, rt_structures, seg_nrrd,
    segs_npz, surfaces,
};
use boxel_imaging::{
    Error, Limits, Link, NamedFile, Plane, Scan, ScanPlace, Segment, SlicePlane, VolumeMask,
    are_segmentations, open, open_segments, survey,
};

use crate::support::objects::mask;
use crate::support::series::{self, INSTANCE, segment};

fn scan() -> Scan {
    series::scan(&series::files(&series::even(4), false))
}

/// Two that don't overlap.
fn masks(scan: &Scan) -> [VolumeMask; 2] {
    [
        mask(scan.grid(), |[i, j, k]| k > 0 && (i + j) % 7 < 3 && j > 40),
        mask(scan.grid(), |[i, j, k]| k < 3 && i > 50 && j < 20),
    ]
}

fn opened(place: &ScanPlace, files: &[(&str, &[u8])]) -> Result<Vec<Segment>, Error> {
    let files = files.iter().map(|&(name, bytes)| NamedFile { name, bytes });
    let files: Vec<_> = files.collect();
    let choices = survey(&files, &Limits::default())?;
    open_segments(&files, &choices, place, |_| true, &Limits::default())
}

fn is_one(bytes: &[u8]) -> bool {
    are_segmentations(&[NamedFile { name: "", bytes }], &Limits::default())[0]
}

fn labelled(masks: &[VolumeMask; 2]) -> [Labelled<'_>; 2] {
    let of = |name, mask| Labelled {
        name,
        colour: [200, 30, 60],
        mask,
    };
    [of("Liver", &masks[0]), of("Spleen", &masks[1])]
}

fn written(masks: &[VolumeMask; 2]) -> [Written<'_>; 2] {
    [
        segment("Liver", [200, 30, 60], &masks[0]),
        segment("Spleen", [10, 240, 120], &masks[1]),
    ]
}

#[test]
fn what_is_saved_of_all_slices_comes_back() {
    let scan = scan();
    let masks = masks(&scan);
    let (segments, objects) = (written(&masks), labelled(&masks));
    let both = [&masks[0], &masks[1]];
    let plane = SlicePlane::first(scan.grid());
    let seg = |form| dicom_seg(&scan, &segments, Identity::DeIdentified, form, &INSTANCE).unwrap();
    let files = [
        (nifti(&scan, &both, true).unwrap(), Link::Place),
        (nifti_resampled(&scan, &both, true).unwrap(), Link::Place),
        (seg(SegForm::Binary), Link::Geometry),
        (seg(SegForm::LabelMap), Link::Geometry),
        (
            rt_structures(&scan, &segments, Identity::Linked, &INSTANCE).unwrap(),
            Link::Place,
        ),
        (seg_nrrd(&scan, &segments).unwrap(), Link::Place),
        (segs_npz(scan.grid(), &objects).unwrap(), Link::Order),
        (
            coco_json(scan.grid(), &plane, &objects)
                .unwrap()
                .into_bytes(),
            Link::Order,
        ),
    ];
    for (at, (file, link)) in files.iter().enumerate() {
        assert!(is_one(file), "{at}");
        let found = opened(&ScanPlace::of(&scan), &[("", file)]).unwrap();
        for (found, mask) in found.iter().zip(&masks) {
            assert_eq!((&found.mask, found.link), (mask, *link), "{at}");
        }
        assert_eq!(found.len(), 2, "{at}");
    }
}

#[test]
fn codes_colours_and_algorithms_survive_in_structure_sets_and_slicers_files() {
    use boxel_imaging::export::{AlgorithmType, Code};
    let scan = scan();
    let masks = masks(&scan);
    let code = |value, meaning| Code {
        value,
        scheme: "SCT",
        meaning,
    };
    let segments = [
        Written {
            category: code("123037004", "Anatomical Structure"),
            property: code("64033007", "Kidney"),
            modifier: Some(code("7771000", "Left")),
            algorithm: Some("TotalSegmentator 2"),
            algorithm_type: Some(AlgorithmType::Automatic),
            ..segment("Niere", [200, 30, 60], &masks[0])
        },
        segment("Läsion", [10, 240, 120], &masks[1]),
    ];
    for file in [
        seg_nrrd(&scan, &segments).unwrap(),
        rt_structures(&scan, &segments, Identity::Linked, &INSTANCE).unwrap(),
    ] {
        let found = opened(&ScanPlace::of(&scan), &[("", &file)]).unwrap();
        let [kidney, lesion] = found.as_slice() else {
            panic!("two segments");
        };
        let said = |code: &Option<boxel_imaging::Code>| {
            let code = code.clone().unwrap();
            format!("{} {} {}", code.scheme, code.value, code.meaning)
        };
        let named = &kidney.named;
        assert_eq!(said(&named.category), "SCT 123037004 Anatomical Structure");
        assert_eq!(said(&named.kind), "SCT 64033007 Kidney");
        assert_eq!(said(&named.modifier), "SCT 7771000 Left");
        assert_eq!(
            (named.name.as_str(), named.color),
            ("Niere", Some([200, 30, 60]))
        );
        assert_eq!(
            [named.algorithm.as_str(), &named.algorithm_name],
            ["AUTOMATIC", "TotalSegmentator 2"]
        );
        assert_eq!(lesion.named.name, "Läsion");
        assert_eq!(
            [
                lesion.named.algorithm.as_str(),
                &lesion.named.algorithm_name
            ],
            ["MANUAL", ""]
        );
    }
}

#[test]
fn an_image_of_a_slice_lies_on_the_slice_that_is_shown() {
    let scan = scan();
    let masks = masks(&scan);
    for (plane, slice) in [(Plane::Axial, 2), (Plane::Coronal, 45)] {
        let cut = SlicePlane::new(scan.grid(), plane);
        let [a, b] = [0, 1].map(|at: usize| masks[at].slice(&cut, slice));
        let labels = label_png(&[&a, &b]).unwrap();
        let place = ScanPlace::of(&scan).showing(plane, slice);
        let found = opened(&place, &[("boxel-labels.png", &labels)]).unwrap();
        for (segment, mask) in found.iter().zip([&a, &b]) {
            assert_eq!(&segment.mask.slice(&cut, slice), mask);
            assert_eq!(segment.mask.count(), mask.area_px());
            assert_eq!(segment.link, Link::ShownSlice);
        }
        let merged = opened(&place, &[("", &mask_png(&a).unwrap())]).unwrap();
        assert_eq!(merged[0].named.label, 255);
        // Nothing says which slice it is.
        let error = opened(&ScanPlace::of(&scan), &[("", &labels)]).unwrap_err();
        let words = "1 images were given, and the scan has 4 slices";
        assert!(error.to_string().contains(words), "{error}");
        // Another plane has slices of another size.
        let shown = if plane == Plane::Axial {
            Plane::Coronal
        } else {
            Plane::Axial
        };
        let place = ScanPlace::of(&scan).showing(shown, 0);
        let error = opened(&place, &[("", &labels)]).unwrap_err().to_string();
        assert!(error.contains("pixels, and the slices have"), "{error}");
    }
}

#[test]
fn annotations_lie_on_the_plane_that_they_name() {
    let scan = scan();
    let masks = masks(&scan);
    for plane in SlicePlane::planes(scan.grid()) {
        let cut = SlicePlane::new(scan.grid(), plane);
        let text = coco_json(scan.grid(), &cut, &labelled(&masks)).unwrap();
        let found = opened(&ScanPlace::of(&scan), &[("", text.as_bytes())]).unwrap();
        assert_eq!([&found[0].mask, &found[1].mask], [&masks[0], &masks[1]]);
        assert_eq!(found[1].named.name, "Spleen");
        // Older files don't: the size decides.
        let start = text.find("\"images\"").unwrap();
        let older = format!("{{{}", &text[start..]);
        let place = ScanPlace::of(&scan).showing(plane, 0);
        let found = opened(&place, &[("", older.as_bytes())]).unwrap();
        assert_eq!([&found[0].mask, &found[1].mask], [&masks[0], &masks[1]]);
    }
}

#[test]
fn what_has_no_voxels_says_so() {
    let scan = scan();
    let masks = masks(&scan);
    let objects = labelled(&masks);
    let plane = SlicePlane::first(scan.grid());
    let mesh = |format| surfaces(&scan, &objects, format).unwrap();
    for (bytes, what) in [
        (mesh(MeshFormat::Stl), "an STL surface"),
        (mesh(MeshFormat::Ply), "a PLY surface"),
        (mesh(MeshFormat::Obj), "an OBJ surface"),
        (
            outlines_svg(scan.grid(), &plane, 1, &objects)
                .unwrap()
                .into_bytes(),
            "an SVG of outlines",
        ),
        (
            measures_csv(&scan, &plane, &objects).unwrap().into_bytes(),
            "a CSV of measurements",
        ),
    ] {
        assert!(!is_one(&bytes), "{what}");
        let error = open(&bytes, &Limits::default()).unwrap_err().to_string();
        assert!(error.starts_with(what), "{error}");
        assert!(
            error.contains("open the session, NIfTI, DICOM SEG"),
            "{error}"
        );
    }
}

#[test]
fn what_holds_masks_alone_is_no_scan() {
    let scan = scan();
    let masks = masks(&scan);
    let array = segs_npz(scan.grid(), &labelled(&masks)).unwrap();
    let error = open(&array, &Limits::default()).unwrap_err();
    assert!(matches!(&error, Error::NoImage { .. }), "{error}");
    // Next to a scan it is left out.
    let files = series::files(&series::even(4), false);
    let all = files.iter().chain([&array]);
    let all: Vec<_> = all.map(|bytes| NamedFile { name: "a", bytes }).collect();
    assert_eq!(survey(&all, &Limits::default()).unwrap().len(), 1);
}
