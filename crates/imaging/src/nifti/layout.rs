//! Where the fields of a header stand, in the two versions.

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    U8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

/// A field: the byte it begins at, and the kind of its number or numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    at: usize,
    kind: Kind,
}

/// The fields that are used here. All others stay 0 in what is written.
pub(crate) struct Layout {
    /// Bytes of the header.
    pub(super) length: usize,
    pub(super) magic: usize,
    /// Where `descrip` begins: 80 bytes of text, ended by a 0.
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

const fn field(at: usize, kind: Kind) -> Field {
    Field { at, kind }
}

/// `struct nifti_1_header` of `nifti1.h`.
pub(super) const NIFTI_1: Layout = Layout {
    length: 348,
    magic: 344,
    descrip: 148,
    sizeof_hdr: field(0, Kind::I32),
    dim: field(40, Kind::I16),
    intent_code: field(68, Kind::I16),
    datatype: field(70, Kind::I16),
    bitpix: field(72, Kind::I16),
    pixdim: field(76, Kind::F32),
    vox_offset: field(108, Kind::F32),
    scl_slope: field(112, Kind::F32),
    scl_inter: field(116, Kind::F32),
    xyzt_units: field(123, Kind::U8),
    qform_code: field(252, Kind::I16),
    sform_code: field(254, Kind::I16),
    quatern: field(256, Kind::F32),
    qoffset: field(268, Kind::F32),
    srow: field(280, Kind::F32),
};

/// `struct nifti_2_header` of `nifti2.h`.
pub(super) const NIFTI_2: Layout = Layout {
    length: 540,
    magic: 4,
    descrip: 240,
    sizeof_hdr: field(0, Kind::I32),
    dim: field(16, Kind::I64),
    intent_code: field(504, Kind::I32),
    datatype: field(12, Kind::I16),
    bitpix: field(14, Kind::I16),
    pixdim: field(104, Kind::F64),
    vox_offset: field(168, Kind::I64),
    scl_slope: field(176, Kind::F64),
    scl_inter: field(184, Kind::F64),
    xyzt_units: field(500, Kind::I32),
    qform_code: field(344, Kind::I32),
    sform_code: field(348, Kind::I32),
    quatern: field(352, Kind::F64),
    qoffset: field(376, Kind::F64),
    srow: field(400, Kind::F64),
};

/// ANALYZE's `originator`, where SPM keeps the voxel at the origin: three numbers.
pub(super) const ANALYZE_ORIGIN: Field = field(253, Kind::I16);

impl Field {
    /// The number at a place of the field, each number being exact below 2^53; 0 beyond the end.
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
            Kind::U8 => number!(u8),
            Kind::I16 => number!(i16),
            Kind::I32 => number!(i32),
            Kind::I64 => number!(i64),
            Kind::F32 => number!(f32),
            Kind::F64 => number!(f64),
        }
    }

    /// Puts a number at a place of the field, little-endian; nothing beyond the end.
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
            Kind::U8 => number!(u8),
            Kind::I16 => number!(i16),
            Kind::I32 => number!(i32),
            Kind::I64 => number!(i64),
            Kind::F32 => number!(f32),
            Kind::F64 => number!(f64),
        }
    }
}
