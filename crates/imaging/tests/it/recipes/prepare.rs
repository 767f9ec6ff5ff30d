//! Preprocessing after the resize, and postprocessing.

use boxel_imaging::{Error, Prepared, Recipe, RgbImage8, Size, prepare, restore};

const SIDE: usize = 256;

fn prepared(width: u32, height: u32, pixels: Vec<u8>) -> Prepared {
    prepare(
        Recipe::LiteMedSam,
        &RgbImage8::new(width, height, pixels).unwrap(),
    )
}

/// An image of 256 pixels isn't resized, so every value is known: extremes over all channels, planes of red, green and
/// blue, zeros below.
#[test]
fn normalises_then_pads() {
    let mut pixels = vec![60; SIDE * 2 * 3];
    pixels[..6].copy_from_slice(&[50, 60, 70, 250, 60, 60]);
    let input = prepared(256, 2, pixels).input;
    assert_eq!(input.len(), 3 * SIDE * SIDE);
    let plane = |c: usize| &input[c * SIDE * SIDE..][..SIDE * SIDE];
    assert_eq!(plane(0)[..3], [0.0, 1.0, 0.05]);
    assert_eq!(plane(1)[..3], [0.05; 3]);
    assert_eq!(plane(2)[..3], [0.1, 0.05, 0.05]);
    for channel in 0..3 {
        assert_eq!(plane(channel)[2 * SIDE - 1], 0.05);
        assert!(plane(channel)[2 * SIDE..].iter().all(|&value| value == 0.0));
    }
}

#[test]
fn a_flat_image_is_all_zero() {
    assert!(
        prepared(300, 200, vec![128; 300 * 200 * 3])
            .input
            .iter()
            .all(|&x| x == 0.0)
    );
}

/// A step between columns 127 and 128 of 256 lies in the middle of an image of any width, and its sigmoid is symmetric.
#[test]
fn restores_a_step_to_its_place() {
    let logits: Vec<f32> = (0..SIDE * SIDE)
        .map(|i| if i % SIDE < 128 { -4.0 } else { 4.0 })
        .collect();
    let placement = prepared(512, 300, vec![0; 512 * 300 * 3]).placement;
    let map = restore(Recipe::LiteMedSam, &logits, &placement).unwrap();
    assert_eq!((map.width(), map.height()), (512, 300));
    let row = &map.values()[..512];
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    assert_eq!(row[0], sigmoid(-4.0));
    assert_eq!(row[511], sigmoid(4.0));
    assert!((row[255] - sigmoid(-2.0)).abs() < 1e-6 && (row[256] - sigmoid(2.0)).abs() < 1e-6);
    let mask = map.mask(0.5);
    assert_eq!(mask.area_px(), 256 * 300);
    assert_eq!(mask.bounds().unwrap().x0, 256);
}

#[test]
fn logits_of_another_size_are_refused() {
    let size = prepared(9, 9, vec![0; 9 * 9 * 3]).placement.image;
    for recipe in [Recipe::Sam, Recipe::MedSam, Recipe::LiteMedSam] {
        let error = restore(recipe, &[0.0; 64], &recipe.placement(size)).unwrap_err();
        assert!(matches!(
            error,
            Error::Length {
                expected: 65_536,
                got: 64,
                ..
            }
        ));
    }
}

#[test]
#[should_panic = "SAM places the image elsewhere"]
fn a_placement_of_another_recipe_is_a_fault() {
    let placement = prepared(9, 9, vec![0; 9 * 9 * 3]).placement;
    let _ = restore(Recipe::Sam, &[0.0; SIDE * SIDE], &placement);
}

/// SAM pads with 0 after the normalisation, which is the mean, not black.
#[test]
fn sam_pads_with_the_mean() {
    let white = RgbImage8::new(1024, 2, vec![255; 1024 * 2 * 3]).unwrap();
    let input = prepare(Recipe::Sam, &white).input;
    for (channel, plane) in input.chunks_exact(1024 * 1024).enumerate() {
        let normal = [2.248_908_3, 2.428_571_5, 2.64][channel];
        assert!(
            plane[..2048]
                .iter()
                .all(|value| (value - normal).abs() < 1e-6)
        );
        assert!(plane[2048..].iter().all(|&value| value == 0.0));
    }
}

/// MedSAM interpolates probabilities, the others logits; a step from −8 to 2 tells them apart.
#[test]
fn medsam_enlarges_probabilities() {
    let logits: Vec<f32> = (0..SIDE * SIDE)
        .map(|i| if i % SIDE < 128 { -8.0 } else { 2.0 })
        .collect();
    let size = Size {
        width: 1024,
        height: 1024,
    };
    let at_step = |recipe: Recipe| {
        let map = restore(recipe, &logits, &recipe.placement(size)).unwrap();
        // Five eighths of the way from column 127 to 128.
        map.values()[512]
    };
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    assert!((at_step(Recipe::Sam) - sigmoid(-1.75)).abs() < 1e-6);
    let mixed = 0.375 * sigmoid(-8.0) + 0.625 * sigmoid(2.0);
    assert!((at_step(Recipe::MedSam) - mixed).abs() < 1e-6);
}
