//! The types of a tensor's elements.

use std::fmt;

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dtype {
    /// 64-bit floating point, IEEE 754 binary64.
    F64,
    /// 32-bit floating point, IEEE 754 binary32.
    F32,
    /// 16-bit floating point, IEEE 754 binary16.
    F16,
    /// 16-bit floating point with the exponent range of `F32` (bfloat16).
    BF16,
    /// 64-bit signed integer.
    I64,
    /// 32-bit signed integer.
    I32,
    /// 16-bit signed integer.
    I16,
    /// 8-bit signed integer.
    I8,
    /// 64-bit unsigned integer.
    U64,
    /// 32-bit unsigned integer.
    U32,
    /// 16-bit unsigned integer.
    U16,
    /// 8-bit unsigned integer.
    U8,
    /// One byte, 0 or 1. Other values are not rejected.
    Bool,
}

impl Dtype {
    /// The size of one element, in bytes.
    pub fn size_bytes(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::BF16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// The name of the type: `f32`, `bf16`, `bool`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::I64 => "i64",
            Self::I32 => "i32",
            Self::I16 => "i16",
            Self::I8 => "i8",
            Self::U64 => "u64",
            Self::U32 => "u32",
            Self::U16 => "u16",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }

    /// Whether the elements are floating-point numbers.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32 | Self::F16 | Self::BF16)
    }

    /// The size in bytes of a tensor of this shape; `None` if it exceeds a `u64`.
    ///
    /// It is 0 if any length is 0, even if the product of the others would overflow.
    pub(crate) fn bytes_of(self, shape: &[usize]) -> Option<u64> {
        if shape.contains(&0) {
            return Some(0);
        }
        shape
            .iter()
            .try_fold(self.size_bytes() as u64, |product, &length| {
                product.checked_mul(length as u64)
            })
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Dtype;

    #[test]
    fn sizes_multiply_without_overflow() {
        assert_eq!(Dtype::F32.bytes_of(&[2, 3]), Some(24));
        assert_eq!(Dtype::F16.bytes_of(&[]), Some(2));
        assert_eq!(Dtype::U8.bytes_of(&[usize::MAX, usize::MAX]), None);
        assert_eq!(Dtype::F64.bytes_of(&[usize::MAX, usize::MAX, 0]), Some(0));
    }
}
