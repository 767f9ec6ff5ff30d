use serde::{Deserialize, Serialize};

/// Samples as stored in the file, in the order of the grid: columns fastest, then rows, then slices.
/// Colours are interleaved, red first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Voxels {
    /// Grey, 8 bits.
    U8(Vec<u8>),
    /// Grey, 8 bits, signed.
    I8(Vec<i8>),
    /// Grey, 16 bits.
    U16(Vec<u16>),
    /// Grey, 16 bits, signed.
    I16(Vec<i16>),
    /// Grey, 32 bits.
    U32(Vec<u32>),
    /// Grey, 32 bits, signed.
    I32(Vec<i32>),
    /// Grey, 32-bit floating point.
    F32(Vec<f32>),
    /// Grey, 64-bit floating point.
    F64(Vec<f64>),
    /// Red, green, blue, 8 bits each.
    Rgb8(Vec<u8>),
    /// Red, green, blue, 16 bits each.
    Rgb16(Vec<u16>),
}

/// Evaluates `$body` with `$values` bound to the vector of a [`Voxels`], whatever its type.
macro_rules! for_any {
    ($voxels:expr, $values:ident => $body:expr) => {
        match $voxels {
            Voxels::U8($values) => $body,
            Voxels::I8($values) => $body,
            Voxels::U16($values) => $body,
            Voxels::I16($values) => $body,
            Voxels::U32($values) => $body,
            Voxels::I32($values) => $body,
            Voxels::F32($values) => $body,
            Voxels::F64($values) => $body,
            Voxels::Rgb8($values) => $body,
            Voxels::Rgb16($values) => $body,
        }
    };
}
pub(crate) use for_any;

impl Voxels {
    /// Samples per voxel: 1 for grey, 3 for colour.
    pub fn channels(&self) -> usize {
        match self {
            Voxels::Rgb8(_) | Voxels::Rgb16(_) => 3,
            _ => 1,
        }
    }

    /// Number of samples, which is three times that of voxels in colour.
    pub fn len(&self) -> usize {
        for_any!(self, values => values.len())
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bits per sample in memory: 8, 16, 32 or 64.
    pub fn bits(&self) -> u32 {
        fn bits_of<T>(_: &[T]) -> u32 {
            8 * size_of::<T>() as u32
        }
        for_any!(self, values => bits_of(values))
    }

    /// The stored sample at an index; `None` in colour or past the end.
    pub fn grey(&self, index: usize) -> Option<f64> {
        match self {
            Voxels::U8(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::I8(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::U16(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::I16(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::U32(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::I32(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::F32(values) => values.get(index).map(|&x| f64::from(x)),
            Voxels::F64(values) => values.get(index).copied(),
            Voxels::Rgb8(_) | Voxels::Rgb16(_) => None,
        }
    }
}

/// Modality transform of a stored sample: `slope · stored + intercept` (DICOM PS3.3 C.11.1.1.2; NIfTI `scl_slope`,
/// `scl_inter`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rescale {
    /// Units of value per stored unit.
    pub slope: f64,
    /// Value of a stored 0.
    pub intercept: f64,
}

impl Rescale {
    /// The identity: values equal stored samples.
    pub const IDENTITY: Rescale = Rescale {
        slope: 1.0,
        intercept: 0.0,
    };

    /// The value of a stored sample.
    pub fn value(self, stored: f64) -> f64 {
        self.slope * stored + self.intercept
    }
}
