//! Positions and types of the header fields in both versions.

/// Number type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldType {
    U8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

/// A field: its first byte, and the type of its numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    at: usize,
    kind: FieldType,
}

/// The header fields that are used; all others are written as 0.
pub(crate) struct HeaderLayout {
    /// Length of the header in bytes.
    pub(super) length: usize,
    pub(super) magic: usize,
    /// First byte of `descrip`: 80 bytes of text, ended by a 0.
    pub(super) descrip: usize,
    pub(super) sizeof_hdr: Field,
    pub(super) dim: Field,
    pub(super) intent_code: Field,
    pub(super) datatype: Field,
    pub(super) bitpix: Field,
    pub(super) pixdim: Field,
    pub(super) vox_offset: Field,
    pub(super) scl_slope: Field,
    pub(super) scl_inter: Field,
    pub(super) xyzt_units: Field,
    pub(super) qform_code: Field,
    pub(super) sform_code: Field,
    /// `quatern_b`, `quatern_c`, `quatern_d`.
    pub(super) quatern: Field,
    /// `qoffset_x`, `qoffset_y`, `qoffset_z`.
    pub(super) qoffset: Field,
    /// `srow_x`, `srow_y`, `srow_z`: twelve numbers.
    pub(super) srow: Field,
}

const fn field(at: usize, kind: FieldType) -> Field {
    Field { at, kind }
}

/// `struct nifti_1_header` of `nifti1.h`.
pub(super) const NIFTI_1: HeaderLayout = HeaderLayout {
    length: 348,
    magic: 344,
    descrip: 148,
    sizeof_hdr: field(0, FieldType::I32),
    dim: field(40, FieldType::I16),
    intent_code: field(68, FieldType::I16),
    datatype: field(70, FieldType::I16),
    bitpix: field(72, FieldType::I16),
    pixdim: field(76, FieldType::F32),
    vox_offset: field(108, FieldType::F32),
    scl_slope: field(112, FieldType::F32),
    scl_inter: field(116, FieldType::F32),
    xyzt_units: field(123, FieldType::U8),
    qform_code: field(252, FieldType::I16),
    sform_code: field(254, FieldType::I16),
    quatern: field(256, FieldType::F32),
    qoffset: field(268, FieldType::F32),
    srow: field(280, FieldType::F32),
};

/// `struct nifti_2_header` of `nifti2.h`.
pub(super) const NIFTI_2: HeaderLayout = HeaderLayout {
    length: 540,
    magic: 4,
    descrip: 240,
    sizeof_hdr: field(0, FieldType::I32),
    dim: field(16, FieldType::I64),
    intent_code: field(504, FieldType::I32),
    datatype: field(12, FieldType::I16),
    bitpix: field(14, FieldType::I16),
    pixdim: field(104, FieldType::F64),
    vox_offset: field(168, FieldType::I64),
    scl_slope: field(176, FieldType::F64),
    scl_inter: field(184, FieldType::F64),
    xyzt_units: field(500, FieldType::I32),
    qform_code: field(344, FieldType::I32),
    sform_code: field(348, FieldType::I32),
    quatern: field(352, FieldType::F64),
    qoffset: field(376, FieldType::F64),
    srow: field(400, FieldType::F64),
};

/// ANALYZE's `originator`, three numbers, in which SPM stores the origin voxel.
pub(super) const ANALYZE_ORIGIN: Field = field(253, FieldType::I16);

impl Field {
    /// Reads number `index` of the field, exact for integers below 2^53; 0 beyond the end of the header.
    pub(super) fn read(self, header: &[u8], big_endian: bool, index: usize) -> f64 {
        macro_rules! number {
            ($number:ty) => {{
                let at = self.at + index * size_of::<$number>();
                let bytes = header.get(at..).and_then(|rest| rest.first_chunk());
                bytes.map_or(0.0, |&bytes| match big_endian {
                    true => <$number>::from_be_bytes(bytes) as f64,
                    false => <$number>::from_le_bytes(bytes) as f64,
                })
            }};
        }
        match self.kind {
            FieldType::U8 => number!(u8),
            FieldType::I16 => number!(i16),
            FieldType::I32 => number!(i32),
            FieldType::I64 => number!(i64),
            FieldType::F32 => number!(f32),
            FieldType::F64 => number!(f64),
        }
    }

    /// Writes number `index` of the field, little-endian; does nothing beyond the end of the header.
    pub(super) fn write(self, header: &mut [u8], index: usize, value: f64) {
        macro_rules! number {
            ($number:ty) => {{
                let at = self.at + index * size_of::<$number>();
                if let Some(bytes) = header.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
                    *bytes = (value as $number).to_le_bytes();
                }
            }};
        }
        match self.kind {
            FieldType::U8 => number!(u8),
            FieldType::I16 => number!(i16),
            FieldType::I32 => number!(i32),
            FieldType::I64 => number!(i64),
            FieldType::F32 => number!(f32),
            FieldType::F64 => number!(f64),
        }
    }
}
