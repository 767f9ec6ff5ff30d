//! The number type of voxels that can hold the samples of all frames.

use super::layout::{PixelLayout, Samples};
use super::pixels::Frame;
use super::voxels::Lookup;
use crate::scan::Voxels;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VoxelKind {
    /// Integers of `bits` bits, in cells of 8, 16 or 32 bits.
    Whole {
        cell: u32,
        bits: u32,
        signed: bool,
    },
    F32,
    F64,
    Rgb8,
    Rgb16,
}

impl VoxelKind {
    pub fn of(frame: &Frame<'_>, layout: &PixelLayout, lookup: &Lookup) -> VoxelKind {
        match (lookup, frame.samples) {
            (Lookup::Palette(palette), _) if palette.bits == 8 => VoxelKind::Rgb8,
            (Lookup::Palette(_), _) => VoxelKind::Rgb16,
            (Lookup::Modality(_), _) => VoxelKind::Whole {
                cell: 16,
                bits: 16,
                signed: false,
            },
            (Lookup::None, Samples::F32) => VoxelKind::F32,
            (Lookup::None, Samples::F64) => VoxelKind::F64,
            (Lookup::None, Samples::Integers { allocated, .. }) if layout.channels() == 3 => {
                match allocated {
                    8 => VoxelKind::Rgb8,
                    _ => VoxelKind::Rgb16,
                }
            }
            (
                Lookup::None,
                Samples::Integers {
                    allocated,
                    stored,
                    signed,
                    ..
                },
            ) => VoxelKind::Whole {
                cell: allocated.max(8),
                bits: stored,
                signed,
            },
        }
    }

    /// The type that can hold both; `None` for colour and grey together.
    pub fn with(self, other: VoxelKind) -> Option<VoxelKind> {
        use VoxelKind::*;
        Some(match (self, other) {
            (a, b) if a == b => a,
            (
                Whole { cell, bits, signed },
                Whole {
                    cell: c,
                    bits: b,
                    signed: s,
                },
            ) => {
                // With a sign, an unsigned number needs one more bit.
                let is_signed = signed || s;
                let bits =
                    (bits + u32::from(is_signed && !signed)).max(b + u32::from(is_signed && !s));
                let cell = cell.max(c).max(bits.next_power_of_two());
                match cell {
                    8..=32 => Whole {
                        cell,
                        bits,
                        signed: is_signed,
                    },
                    _ => F64,
                }
            }
            // Single precision has 24 bits.
            (Whole { bits, .. }, F32) | (F32, Whole { bits, .. }) if bits <= 24 => F32,
            (Whole { .. } | F32 | F64, Whole { .. } | F32 | F64) => F64,
            (Rgb8 | Rgb16, Rgb8 | Rgb16) => Rgb16,
            _ => return None,
        })
    }

    pub fn empty(self) -> Voxels {
        match self {
            VoxelKind::Whole {
                cell: 8,
                signed: false,
                ..
            } => Voxels::U8(Vec::new()),
            VoxelKind::Whole { cell: 8, .. } => Voxels::I8(Vec::new()),
            VoxelKind::Whole {
                cell: 16,
                signed: false,
                ..
            } => Voxels::U16(Vec::new()),
            VoxelKind::Whole { cell: 16, .. } => Voxels::I16(Vec::new()),
            VoxelKind::Whole { signed: false, .. } => Voxels::U32(Vec::new()),
            VoxelKind::Whole { .. } => Voxels::I32(Vec::new()),
            VoxelKind::F32 => Voxels::F32(Vec::new()),
            VoxelKind::F64 => Voxels::F64(Vec::new()),
            VoxelKind::Rgb8 => Voxels::Rgb8(Vec::new()),
            VoxelKind::Rgb16 => Voxels::Rgb16(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(cell: u32, bits: u32, signed: bool) -> VoxelKind {
        VoxelKind::Whole { cell, bits, signed }
    }

    #[test]
    fn numbers_with_and_without_a_sign_have_a_type_in_common() {
        let common = |a: VoxelKind, b: VoxelKind| {
            assert_eq!(a.with(b), b.with(a));
            a.with(b)
        };
        let (u12, u16, i16) = (
            whole(16, 12, false),
            whole(16, 16, false),
            whole(16, 16, true),
        );
        assert_eq!(common(u12, i16), Some(i16));
        assert_eq!(common(u16, i16), Some(whole(32, 17, true)));
        assert_eq!(common(whole(8, 8, false), u12), Some(u12));
        assert_eq!(
            common(whole(8, 8, true), whole(8, 8, false)),
            Some(whole(16, 9, true))
        );
        assert_eq!(common(whole(32, 32, false), i16), Some(VoxelKind::F64));
        assert_eq!(common(u16, VoxelKind::F32), Some(VoxelKind::F32));
        assert_eq!(
            common(whole(32, 32, true), VoxelKind::F32),
            Some(VoxelKind::F64)
        );
        assert_eq!(
            common(VoxelKind::Rgb8, VoxelKind::Rgb16),
            Some(VoxelKind::Rgb16)
        );
        assert_eq!(common(VoxelKind::Rgb8, u16), None);
    }
}
