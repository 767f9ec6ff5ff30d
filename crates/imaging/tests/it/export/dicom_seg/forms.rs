//! The same masks in every form.

use std::fs;
use std::path::Path;

use boxel_imaging::export::{Identity, SegForm, Segment, Term, dicom_seg};
use boxel_imaging::{Grid, VolumeMask};
use dicom_dictionary_std::tags;

use super::cases::{Arrangement, INSTANCE, masks, scan, written_as};
use super::{items, numbers, only, read, text};
use crate::support::tools;

/// The segments of each voxel, in the grid's order.
pub fn at(mask: &VolumeMask) -> Vec<u8> {
    mask.values().map(u8::from).collect()
}

#[test]
fn whole_bytes_have_the_same_content_as_bits() {
    for arrangement in Arrangement::ALL {
        let scan = scan(arrangement);
        let masks = masks(&scan);
        let bytes = written_as(&scan, &masks, Identity::Linked, SegForm::WholeBytes).unwrap();
        let object = read(&bytes);
        assert_eq!(text(&object, tags::SEGMENTATION_TYPE), "FRACTIONAL");
        assert_eq!(numbers(&object, tags::MAXIMUM_FRACTIONAL_VALUE), [1.0]);
        assert_eq!(numbers(&object, tags::BITS_ALLOCATED), [8.0]);
        let pixels = object
            .element(tags::PIXEL_DATA)
            .unwrap()
            .to_bytes()
            .unwrap();
        let mut frames = pixels.chunks(35);
        for mask in &masks {
            let values = at(mask);
            for slice in values.chunks(35).filter(|slice| slice.contains(&1)) {
                assert_eq!(frames.next(), Some(slice), "{arrangement:?}");
            }
        }
        assert!(frames.next().is_none_or(|rest| rest == [0]));
    }
}

/// The second mask without the first, so that they don't overlap.
pub fn apart(scan: &boxel_imaging::Scan) -> [VolumeMask; 2] {
    let [first, second] = masks(scan);
    let rest = at(&first).into_iter().zip(at(&second));
    let rest: Vec<u8> = rest.map(|(a, b)| u8::from(a == 0 && b == 1)).collect();
    [first, VolumeMask::from_values(scan.grid(), &rest).unwrap()]
}

