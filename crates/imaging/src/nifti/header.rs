use super::layout::{ANALYZE_ORIGIN, Field, HeaderLayout, NIFTI_1, NIFTI_2};

/// Where the voxels of a header are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Behind the header: `.nii`.
    Single,
    /// In a file of their own: `.hdr` and `.img`.
    Pair,
    /// The same, and the header is ANALYZE 7.5's.
    Analyze,
}

/// A header as it is stored, with its fields by name. Nothing in it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// 1 or 2.
    pub version: u8,
    pub form: Form,
    pub big_endian: bool,
    bytes: Vec<u8>,
}

/// Bytes that tell whether a file begins with a header.
pub(crate) const LONGEST_HEADER: usize = NIFTI_2.length;

impl Header {
    /// The header that a file begins with; `None` if it begins with none.
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
        // A wrong sizeof_hdr is forgiven where there is a magic number, as nifti_clib does; then the
        // number of dimensions tells the order of bytes.
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

    /// A header for a file of its own, little-endian, with nothing in it but its size and its magic
    /// number.
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

    /// The header as bytes: 348 or 540.
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

    /// Number of dimensions, and the length of each.
    pub fn dim(&self) -> [f64; 8] {
        self.fields(|l| l.dim)
    }

    /// `qfac`, and the distance of voxels along each dimension.
    pub fn pixdim(&self) -> [f64; 8] {
        self.fields(|l| l.pixdim)
    }

    /// Code of the kind of number that a voxel is.
    pub fn datatype(&self) -> f64 {
        self.field(|l| l.datatype, 0)
    }

    /// Bits of a voxel.
    pub fn bitpix(&self) -> f64 {
        self.field(|l| l.bitpix, 0)
    }

    /// Where the voxels begin in their file.
    pub fn vox_offset(&self) -> f64 {
        self.field(|l| l.vox_offset, 0)
    }

    /// Slope and intercept of the values.
    pub fn scl(&self) -> [f64; 2] {
        [
            self.field(|l| l.scl_slope, 0),
            self.field(|l| l.scl_inter, 0),
        ]
    }

    /// Code of what the voxels mean.
    pub fn intent_code(&self) -> f64 {
        self.field(|l| l.intent_code, 0)
    }

    /// Units of space (lowest three bits) and time.
    pub fn xyzt_units(&self) -> f64 {
        self.field(|l| l.xyzt_units, 0)
    }

    /// What the quaternion's space is; 0 if there is none.
    pub fn qform_code(&self) -> f64 {
        self.field(|l| l.qform_code, 0)
    }

    /// What the matrix's space is; 0 if there is none.
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

    /// The voxel at the origin in SPM's ANALYZE files, counted from 1.
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

    /// Text in ASCII, of which 79 bytes find room.
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
