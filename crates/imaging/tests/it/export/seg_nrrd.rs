//! A `.seg.nrrd` comes back as it was saved: names, colours, codes, overlaps and places.

use std::io::Read;

use boxel_imaging::Error;
use boxel_imaging::export::{Segment, seg_nrrd};

use crate::support::objects::{mask, masks, scan, volume_grid};
use crate::support::series::{self, is_near, segment, segments_on};

/// The header, and the voxels behind it.
fn parts(file: &[u8]) -> (String, Vec<u8>) {
    let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
    let mut voxels = Vec::new();
    flate2::read::GzDecoder::new(&file[end..])
        .read_to_end(&mut voxels)
        .unwrap();
    (String::from_utf8(file[..end].to_vec()).unwrap(), voxels)
}

#[test]
fn segments_come_back_with_their_overlaps() {
    for turned in [false, true] {
        let scan = series::scan(&series::files(&series::even(5), turned));
        let grid = scan.grid();
        let drawn = [
            mask(grid, |[i, j, k]| i < 20 && j < 30 && k < 3),
            mask(grid, |[i, j, k]| i > 10 && j > 40 && k == 4),
            mask(grid, |[i, j, _]| i == j),
            mask(grid, |_| false),
        ];
        let names = ["Right kidney", "Ödem \\ 2", "a:=b", ""];
        let segments: Vec<Segment<'_>> = (0..4u8)
            .zip(names)
            .zip(&drawn)
            .map(|((at, name), mask)| segment(name, [250, 60 * at, 3], mask))
            .collect();
        let mut found = segments_on(&scan, &seg_nrrd(&scan, &segments).unwrap()).unwrap();
        // They come layer by layer.
        found.sort_by_key(|found| found.named.label);
        let labels: Vec<_> = found
            .iter()
            .map(|found| found.named.name.as_str())
            .collect();
        assert_eq!(labels, ["Right kidney", "Ödem \\ 2", "a:=b", "Segment 4"]);
        for (found, drawn) in found.iter().zip(&segments) {
            assert_eq!(&found.mask, drawn.mask, "{}", drawn.label);
            assert!(is_near(found.named.color, drawn.color));
        }
        let kidney = &found[0].named;
        assert_eq!(kidney.kind.as_ref().unwrap().value, "64033007");
        assert_eq!(kidney.modifier.as_ref().unwrap().meaning, "Right");
        assert_eq!(found[1].named.kind.as_ref().unwrap().meaning, "Tissue");
    }
}

#[test]
fn only_segments_that_overlap_need_a_layer() {
    let scan = scan();
    let drawn = masks(&volume_grid());
    let segments = drawn.each_ref().map(|mask| segment("a", [1, 2, 3], mask));
    // The diagonal meets the ring and the last slice, which don't meet.
    let (header, voxels) = parts(&seg_nrrd(&scan, &segments).unwrap());
    assert!(header.contains("\nsizes: 2 7 5 4\n"), "{header}");
    assert!(header.contains("\nspace directions: none (-0.5,0,0) (0,-0.75,0) (0,0,3)\n"));
    assert!(header.contains("\nkinds: list domain domain domain\n"));
    for (at, layer) in [0, 1, 0, 0].into_iter().enumerate() {
        assert!(header.contains(&format!("\nSegment{at}_Layer:={layer}\n")));
    }
    assert!(header.contains("\nSegment0_Extent:=1 5 0 4 1 2\n"));
    assert!(header.contains("\nSegment3_Extent:=0 -1 0 -1 0 -1\n"));
    assert_eq!(voxels.len(), 2 * 7 * 5 * 4);
    assert_eq!(
        voxels.iter().filter(|&&value| value == 2).count() as u64,
        drawn[1].count()
    );

    let apart = [segments[0], segments[2]];
    let (header, voxels) = parts(&seg_nrrd(&scan, &apart).unwrap());
    assert!(header.contains("\ndimension: 3\n") && header.contains("\nsizes: 7 5 4\n"));
    assert_eq!(voxels[3 * 35..], [2; 35]);
    assert_eq!(
        seg_nrrd(&scan, &apart).unwrap(),
        seg_nrrd(&scan, &apart).unwrap()
    );
}

#[test]
fn more_than_255_segments_have_two_bytes_each() {
    let scan = scan();
    let grid = volume_grid();
    let pixels: Vec<_> = (0..140)
        .flat_map(|at| {
            let one = mask(&grid, |[i, j, k]| (k * 5 + j) * 7 + i == at);
            [one.clone(), one]
        })
        .collect();
    let segments: Vec<_> = pixels
        .iter()
        .map(|mask| segment("a", [0; 3], mask))
        .collect();
    let (header, voxels) = parts(&seg_nrrd(&scan, &segments).unwrap());
    assert!(header.contains("\ntype: unsigned short\n") && header.contains("\nsizes: 2 7 5 4\n"));
    let last: Vec<u16> = voxels[voxels.len() - 4..]
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| u16::from_le_bytes(bytes))
        .collect();
    assert_eq!(last, [279, 280]);
}

#[test]
fn slices_at_uneven_distances_are_refused() {
    let scan = series::scan(&series::files(&[0.0, 2.5, 5.0, 9.0], false));
    let whole = mask(scan.grid(), |_| true);
    let error = seg_nrrd(&scan, &[segment("a", [0; 3], &whole)]).unwrap_err();
    assert!(matches!(error, Error::ExportUnavailable { .. }), "{error}");
}
