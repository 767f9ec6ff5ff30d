//! Work for each frame, or for each pair.

use super::{Case, Opens, Refused, many, regions, spacing};
use crate::MAX_INPUT;
use crate::bombs::archives::{gzip, nifti_header};
use crate::bombs::dicom::*;
use crate::bombs::images::{bytes, page, shorts, tiff, zeros};
use crate::bombs::{alone, several};

pub const CASES: &[Case] = &[
    ("work-shared-groups-times-frames", Opens, || {
        let shared = [0x9110, 0x9145].map(|tag| sequence((0x28, tag), &[many(19_000)]));
        let own = sequence((0x28, 0x9132), &[text((0x28, 0x1050), "DS", "1")]);
        alone(enhanced(65_000, shared.concat(), |_| own.clone()).file())
    }),
    ("work-root-numbers-times-frames", Opens, || {
        let numbers = "1\\".repeat(30_000);
        let image = Image::new(65_536)
            .with(text((0x20, 0x1041), "DS", &numbers))
            .with(text((0x18, 0x81), "DS", &numbers))
            .with(text((0x18, 0x80), "DS", &numbers))
            .with(element((0x54, 0x10), "OW", &[1; 2_000_000]))
            .with(text((0x28, 0x30), "DS", &numbers));
        alone(image.file())
    }),
    ("work-root-elements-times-frames", Opens, || {
        let mut image = Image::new(65_536);
        image.elements.push(many(19_000));
        alone(image.file())
    }),
    ("work-regions-times-frames", Opens, || {
        alone(regions(65_536, 100_000).file())
    }),
    ("work-orientations-each-with-each", Opens, || {
        let frame = |at: u32| {
            let angle = f64::from(at) * 0.0011;
            let (sin, cos) = angle.sin_cos();
            let mm = 1.0 + f64::from(at) * 0.002;
            let measures = sequence(
                (0x28, 0x9110),
                &[text((0x28, 0x30), "DS", &format!("{mm}\\{mm}"))],
            );
            let cosines = format!("{cos:.6}\\{sin:.6}\\0\\{:.6}\\{cos:.6}\\0", -sin);
            [measures, position(f64::from(at)), orientation(&cosines)].concat()
        };
        alone(enhanced(60_000, Vec::new(), frame).file())
    }),
    ("work-segments-each-with-each", Opens, || {
        let frame = |at: u32| {
            let number = short((0x62, 0x0b), at as u16);
            [position(f64::from(at)), sequence((0x62, 0x0a), &[number])].concat()
        };
        let image = enhanced(65_000, [orientation(AXIAL), spacing()].concat(), frame);
        alone(image.with(text((8, 0x60), "CS", "SEG")).file())
    }),
    ("work-labels-each-with-each", Opens, || {
        several(19_000, |at| {
            Image::new(1)
                .with(text((0x20, 0x0e), "UI", &format!("1.{at}")))
                .file()
        })
    }),
    ("work-copies-each-with-each", Opens, || {
        several(15_000, |at| {
            let mut image = Image::new(1).with(text((8, 0x18), "UI", "1.2"));
            image.size = [8, 8];
            let cells = (at as u64).to_le_bytes().repeat(8);
            image.pixels = Some(element((0x7fe0, 0x10), "OB", &cells));
            image.file()
        })
    }),
    ("work-refused-files-times-series", Opens, || {
        several(19_000, |at| {
            let image = Image::new(1).with(text((0x20, 0x0e), "UI", &format!("1.{at}")));
            let mut bytes = image.file();
            if at % 2 == 0 {
                bytes.pop();
                bytes.pop();
            }
            bytes
        })
    }),
    ("work-members-of-gzip", Refused, || {
        let member = gzip(b"");
        alone(member.repeat(MAX_INPUT / member.len()))
    }),
    ("work-deflated-files", Refused, || {
        let image = Image {
            size: [4_096, 4_096],
            frames: 14,
            ..Image::new(1)
        };
        let one = file(DEFLATED, &image.data_set());
        several(18, |_| one.clone())
    }),
    ("work-tiles-of-a-pixel", Refused, || {
        let mut tags = page([3_000, 3_000], &[8], 1, 0);
        tags.retain(|tag| ![273, 278, 279].contains(&tag.0));
        tags.push(shorts(322, &[1]));
        tags.push(shorts(323, &[1]));
        tags.push(bytes(324, 1, vec![8; 9_000_000]));
        tags.push(bytes(325, 1, vec![9; 9_000_000]));
        alone(tiff(&zeros(1), &tags, 1))
    }),
    ("work-palettes-times-pages", Opens, || {
        let stored = zeros(2);
        let mut page = page([1, 1], &[16], 3, stored.len());
        page.push(shorts(320, &[7; 3 << 16]));
        alone(tiff(&stored, &page, 60_000))
    }),
    ("work-descriptions-times-pages", Refused, || {
        let said = format!("ImageJ=1\n{}", "a=b\n".repeat(2 << 20));
        let stored = zeros(1);
        let mut page = page([1, 1], &[8], 1, stored.len());
        page.push(bytes(270, 2, said.into_bytes()));
        alone(tiff(&stored, &page, 60_000))
    }),
    ("work-directories-that-overlap", Refused, || {
        alone(overlapping())
    }),
    ("work-headers-without-their-pair", Refused, || {
        let mut header = nifti_header([3, 2, 2, 2, 1, 1, 1, 1], 2, 8);
        header[344..348].copy_from_slice(b"ni1\0");
        (0..30_000)
            .map(|at| (format!("{at:05}.hdr"), header.clone()))
            .collect()
    }),
    ("work-gzip-far-behind", Opens, || {
        let mut bytes = nifti_header([4, 512, 512, 100, 4000, 1, 1, 1], 4, 16);
        bytes.resize(1_100_000_000, 0);
        alone(gzip(&bytes))
    }),
];

/// Directories of 4,096 entries, each a few bytes behind the one before.
fn overlapping() -> Vec<u8> {
    let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
    let (count, step) = (40_000usize, 16);
    let length = 2 + 4096 * 12;
    out.resize(8 + count * step + length + 4, 0);
    for at in 0..count {
        let begin = 8 + at * step;
        out[begin..begin + 2].copy_from_slice(&4096u16.to_le_bytes());
    }
    for at in 0..count {
        let begin = 8 + at * step;
        let next = if at + 1 < count { begin + step } else { 0 };
        let pointer = begin + length;
        out[pointer..pointer + 4].copy_from_slice(&(next as u32).to_le_bytes());
    }
    out
}
