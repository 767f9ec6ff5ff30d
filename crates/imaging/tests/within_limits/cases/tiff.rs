//! TIFF files: tags times pages, and images that are decoded and turned.

use super::{Case, Opens, Refused};
use crate::bombs::codestreams::{HALVED, WHOLE, jpeg, jpeg_refined};
use crate::bombs::images::{bytes, page, shorts, single, tiff, zeros};
use crate::bombs::{Files, alone, several};

pub const CASES: &[Case] = &[
    ("tiff-512-channels-in-2000-files", Opens, || {
        let bits = [8; 512];
        let one = single([1, 1], &bits, 1, &[]);
        several(2_000, |_| one.clone())
    }),
    ("tiff-channels-times-pages", Opens, || {
        let stored = zeros(512);
        let page = page([1, 1], &[8; 512], 1, stored.len());
        alone(tiff(&stored, &page, 60_000))
    }),
    ("tiff-unit-times-channels", Opens, || {
        let said = format!(
            "ImageJ=1\nimages=1\ncf=0\nc0=0\nc1=1\nvunit={}\n",
            "m".repeat(2 << 20)
        );
        alone(single(
            [1, 1],
            &[8; 512],
            1,
            &[bytes(270, 2, said.into_bytes())],
        ))
    }),
    ("tiff-shape-of-many-numbers", Opens, || {
        let said = format!("{{\"shape\": [{}1, 1]}}", "1,".repeat(9 << 20));
        alone(single([1, 1], &[8], 1, &[bytes(270, 2, said.into_bytes())]))
    }),
    ("tiff-shape-of-a-million-times-pages", Refused, || {
        let said = b"{\"shape\": [1048576, 1, 1]}".to_vec();
        let stored = zeros(1);
        let mut page = page([1, 1], &[8], 1, stored.len());
        page.push(bytes(270, 2, said));
        alone(tiff(&stored, &page, 20_000))
    }),
    ("tiff-ome-of-many-attributes", Refused, || {
        let said: String = (0..1_400_000).map(|at| format!(" a{at:x}=''")).collect();
        let said = format!("<OME{said}/>");
        alone(single([1, 1], &[8], 1, &[bytes(270, 2, said.into_bytes())]))
    }),
    ("tiff-ome-of-many-nodes", Opens, || {
        let said = format!("<OME>{}</OME>", "<a/>".repeat(900_000));
        alone(single([1, 1], &[8], 1, &[bytes(270, 2, said.into_bytes())]))
    }),
    ("tiff-tiles-of-a-pixel", Refused, || {
        let mut tags = page([4_000, 4_000], &[8], 1, 0);
        tags.retain(|tag| ![273, 278, 279].contains(&tag.0));
        tags.push(shorts(322, &[1]));
        tags.push(shorts(323, &[1]));
        tags.push(bytes(324, 1, vec![8; 16_000_000]));
        alone(tiff(&zeros(1), &tags, 1))
    }),
    ("tiff-of-16-bit-colours", Opens, || {
        alone(single([8_000, 8_000], &[16; 3], 2, &[]))
    }),
    ("tiff-of-16-bit-colours-turned", Opens, || {
        alone(single([8_000, 8_000], &[16; 3], 2, &[shorts(274, &[6])]))
    }),
    ("tiff-of-16-bit-colours-mirrored", Opens, || {
        alone(single([8_000, 8_000], &[16; 3], 2, &[shorts(274, &[3])]))
    }),
    ("tiff-of-16-bit-inks", Opens, || {
        alone(single([8_000, 8_000], &[16; 4], 5, &[]))
    }),
    ("tiff-of-halves", Opens, || {
        alone(single([8_000, 8_000], &[16], 1, &[shorts(339, &[3])]))
    }),
    ("tiff-of-doubles", Opens, || {
        alone(single([8_000, 8_000], &[64], 1, &[shorts(339, &[3])]))
    }),
    ("tiff-of-64-bits-turned", Opens, || {
        alone(single([7_900, 7_900], &[64], 1, &[shorts(274, &[8])]))
    }),
    ("tiff-of-a-palette", Opens, || {
        alone(single([8_000, 8_000], &[8], 3, &[shorts(320, &[7; 768])]))
    }),
    ("tiff-of-jpeg", Opens, || {
        of_jpeg(&jpeg(0xc0, [8_000, 8_000], WHOLE))
    }),
    ("tiff-of-progressive-jpeg", Refused, || {
        of_jpeg(&jpeg(0xc2, [8_000, 8_000], WHOLE))
    }),
    ("tiff-of-jpeg-refined", Refused, || {
        of_jpeg(&jpeg_refined([8_000, 8_000], HALVED, 98))
    }),
    ("tiff-of-colours-with-alpha", Opens, || {
        alone(single([7_000, 5_700], &[16; 4], 2, &[shorts(338, &[2])]))
    }),
];

/// One strip of 64 megapixels.
fn of_jpeg(stored: &[u8]) -> Files {
    let mut tags = page([8_000, 8_000], &[8; 3], 6, stored.len());
    tags.retain(|tag| tag.0 != 259);
    tags.push(shorts(259, &[7]));
    alone(tiff(stored, &tags, 1))
}
