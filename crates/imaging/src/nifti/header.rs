use super::layout::{ANALYZE_ORIGIN, Field, HeaderLayout, NIFTI_1, NIFTI_2};

/// Where a header's voxels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// After the header: `.nii`.
    Single,
    /// In a second file: `.hdr` and `.img`.
    Pair,
    /// In a second file, with an ANALYZE 7.5 header.
    Analyze,
}

/// An unchecked header, with access to its fields by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// NIfTI version, 1 or 2.
    pub version: u8,
    pub form: Form,
    pub big_endian: bool,
    bytes: Vec<u8>,
}

/// Number of bytes that are enough to recognise and read a header.
pub(crate) const MAX_HEADER_BYTES: usize = NIFTI_2.length;

impl Header {
    /// Reads the header at the start of a file; `None` if there is none.
    pub fn find(start: &[u8]) -> Option<Header> {
        let (version, form) = match (start.get(344..348), start.get(4..8)) {
            (Some(b"n+1\0"), _) => (1, Form::Single),
            (Some(b"ni1\0"), _) => (1, Form::Pair),
            (_, Some(b"n+2\0")) => (2, Form::Single),
            (_, Some(b"ni2\0")) => (2, Form::Pair),
            _ => (1, Form::Analyze),
        };
        let length = layout(version).length;
        let bytes = start.get(..length)?.to_vec();
        let mut header = Header {
            version,
            form,
            big_endian: false,
            bytes,
        };
        let has_length = |header: &Header| header.field(|l| l.sizeof_hdr, 0) == length as f64;
        // Like nifti_clib: a wrong sizeof_hdr is accepted if the magic number is right; the number of dimensions then
        // tells the byte order.
        let has_dimensions = |header: &Header| (1.0..=7.0).contains(&header.field(|l| l.dim, 0));
        header.big_endian = !has_length(&header) && {
            header.big_endian = true;
            has_length(&header) || (form != Form::Analyze && has_dimensions(&header))
        };
        let is_header = match form {
            Form::Analyze => {
                has_length(&header) && has_dimensions(&header) && header.bitpix() > 0.0
            }
            Form::Single | Form::Pair => true,
        };
        is_header.then_some(header)
    }

    /// A little-endian header of a single file with only its size and magic number set.
    pub fn empty(version: u8) -> Header {
        let layout = layout(version);
        let mut header = Header {
            version,
            form: Form::Single,
            big_endian: false,
            bytes: vec![0; layout.length],
        };
        let magic: &[u8] = match version {
            2 => b"n+2\0\r\n\x1a\n",
            _ => b"n+1\0",
        };
        for (byte, value) in header.bytes.iter_mut().skip(layout.magic).zip(magic) {
            *byte = *value;
        }
        header.put(|l| l.sizeof_hdr, &[layout.length as f64]);
        header
    }

