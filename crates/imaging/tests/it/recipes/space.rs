//! Boxes and points: checked against the image, and converted to model space.

use boxel_imaging::{Error, ImageBox, ImagePoint, ModelBox, ModelPoint, Recipe, Size};

fn image_box([x0, y0, x1, y1]: [f32; 4]) -> ImageBox {
    ImageBox { x0, y0, x1, y1 }
}

fn code(corners: [f32; 4]) -> &'static str {
    image_box(corners).checked(100, 50).unwrap_err().code()
}

#[test]
fn a_box_without_area_is_invalid() {
    assert_eq!(code([10.0, 10.0, 10.0, 20.0]), "box_invalid");
    assert_eq!(code([10.0, 10.0, 20.0, 10.0]), "box_invalid");
    assert_eq!(code([20.0, 10.0, 10.0, 20.0]), "box_invalid");
    assert_eq!(code([10.0, 20.0, 20.0, 10.0]), "box_invalid");
    assert_eq!(code([f32::NAN, 10.0, 20.0, 20.0]), "box_invalid");
    assert_eq!(code([0.0, 0.0, f32::INFINITY, 20.0]), "box_invalid");
    let error = image_box([20.0, 10.0, 10.5, 20.0])
        .checked(100, 50)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the box (20, 10, 10.5, 20) is invalid: its right edge must lie to the right of its left \
         edge; give left, top, right, bottom in pixels of the image"
    );
}

#[test]
fn a_box_next_to_the_image_is_outside() {
    assert_eq!(code([100.0, 10.0, 120.0, 20.0]), "box_outside");
    assert_eq!(code([-20.0, 10.0, 0.0, 20.0]), "box_outside");
    assert_eq!(code([10.0, 50.0, 20.0, 60.0]), "box_outside");
    assert_eq!(code([10.0, -9.0, 20.0, 0.0]), "box_outside");
    let error = image_box([100.0, 10.0, 120.0, 20.0])
        .checked(100, 50)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::BoxOutside {
            width: 100,
            height: 50,
            ..
        }
    ));
}

#[test]
fn a_box_across_the_edge_is_clipped() {
    let clipped = image_box([-5.0, 40.0, 120.0, 60.0])
        .checked(100, 50)
        .unwrap();
    assert_eq!(clipped, image_box([0.0, 40.0, 100.0, 50.0]));
    let inside = image_box([1.5, 2.5, 3.5, 4.5]);
    assert_eq!(inside.checked(100, 50).unwrap(), inside);
}

#[test]
fn corners_come_in_any_order() {
    let (a, b) = (ImagePoint { x: 9.0, y: 2.0 }, ImagePoint { x: 3.0, y: 7.0 });
    assert_eq!(
        ImageBox::from_corners(a, b),
        image_box([3.0, 2.0, 9.0, 7.0])
    );
    assert_eq!(
        ImageBox::from_corners(b, a),
        image_box([3.0, 2.0, 9.0, 7.0])
    );
}

/// The reference's `resize_box_to_256` for 775 × 522 and 512 × 512.
#[test]
fn litemedsam_truncates_boxes() {
    let model = |width, height, corners| {
        let placement = Recipe::LiteMedSam.placement(Size { width, height });
        let ModelBox { x0, y0, x1, y1 } = placement.model_from_image(image_box(corners));
        [x0, y0, x1, y1]
    };
    assert_eq!(
        model(775, 522, [380., 130., 580., 330.]),
        [125., 42., 191., 109.]
    );
    assert_eq!(model(775, 522, [20., 20., 200., 160.]), [6., 6., 66., 52.]);
    assert_eq!(
        model(512, 512, [95., 255., 190., 350.]),
        [47., 127., 95., 175.]
    );
    assert_eq!(model(522, 775, [0., 0., 522., 775.]), [0., 0., 172., 256.]);
}

#[test]
fn placement_leads_back() {
    let placement = Recipe::LiteMedSam.placement(Size {
        width: 100,
        height: 50,
    });
    assert_eq!(
        placement.resized,
        Size {
            width: 256,
            height: 128
        }
    );
    let drawn = image_box([25.0, 12.5, 75.0, 50.0]);
    assert_eq!(
        placement.image_from_model(placement.model_from_image(drawn)),
        drawn
    );
}

/// The reference's `int(side * 256 / longest + 0.5)`, and sizes for which it fails.
#[test]
fn litemedsam_sizes() {
    let resized = |width, height| {
        let size = Recipe::LiteMedSam.placement(Size { width, height }).resized;
        [size.width, size.height]
    };
    assert_eq!(resized(775, 522), [256, 172]);
    assert_eq!(resized(300, 1000), [77, 256]);
    assert_eq!(resized(512, 1), [256, 1]);
    assert_eq!(resized(1, 513), [1, 256]);
    assert_eq!(resized(10_000, 3), [256, 1]);
}

/// SAM's rounded factors differ between axes; MedSAM's differ by design.
#[test]
fn recipes_scale_each_axis() {
    let size = Size {
        width: 775,
        height: 522,
    };
    let drawn = image_box([380., 130., 580., 330.]);
    let model = |recipe: Recipe| {
        let ModelBox { x0, y0, x1, y1 } = recipe.placement(size).model_from_image(drawn);
        [x0, y0, x1, y1]
    };
    let expected = |x: f64, y: f64| [380. * x, 130. * y, 580. * x, 330. * y].map(|v| v as f32);
    assert_eq!(model(Recipe::Sam), expected(1024. / 775., 690. / 522.));
    assert_eq!(model(Recipe::MedSam), expected(1024. / 775., 1024. / 522.));
}

/// `ResizeLongestSide.get_preprocess_shape`, and sizes for which the reference fails.
#[test]
fn sam_sizes() {
    let resized = |width, height| {
        let size = Recipe::Sam.placement(Size { width, height }).resized;
        [size.width, size.height]
    };
    assert_eq!(resized(775, 522), [1024, 690]);
    assert_eq!(resized(300, 1000), [307, 1024]);
    assert_eq!(resized(1, 2049), [1, 1024]);
    assert_eq!(resized(10_000, 3), [1024, 1]);
}

#[test]
fn points_are_checked() {
    let check = |x, y| ImagePoint { x, y }.checked(100, 50);
    for (x, y) in [(0.0, 0.0), (100.0, 50.0), (7.5, 49.5)] {
        assert_eq!(check(x, y), Ok(ImagePoint { x, y }));
    }
    for (x, y) in [(-0.5, 9.0), (9.0, -0.5), (100.5, 9.0), (9.0, 50.5)] {
        assert_eq!(check(x, y).unwrap_err().code(), "point_outside");
    }
    for (x, y) in [(f32::NAN, 9.0), (9.0, f32::INFINITY)] {
        assert_eq!(check(x, y).unwrap_err().code(), "point_invalid");
    }
    assert_eq!(
        check(120.0, 9.0).unwrap_err().to_string(),
        "the point (120, 9) lies outside the image, which is 100x50 pixels"
    );
}

/// LiteMedSAM truncates only boxes.
#[test]
fn points_are_not_truncated() {
    let size = Size {
        width: 1024,
        height: 512,
    };
    let placement = Recipe::LiteMedSam.placement(size);
    let point = placement.model_from_image_point(ImagePoint { x: 10.0, y: 7.0 });
    assert_eq!(point, ModelPoint { x: 2.5, y: 1.75 });
}
