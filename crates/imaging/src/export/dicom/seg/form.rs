//! How a segmentation stores its pixels.

use crate::export::dicom::elements::{DataSet, VR};
use crate::export::dicom::tags;
use crate::scan::Grid;

/// How a segmentation stores its pixels (Segmentation Type, PS3.3 C.8.20.2.3). `docs/exports.md` lists which software
/// reads which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SegForm {
    /// BINARY: one bit for each pixel of each segment. If the number of pixels per frame is not a multiple of 8,
    /// frames begin within a byte, and several readers shift or reject them.
    Binary,
    /// FRACTIONAL with only the values 0 and 1: one byte for each pixel of each segment.
    WholeBytes,
    /// LABELMAP, new in DICOM 2024d: the number of the segment in each pixel. Segments can't overlap.
    LabelMap,
}

impl SegForm {
    /// The form that most readers support: [`SegForm::Binary`] if a frame fills whole 16-bit words, otherwise
    /// [`SegForm::WholeBytes`]. Whole bytes are not enough: an odd number of them is padded (PS3.5 8.1.1), and
    /// `@cornerstonejs/adapters` rejects the padded length.
    pub fn for_grid(grid: &Grid) -> SegForm {
        match grid.slice_size().pixels() % 16 {
            0 => SegForm::Binary,
            _ => SegForm::WholeBytes,
        }
    }

    /// SOP Class UID (PS3.4 B.5): Segmentation Storage or Label Map Segmentation Storage.
    pub(in crate::export::dicom) fn sop_class_uid(self) -> &'static str {
        match self {
            SegForm::Binary | SegForm::WholeBytes => "1.2.840.10008.5.1.4.1.1.66.4",
            SegForm::LabelMap => "1.2.840.10008.5.1.4.1.1.66.7",
        }
    }

    /// Bits per pixel, enough for the number of any segment.
    pub(super) fn bits(self, segments: usize) -> u16 {
        match self {
            SegForm::Binary => 1,
            SegForm::LabelMap if segments > usize::from(u8::MAX) => 16,
            SegForm::WholeBytes | SegForm::LabelMap => 8,
        }
    }

    /// Sets the attributes of the Segmentation Image module (C.8.20.2) about pixels.
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
            // The value of pixels outside all segments.
            SegForm::LabelMap => set.numbers(tags::PIXEL_PADDING_VALUE, &[0]),
        }
    }
}