    /// The header's bytes, 348 or 540.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn field(&self, field: impl Fn(&HeaderLayout) -> Field, index: usize) -> f64 {
        field(layout(self.version)).read(&self.bytes, self.big_endian, index)
    }

    fn fields<const N: usize>(&self, field: impl Fn(&HeaderLayout) -> Field) -> [f64; N] {
        std::array::from_fn(|index| self.field(&field, index))
    }

    fn put(&mut self, field: impl Fn(&HeaderLayout) -> Field, values: &[f64]) {
        let field = field(layout(self.version));
        for (index, value) in values.iter().enumerate() {
            field.write(&mut self.bytes, index, *value);
        }
    }

    /// Number of dimensions, then the length of each.
    pub fn dim(&self) -> [f64; 8] {
        self.fields(|l| l.dim)
    }

    /// `qfac`, then the voxel spacing along each dimension.
    pub fn pixdim(&self) -> [f64; 8] {
        self.fields(|l| l.pixdim)
    }

    /// Number type of the voxels, as a code.
    pub fn datatype(&self) -> f64 {
        self.field(|l| l.datatype, 0)
    }

    /// Bits per voxel.
    pub fn bitpix(&self) -> f64 {
        self.field(|l| l.bitpix, 0)
    }

    /// Byte at which the voxels begin in their file.
    pub fn vox_offset(&self) -> f64 {
        self.field(|l| l.vox_offset, 0)
    }

    /// Slope and intercept of the values (`scl_slope`, `scl_inter`).
    pub fn scl(&self) -> [f64; 2] {
        [
            self.field(|l| l.scl_slope, 0),
            self.field(|l| l.scl_inter, 0),
        ]
    }

    /// Intent code: the meaning of the values.
    pub fn intent_code(&self) -> f64 {
        self.field(|l| l.intent_code, 0)
    }

    /// Units of space (lowest three bits) and of time.
    pub fn xyzt_units(&self) -> f64 {
        self.field(|l| l.xyzt_units, 0)
    }

    /// Code of the space that the quaternion maps to; 0 if there is no quaternion.
    pub fn qform_code(&self) -> f64 {
        self.field(|l| l.qform_code, 0)
    }

    /// Code of the space that the matrix maps to; 0 if there is no matrix.
    pub fn sform_code(&self) -> f64 {
        self.field(|l| l.sform_code, 0)
    }

    /// `quatern_b`, `quatern_c`, `quatern_d`.
    pub fn quatern(&self) -> [f64; 3] {
        self.fields(|l| l.quatern)
    }

    /// `qoffset_x`, `qoffset_y`, `qoffset_z`.
    pub fn qoffset(&self) -> [f64; 3] {
        self.fields(|l| l.qoffset)
    }

    /// `srow_x`, `srow_y`, `srow_z`.
    pub fn srow(&self) -> [[f64; 4]; 3] {
        let [x, y, z] = [0, 4, 8]
            .map(|start| std::array::from_fn(|column| self.field(|l| l.srow, start + column)));
        [x, y, z]
    }

    /// Origin voxel in SPM's ANALYZE files, counted from 1.
    pub fn analyze_origin(&self) -> [f64; 3] {
        self.fields(|_| ANALYZE_ORIGIN)
    }

    pub fn set_dim(&mut self, dim: [f64; 8]) {
        self.put(|l| l.dim, &dim);
    }

    pub fn set_pixdim(&mut self, pixdim: [f64; 8]) {
        self.put(|l| l.pixdim, &pixdim);
    }

    pub fn set_datatype(&mut self, datatype: f64, bitpix: f64) {
        self.put(|l| l.datatype, &[datatype]);
        self.put(|l| l.bitpix, &[bitpix]);
    }

    /// Sets `descrip` to an ASCII text, cut to 79 bytes.
    pub fn set_descrip(&mut self, text: &str) {
        let start = layout(self.version).descrip;
        let bytes = text.bytes().filter(u8::is_ascii).take(79);
        for (byte, value) in self.bytes.iter_mut().skip(start).zip(bytes) {
            *byte = value;
        }
    }

    pub fn set_vox_offset(&mut self, offset: f64) {
        self.put(|l| l.vox_offset, &[offset]);
    }

    pub fn set_scl(&mut self, slope: f64, intercept: f64) {
        self.put(|l| l.scl_slope, &[slope]);
        self.put(|l| l.scl_inter, &[intercept]);
    }

    pub fn set_intent_code(&mut self, code: f64) {
        self.put(|l| l.intent_code, &[code]);
    }

    pub fn set_xyzt_units(&mut self, units: f64) {
        self.put(|l| l.xyzt_units, &[units]);
    }

    pub fn set_qform(&mut self, code: f64, quatern: [f64; 3], qoffset: [f64; 3]) {
        self.put(|l| l.qform_code, &[code]);
        self.put(|l| l.quatern, &quatern);
        self.put(|l| l.qoffset, &qoffset);
    }

    pub fn set_sform(&mut self, code: f64, srow: [[f64; 4]; 3]) {
        self.put(|l| l.sform_code, &[code]);
        self.put(|l| l.srow, srow.as_flattened());
    }
}

fn layout(version: u8) -> &'static HeaderLayout {
    match version {
        2 => &NIFTI_2,
        _ => &NIFTI_1,
    }
}