#[test]
fn a_label_map_numbers_the_segments() {
    for arrangement in Arrangement::ALL {
        let scan = scan(arrangement);
        let masks = apart(&scan);
        let bytes = written_as(&scan, &masks, Identity::Linked, SegForm::LabelMap).unwrap();
        let object = read(&bytes);
        assert_eq!(
            text(&object, tags::SOP_CLASS_UID),
            "1.2.840.10008.5.1.4.1.1.66.7"
        );
        assert_eq!(text(&object, tags::SEGMENTATION_TYPE), "LABELMAP");
        assert_eq!(numbers(&object, tags::PIXEL_PADDING_VALUE), [0.0]);
        let segments = items(&object, tags::SEGMENT_SEQUENCE);
        let labels: Vec<String> = segments
            .iter()
            .map(|item| text(item, tags::SEGMENT_LABEL))
            .collect();
        assert_eq!(labels, ["Background", "Meniscus", "Cyst"]);
        let expected: Vec<u8> = at(&masks[0])
            .into_iter()
            .zip(at(&masks[1]))
            .map(|(a, b)| a + 2 * b)
            .collect();
        let expected: Vec<u8> = expected
            .chunks(35)
            .filter(|slice| slice.iter().any(|v| *v > 0))
            .flatten()
            .copied()
            .collect();
        let pixels = object
            .element(tags::PIXEL_DATA)
            .unwrap()
            .to_bytes()
            .unwrap();
        assert_eq!(&pixels[..expected.len()], expected, "{arrangement:?}");
        assert_eq!(pixels.len(), expected.len().next_multiple_of(2));
        let frames = items(&object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assert_eq!(frames.len(), expected.len() / 35);
        assert!(
            frames
                .iter()
                .all(|frame| frame.get(tags::SEGMENT_IDENTIFICATION_SEQUENCE).is_none())
        );
    }
}

#[test]
fn a_label_map_of_many_segments_has_two_bytes_a_pixel() {
    let scan = scan(Arrangement::Oblique);
    let masks: Vec<VolumeMask> = (0..300_usize)
        .map(|voxel| {
            let mut values = vec![0; 210];
            values[voxel % 210] = u8::from(voxel < 210);
            VolumeMask::from_values(scan.grid(), &values).unwrap()
        })
        .collect();
    let segments: Vec<Segment<'_>> = masks
        .iter()
        .map(|mask| Segment::new("part", [9; 3], mask))
        .collect();
    let object = read(
        &dicom_seg(
            &scan,
            &segments,
            Identity::Linked,
            SegForm::LabelMap,
            &INSTANCE,
        )
        .unwrap(),
    );
    assert_eq!(numbers(&object, tags::BITS_ALLOCATED), [16.0]);
    let pixels = object
        .element(tags::PIXEL_DATA)
        .unwrap()
        .to_multi_int::<u16>()
        .unwrap();
    assert_eq!(pixels, (1..=210).collect::<Vec<u16>>());
}

#[test]
fn a_label_map_of_overlapping_segments_is_refused() {
    let scan = scan(Arrangement::Oblique);
    let error = written_as(&scan, &masks(&scan), Identity::Linked, SegForm::LabelMap).unwrap_err();
    assert!(error.to_string().contains("overlap"), "{error}");
}

#[test]
fn frames_of_whole_words_are_bits() {
    let form = |columns, rows| SegForm::for_grid(&Grid::image(columns, rows));
    assert_eq!(form(512, 512), SegForm::Binary);
    assert_eq!(form(16, 5), SegForm::Binary);
    // Whole bytes, but an odd number.
    assert_eq!(form(8, 5), SegForm::WholeBytes);
    assert_eq!(form(366, 303), SegForm::WholeBytes);
}

#[test]
fn a_name_becomes_a_coded_term() {
    let scan = scan(Arrangement::Single);
    let [mask, _] = masks(&scan);
    let segments =
        ["Right kidney", "Lesion 2", "what I saw"].map(|label| Segment::new(label, [0; 3], &mask));
    let object = read(
        &dicom_seg(
            &scan,
            &segments,
            Identity::Linked,
            SegForm::Binary,
            &INSTANCE,
        )
        .unwrap(),
    );
    let terms = items(&object, tags::SEGMENT_SEQUENCE).iter().map(|item| {
        let property = only(item, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE);
        let modifier = property.get(tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE);
        let modifier = modifier.map(|found| text(&found.items().unwrap()[0], tags::CODE_MEANING));
        (text(property, tags::CODE_VALUE), modifier)
    });
    let expected = [
        ("64033007", Some("Right")),
        ("52988006", None),
        ("85756007", None),
    ];
    let expected = expected.map(|(code, side)| (code.to_owned(), side.map(str::to_owned)));
    assert_eq!(terms.collect::<Vec<_>>(), expected);
}

/// pydicom's SNOMED CT dictionary has every code, with the meaning that we write.
#[test]
fn terms_are_those_of_the_standard() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terms");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("terms.json");
    let terms = Term::names()
        .into_iter()
        .filter_map(|name| Term::named(&name));
    let codes = terms.flat_map(|term| [Some(term.category), Some(term.property), term.modifier]);
    let codes: Vec<[&str; 2]> = codes
        .flatten()
        .map(|code| [code.value, code.meaning])
        .collect();
    fs::write(&file, serde_json::to_string(&codes).unwrap()).unwrap();
    if let Some(said) = tools::python("check_terms.py", &[&file]) {
        assert_eq!(said, format!("{} codes\n", codes.len()));
    }
}
