//! A DICOM header's text, or its count, times its frames or files.

use super::{Case, Opens, Refused, many, regions, regions_of, spacing};
use crate::bombs::codestreams::rle;
use crate::bombs::dicom::*;
use crate::bombs::{alone, several};

pub const CASES: &[Case] = &[
    ("dicom-texts-times-frames", Opens, || {
        alone(wordy(65_536, 0).file())
    }),
    ("dicom-texts-times-frames-in-5-files", Opens, || {
        several(5, |at| wordy(65_536, at).file())
    }),
    ("dicom-texts-times-frames-in-100-files", Opens, || {
        several(100, |at| wordy(8_000, at).file())
    }),
    ("dicom-texts-times-frames-deflated", Refused, || {
        several(100, |at| file(DEFLATED, &wordy(65_536, at).data_set()))
    }),
    ("dicom-tables-times-frames", Opens, || {
        let table = |at: usize| {
            [
                element((0x28, 0x3002), "US", &[1, 0, 0, 0, 8, 0]),
                text((0x28, 0x3003), "LO", &long(1000, at)),
                element((0x28, 0x3006), "OW", &[1, 0]),
            ]
            .concat()
        };
        let tables: Vec<Vec<u8>> = (0..32).map(table).collect();
        let windows = sequence((0x28, 0x9132), &[sequence((0x28, 0x3010), &tables)]);
        let own = sequence((0x28, 0x9132), &[text((0x28, 0x1050), "DS", "1")]);
        let each = |frame| {
            if frame % 2 == 0 {
                own.clone()
            } else {
                Vec::new()
            }
        };
        alone(enhanced(60_000, windows, each).file())
    }),
    ("dicom-regions-times-frames", Opens, || {
        alone(regions(65_536, 64).file())
    }),
    ("dicom-frames-of-two-files-in-turn", Opens, || {
        let part = |number: u32| {
            let shared = [orientation(AXIAL), spacing()].concat();
            let image = enhanced(8_000, shared, |frame| {
                position(f64::from(2 * frame + number))
            });
            image
                .with(text((0x20, 0x9161), "UI", "1.2.3"))
                .with(short((0x20, 0x9162), number as u16 + 1))
                .with(regions_of(64))
                .file()
        };
        several(2, |at| part(at as u32))
    }),
    ("dicom-times-that-lack-half", Opens, || {
        let frame = |at: u32| {
            let (place, time) = if at < 30_000 {
                (0, at)
            } else {
                (5, at - 30_000)
            };
            let time = [
                text((0x20, 0x9128), "IS", "1"),
                element((0x20, 0x9128), "UL", &time.to_le_bytes()),
            ];
            let content = sequence((0x20, 0x9111), &[time[1].clone()]);
            [content, position(f64::from(place))].concat()
        };
        let shared = [orientation(AXIAL), spacing()].concat();
        alone(enhanced(45_000, shared, frame).file())
    }),
    ("dicom-texts-of-own-groups", Opens, || {
        let frame = |at: u32| {
            let kind = sequence(
                (0x18, 0x9226),
                &[text((8, 0x9007), "CS", &long(150, at as usize))],
            );
            [kind, position(f64::from(at))].concat()
        };
        alone(enhanced(60_000, orientation(AXIAL), frame).file())
    }),
    ("dicom-deflated-items", Opens, || {
        let own = vec![Vec::new(); 950_000];
        let image = Image::new(1).with(sequence((0x5200, 0x9230), &own));
        several(3, |_| file(DEFLATED, &image.data_set()))
    }),
    ("dicom-deflated-elements", Opens, || {
        let shared = (0..11).map(|at| sequence((0x28, 0x9110 + at), &[many(19_000)]));
        let shared: Vec<u8> = shared.collect::<Vec<_>>().concat();
        let image = Image::new(1).with(sequence((0x5200, 0x9229), &[shared]));
        several(3, |_| file(DEFLATED, &image.data_set()))
    }),
    // Lists of elements next to voxels that take nearly all there is.
    ("dicom-elements-next-to-voxels", Refused, || {
        alone(loop_of_many_elements(492))
    }),
    ("dicom-elements-next-to-fewer-voxels", Opens, || {
        alone(loop_of_many_elements(470))
    }),
];

/// Frames of a MiB with shared groups of many elements, each of which is read.
fn loop_of_many_elements(frames: u32) -> Vec<u8> {
    let tags = [
        (0x28, 0x9110),
        (0x20, 0x9113),
        (0x20, 0x9116),
        (0x28, 0x9132),
        (0x28, 0x9145),
        (0x20, 0x9111),
        (0x18, 0x9114),
        (0x18, 0x9117),
        (0x18, 0x9226),
        (0x18, 0x9329),
    ];
    let groups: Vec<u8> = tags
        .iter()
        .flat_map(|tag| sequence(*tag, &[many(19_000)]))
        .collect();
    let image = Image {
        size: [1024, 1024],
        pixels: Some(fragments(&vec![rle(1 << 20, 1); frames as usize])),
        ..Image::new(frames)
    };
    let image = image.with(sequence((0x5200, 0x9229), &[groups]));
    file("1.2.840.10008.1.2.5", &image.data_set())
}
