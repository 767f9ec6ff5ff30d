use crate::space::Size;

/// The factor that scales the longest side of an image to `side`, and the resulting size, rounded like
/// `get_preprocess_shape` in SAM and LiteMedSAM.
// Differs from the references, which fail if the short side would be rounded to 0 pixels: it becomes one pixel here.
pub(super) fn longest_side_to(side: u32, image: Size) -> (f64, Size) {
    let factor = f64::from(side) / f64::from(image.longest_side());
    let resize = |length: u32| ((f64::from(length) * factor + 0.5) as u32).max(1);
    let resized = Size {
        width: resize(image.width),
        height: resize(image.height),
    };
    (factor, resized)
}
