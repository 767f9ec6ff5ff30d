//! Frames of a segmentation, their places and their references.

use boxel_imaging::export::Identity;
use boxel_imaging::{Source, VolumeMask};
use dicom_dictionary_std::tags;

use super::cases::{Arrangement, masks, scan, written};
use super::{code, items, numbers, only, read, text, with_source};

/// Expected segment and slice of each frame.
fn frames_of(masks: &[VolumeMask; 2]) -> Vec<(usize, u32)> {
    let slices = masks[0].size()[2];
    let all = (0..2).flat_map(|at| (0..slices).map(move |k| (at, k)));
    all.filter(|&(at, k)| masks[at].voxels().any(|voxel| voxel[2] == k))
        .collect()
}

#[test]
fn every_frame_has_its_pixels_its_segment_and_its_place() {
    for arrangement in Arrangement::ALL {
        let scan = scan(arrangement);
        let masks = masks(&scan);
        let object = read(&written(&scan, &masks, Identity::Linked).unwrap());
        let expected = frames_of(&masks);
        let frames = items(&object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assert_eq!(frames.len(), expected.len());
        assert_eq!(
            text(&object, tags::NUMBER_OF_FRAMES),
            expected.len().to_string()
        );
        let pixels = object
            .element(tags::PIXEL_DATA)
            .unwrap()
            .to_bytes()
            .unwrap();
        assert_eq!(pixels.len(), (35 * frames.len()).div_ceil(16) * 2);
        for (at, (frame, (segment, k))) in frames.iter().zip(expected).enumerate() {
            let identification = only(frame, tags::SEGMENT_IDENTIFICATION_SEQUENCE);
            let number = numbers(identification, tags::REFERENCED_SEGMENT_NUMBER);
            assert_eq!(number, [(segment + 1) as f64]);
            for (pixel, (j, i)) in (0..5).flat_map(|j| (0..7).map(move |i| (j, i))).enumerate() {
                let bit = 35 * at + pixel;
                let inside = pixels[bit / 8] >> (bit % 8) & 1 == 1;
                assert_eq!(
                    inside,
                    masks[segment].get([i, j, k]),
                    "{arrangement:?} {at} {i} {j}"
                );
            }
            if let Some(place) = scan.grid().patient_from_voxel {
                let position = only(frame, tags::PLANE_POSITION_SEQUENCE);
                let position = numbers(position, tags::IMAGE_POSITION_PATIENT);
                let wanted = place.apply([0.0, 0.0, f64::from(k)]);
                let close = position
                    .iter()
                    .zip(wanted)
                    .all(|(a, b)| (a - b).abs() < 1e-9);
                assert!(close, "{arrangement:?} {position:?} {wanted:?}");
            } else {
                assert!(frame.get(tags::PLANE_POSITION_SEQUENCE).is_none());
            }
        }
    }
}

/// The grid is evenly spaced even if the series is not: here a slice is missing after the third.
#[test]
fn a_frame_is_where_its_file_says() {
    let place = |k: u32| [1.5, -2.25, 3.0 * f64::from(k + u32::from(k > 2))];
    let scan = with_source(&scan(Arrangement::Oblique), |source| {
        for (k, frame) in (0..).zip(&mut source.frames) {
            frame.position = Some(place(k));
        }
    });
    let masks = masks(&scan);
    for identity in [Identity::Linked, Identity::DeIdentified] {
        let object = read(&written(&scan, &masks, identity).unwrap());
        let frames = items(&object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        for (frame, (_, k)) in frames.iter().zip(frames_of(&masks)) {
            let position = only(frame, tags::PLANE_POSITION_SEQUENCE);
            assert_eq!(numbers(position, tags::IMAGE_POSITION_PATIENT), place(k));
        }
        let shared = only(&object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let measures = only(shared, tags::PIXEL_MEASURES_SEQUENCE);
        assert_eq!(numbers(measures, tags::SPACING_BETWEEN_SLICES), [3.0]);
    }
}

#[test]
fn every_frame_names_the_image_that_it_was_drawn_on() {
    for arrangement in Arrangement::ALL {
        let scan = scan(arrangement);
        let masks = masks(&scan);
        let object = read(&written(&scan, &masks, Identity::Linked).unwrap());
        let frames = items(&object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        for (frame, (_, k)) in frames.iter().zip(frames_of(&masks)) {
            let derivation = only(frame, tags::DERIVATION_IMAGE_SEQUENCE);
            assert_eq!(
                code(derivation, tags::DERIVATION_CODE_SEQUENCE),
                ["113076", "DCM"]
            );
            let image = only(derivation, tags::SOURCE_IMAGE_SEQUENCE);
            assert_eq!(
                code(image, tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE),
                ["121322", "DCM"]
            );
            let Source::Dicom(source) = &scan.source else {
                panic!()
            };
            let wanted = &source.frames[k as usize];
            assert_eq!(
                text(image, tags::REFERENCED_SOP_CLASS_UID),
                wanted.sop_class_uid
            );
            assert_eq!(
                text(image, tags::REFERENCED_SOP_INSTANCE_UID),
                wanted.sop_instance_uid
            );
            let number = image.get(tags::REFERENCED_FRAME_NUMBER);
            assert_eq!(number.map(|n| n.to_int::<u32>().unwrap()), wanted.frame);
        }
        let series = only(&object, tags::REFERENCED_SERIES_SEQUENCE);
        assert_eq!(
            text(series, tags::SERIES_INSTANCE_UID),
            "1.2.826.0.1.11111.2"
        );
        let instances = if arrangement == Arrangement::Loop {
            1
        } else {
            scan.grid().slices as usize
        };
        assert_eq!(
            items(series, tags::REFERENCED_INSTANCE_SEQUENCE).len(),
            instances
        );
    }
}

/// Ranks along the normal start at 1 without gaps; some slices are ordered against it.
#[test]
fn dimensions_count_positions_along_the_normal() {
    let ranks = |arrangement| {
        let scan = scan(arrangement);
        let object = read(&written(&scan, &masks(&scan), Identity::Linked).unwrap());
        let index = |frame| {
            numbers(
                only(frame, tags::FRAME_CONTENT_SEQUENCE),
                tags::DIMENSION_INDEX_VALUES,
            )
        };
        let frames = items(&object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        frames.iter().map(index).collect::<Vec<_>>()
    };
    let expected = [
        [1.0, 1.0],
        [1.0, 2.0],
        [1.0, 3.0],
        [1.0, 4.0],
        [2.0, 2.0],
        [2.0, 5.0],
    ];
    assert_eq!(ranks(Arrangement::Oblique), expected);
    assert_eq!(ranks(Arrangement::Loop), expected);
    let descending = expected.map(|[segment, rank]| [segment, 6.0 - rank]);
    assert_eq!(ranks(Arrangement::Downwards), descending);
    assert_eq!(ranks(Arrangement::Tilted), descending);
    assert_eq!(ranks(Arrangement::Photograph), [[1.0], [2.0]]);
}
