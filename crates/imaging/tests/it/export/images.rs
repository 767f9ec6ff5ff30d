//! Exported images are read back unchanged.

use crate::support::scans::opened;
use boxel_imaging::export::{Layer, mask_png, overlay, overlay_png, probability_png, rgb_png};
use boxel_imaging::{ImageBox, Mask, Probability, RgbImage8, Voxels};

fn grey_image(width: u32, height: u32, value: u8) -> RgbImage8 {
    RgbImage8::new(width, height, vec![value; (width * height * 3) as usize]).unwrap()
}

#[test]
fn mask_round_trip() {
    let mask = Mask::new(3, 2, vec![0, 1, 0, 1, 1, 0]).unwrap();
    let scan = opened(&mask_png(&mask).unwrap());
    assert_eq!(scan.grid().size(), [3, 2, 1]);
    assert_eq!(scan.voxels(), &Voxels::U8(vec![0, 255, 0, 255, 255, 0]));
}

#[test]
fn probability_round_trip() {
    let values = vec![0.0, 1.0, 0.5, 1.0 / 65_535.0, 0.25, 0.999_999];
    let map = Probability::new(2, 3, values).unwrap();
    let scan = opened(&probability_png(&map).unwrap());
    assert_eq!(scan.grid().size(), [2, 3, 1]);
    let expected = vec![0, 65_535, 32_768, 1, 16_384, 65_535];
    assert_eq!(scan.voxels(), &Voxels::U16(expected));
}

#[test]
fn image_round_trip() {
    let image = RgbImage8::new(2, 1, vec![1, 2, 3, 250, 251, 252]).unwrap();
    let scan = opened(&rgb_png(&image).unwrap());
    assert_eq!(scan.voxels(), &Voxels::Rgb8(image.pixels().to_vec()));
    assert_eq!(image.to_rgba(), [1, 2, 3, 255, 250, 251, 252, 255]);
}

/// `0.4 · 100 + 0.6 · (251, 252, 30)` inside the mask, and no change outside.
#[test]
fn overlay_is_the_reference_yellow() {
    let mask = Mask::new(2, 1, vec![1, 0]).unwrap();
    let image = grey_image(2, 1, 100);
    let png = overlay_png(&image, &[Layer::new(&mask)]).unwrap();
    let expected = vec![191, 191, 58, 100, 100, 100];
    assert_eq!(opened(&png).voxels(), &Voxels::Rgb8(expected));
}

#[test]
fn later_layers_lie_above() {
    let mask = Mask::new(1, 1, vec![1]).unwrap();
    let layer = |color, opacity| Layer {
        color,
        opacity,
        ..Layer::new(&mask)
    };
    let layers = [layer([255, 0, 0], 1.0), layer([0, 0, 255], 0.5)];
    let painted = overlay(&grey_image(1, 1, 9), &layers).unwrap();
    assert_eq!(painted.pixels(), [128, 0, 128]);
}

#[test]
fn outlines_stay_inside_their_box_and_the_image() {
    let mask = Mask::new(6, 5, vec![0; 30]).unwrap();
    let outlined = |x0, y0, x1, y1| {
        let outline = Some(ImageBox { x0, y0, x1, y1 });
        let layer = Layer {
            outline,
            color: [1; 3],
            ..Layer::new(&mask)
        };
        let painted = overlay(&grey_image(6, 5, 0), &[layer]).unwrap();
        let first: Vec<u8> = painted.pixels().iter().step_by(3).copied().collect();
        first.chunks(6).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let ring = [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ];
    assert_eq!(outlined(1.0, 1.0, 5.0, 4.0), ring);
    let cut = outlined(-3.0, 2.4, 90.0, f32::INFINITY);
    assert_eq!(cut[1], [0; 6]);
    assert_eq!(cut[2], [1; 6]);
    assert_eq!(cut[3], [1, 0, 0, 0, 0, 1]);
}

#[test]
fn a_mask_of_another_size_is_refused() {
    let mask = Mask::new(1, 2, vec![1, 1]).unwrap();
    assert!(overlay(&grey_image(2, 1, 0), &[Layer::new(&mask)]).is_err());
}
