//! Resizes 8-bit RGB in the way of each reference's library: models were trained on its results, and the libraries
//! differ by more than rounding.
//!
//! | | equals | used by |
//! |---|---|---|
//! | [`resize_area`] | OpenCV, `INTER_AREA` | LiteMedSAM |
//! | [`resize_bilinear`] | Pillow, `BILINEAR` | SAM |
//! | [`resize_bicubic`] | Pillow, `BICUBIC` | MedSAM2 |
//! | [`resize_antialiased`] | torchvision, `Resize` of floats with antialiasing | SAM 2.1 |
//! | [`resize_cubic`] | scikit-image, `resize` of order 3 with antialiasing | MedSAM |

mod antialiased;
mod area;
mod cubic;
mod gaussian;
mod pillow;
mod spline;

pub(super) use antialiased::resize_antialiased;
pub(crate) use area::resize_area;
pub(super) use cubic::resize_cubic;
pub(super) use pillow::{resize_bicubic, resize_bilinear};

/// Mirrors a position outside `0..len` back inside, without repeating the edge: −1 → 1, `len` → `len − 2`.
fn mirrored(position: isize, len: usize) -> usize {
    let last = len as isize - 1;
    if last == 0 {
        return 0;
    }
    let position = position.rem_euclid(2 * last);
    position.min(2 * last - position) as usize
}
