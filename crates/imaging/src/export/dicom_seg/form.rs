//! How the pixels of a segmentation are stored.

use super::elements::{DataSet, VR};
use super::tags;
use crate::scan::Grid;

/// How the pixels of a segmentation are stored (Segmentation Type, PS3.3 C.8.20.2.3). `docs/exports.md` says who
/// reads which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegForm {
    /// A bit for each pixel of each segment. Where the number of a frame's pixels is not a multiple of 8, frames begin
    /// within a byte, and several readers shift or refuse them.
    Binary,
    /// A byte for each pixel of each segment: FRACTIONAL with the values 0 and 1 alone.
    WholeBytes,
    /// The number of the segment in each pixel: LABELMAP, of DICOM 2024d. Segments can't overlap.
    LabelMap,
}

impl SegForm {
    /// The form that most readers read right: [`SegForm::Binary`] where a frame fills words of 16 bits, else
    /// [`SegForm::WholeBytes`]. Whole bytes of bits aren't enough: an odd number of them is padded to an even one
    /// (PS3.5 8.1.1), and `@cornerstonejs/adapters` refuses the padded length.
    pub fn for_grid(grid: &Grid) -> SegForm {
        match grid.slice_size().pixels() % 16 {
            0 => SegForm::Binary,
            _ => SegForm::WholeBytes,
        }
    }

    /// SOP Class UID (PS3.4 B.5): Segmentation Storage or Label Map Segmentation Storage.
    pub(super) fn sop_class_uid(self) -> &'static str {
        match self {
            SegForm::Binary | SegForm::WholeBytes => "1.2.840.10008.5.1.4.1.1.66.4",
            SegForm::LabelMap => "1.2.840.10008.5.1.4.1.1.66.7",
        }
    }

    /// Bits of a pixel that can hold the number of any segment.
    pub(super) fn bits(self, segments: usize) -> u16 {
        match self {
            SegForm::Binary => 1,
            SegForm::LabelMap if segments > usize::from(u8::MAX) => 16,
            SegForm::WholeBytes | SegForm::LabelMap => 8,
        }
    }

    /// What the Segmentation Image module (C.8.20.2) says of pixels.
    pub(super) fn put(self, set: &mut DataSet, segments: usize) {
        let bits = self.bits(segments);
        set.numbers(tags::BITS_ALLOCATED, &[bits]);
        set.numbers(tags::BITS_STORED, &[bits]);
        set.numbers(tags::HIGH_BIT, &[bits - 1]);
        let name = match self {
            SegForm::Binary => "BINARY",
            SegForm::WholeBytes => "FRACTIONAL",
            SegForm::LabelMap => "LABELMAP",
        };
        set.text(tags::SEGMENTATION_TYPE, VR::CS, name);
        match self {
            SegForm::Binary => {}
            SegForm::WholeBytes => {
                set.text(tags::SEGMENTATION_FRACTIONAL_TYPE, VR::CS, "OCCUPANCY");
                set.numbers(tags::MAXIMUM_FRACTIONAL_VALUE, &[1]);
            }
            // Pixels that no segment covers.
            SegForm::LabelMap => set.numbers(tags::PIXEL_PADDING_VALUE, &[0]),
        }
    }
}
