//! Boxes, checked against the image and carried to the model.

#![allow(clippy::unwrap_used, reason = "a test may fail in its helpers too")]

use boxel_imaging::{Error, ImageBox, ImagePoint, ModelBox, Recipe, Size};

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
fn a_box_beside_the_image_is_outside() {
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

/// `resize_box_to_256` of the reference on 775 × 522 and 512 × 512.
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

/// The reference's `int(side * 256 / longest + 0.5)`, and the sizes on which it fails.
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
