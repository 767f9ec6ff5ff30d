use serde::{Deserialize, Serialize};

/// A lookup table from values to grey levels (DICOM PS3.3 C.11.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lut {
    /// The file's explanation of the table; may be empty.
    pub name: String,
    /// Value of the first entry. Smaller values get the first entry, and larger ones than the last get the last.
    pub first: i32,
    /// Bits per entry, 8 to 16: white is `2^bits − 1`.
    pub bits: u32,
    /// Levels of the values from `first` on, in `[0, 2^bits − 1]`.
    pub entries: Vec<u16>,
}

impl Lut {
    /// The grey level of a value, scaled from the table's bits to 8.
    pub(crate) fn level(&self, value: f64) -> u8 {
        let last = self.entries.len().saturating_sub(1);
        // Rounded, because a fractional slope may give slightly less than an integer.
        let at = (value - f64::from(self.first)).round().max(0.0) as usize;
        let entry = self.entries.get(at.min(last)).copied().unwrap_or(0);
        let white = f64::from((1u32 << self.bits.clamp(1, 16)) - 1);
        (f64::from(entry) / white * 255.0).round().min(255.0) as u8
    }
}
