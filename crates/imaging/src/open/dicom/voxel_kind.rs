//! The type of voxels that holds the samples of all frames.

use super::layout::{Layout, Samples};
use super::pixels::Frame;
use super::voxels::Lookup;
use crate::scan::Voxels;

/// What voxels have to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whole numbers of `bits`, in cells of 8, 16 or 32.
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

impl Kind {
    pub fn of(frame: &Frame<'_>, layout: &Layout, lookup: &Lookup) -> Kind {
        match (lookup, frame.samples) {
            (Lookup::Palette(palette), _) if palette.bits == 8 => Kind::Rgb8,
            (Lookup::Palette(_), _) => Kind::Rgb16,
            (Lookup::Modality(_), _) => Kind::Whole {
                cell: 16,
                bits: 16,
                signed: false,
            },
            (Lookup::None, Samples::F32) => Kind::F32,
            (Lookup::None, Samples::F64) => Kind::F64,
            (Lookup::None, Samples::Integers { allocated, .. }) if layout.channels() == 3 => {
                match allocated {
                    8 => Kind::Rgb8,
                    _ => Kind::Rgb16,
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
            ) => Kind::Whole {
                cell: allocated.max(8),
                bits: stored,
                signed,
            },
        }
    }

    /// What holds both; `None` for colours and greys.
    pub fn with(self, other: Kind) -> Option<Kind> {
        use Kind::*;
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
                // An unsigned number has one bit more with a sign.
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
            // A single has 24 bits.
            (Whole { bits, .. }, F32) | (F32, Whole { bits, .. }) if bits <= 24 => F32,
            (Whole { .. } | F32 | F64, Whole { .. } | F32 | F64) => F64,
            (Rgb8 | Rgb16, Rgb8 | Rgb16) => Rgb16,
            _ => return None,
        })
    }

    pub fn empty(self) -> Voxels {
        match self {
            Kind::Whole {
                cell: 8,
                signed: false,
                ..
            } => Voxels::U8(Vec::new()),
            Kind::Whole { cell: 8, .. } => Voxels::I8(Vec::new()),
            Kind::Whole {
                cell: 16,
                signed: false,
                ..
            } => Voxels::U16(Vec::new()),
            Kind::Whole { cell: 16, .. } => Voxels::I16(Vec::new()),
            Kind::Whole { signed: false, .. } => Voxels::U32(Vec::new()),
            Kind::Whole { .. } => Voxels::I32(Vec::new()),
            Kind::F32 => Voxels::F32(Vec::new()),
            Kind::F64 => Voxels::F64(Vec::new()),
            Kind::Rgb8 => Voxels::Rgb8(Vec::new()),
            Kind::Rgb16 => Voxels::Rgb16(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(cell: u32, bits: u32, signed: bool) -> Kind {
        Kind::Whole { cell, bits, signed }
    }

    #[test]
    fn numbers_with_and_without_a_sign_have_a_type_in_common() {
        let common = |a: Kind, b: Kind| {
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
        assert_eq!(common(whole(32, 32, false), i16), Some(Kind::F64));
        assert_eq!(common(u16, Kind::F32), Some(Kind::F32));
        assert_eq!(common(whole(32, 32, true), Kind::F32), Some(Kind::F64));
        assert_eq!(common(Kind::Rgb8, Kind::Rgb16), Some(Kind::Rgb16));
        assert_eq!(common(Kind::Rgb8, u16), None);
    }
}
