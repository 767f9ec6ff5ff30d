use crate::space::Size;

/// The factor that brings the longest side of an image to `side`, and the size that it gives, as
/// SAM's and LiteMedSAM's `get_preprocess_shape` round it.
// Differs from the references, which fail on an image more than twice `side` as long as wide: its
// short side becomes one pixel here.
pub(super) fn longest_side_to(side: u32, image: Size) -> (f64, Size) {
    let factor = f64::from(side) / f64::from(image.longest_side());
    let resize = |length: u32| ((f64::from(length) * factor + 0.5) as u32).max(1);
    let resized = Size {
        width: resize(image.width),
        height: resize(image.height),
    };
    (factor, resized)
}
