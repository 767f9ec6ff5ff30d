use crate::error::Error;
use crate::format::Format;
use crate::nifti::{Form, Header};
use crate::open::Limits;
use crate::open::samples::Number;
use crate::space::Size;

/// A header's description of its voxels, checked against the limits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub format: Format,
    /// Columns, rows and slices of a volume.
    pub size: [u32; 3],
    /// Number of volumes: the product of the dimensions from the fourth on.
    pub volumes: u64,
    pub number: Number,
    pub big_endian: bool,
    /// Byte at which the first volume begins in its file.
    pub offset: u64,
    /// Notes on header fields that are not taken literally.
    pub notes: Vec<String>,
}

/// The number type for a `datatype` (`DT_…` in `nifti1.h`).
fn number_of(datatype: f64, format: Format) -> Result<Number, Error> {
    let unsupported = |what: &str| {
        Err(Error::UnsupportedVoxels {
            format,
            what: what.to_owned(),
        })
    };
    Ok(match datatype as i64 {
        2 => Number::U8,
        4 => Number::I16,
        8 => Number::I32,
        16 => Number::F32,
        64 => Number::F64,
        128 => Number::Rgb24,
        256 => Number::I8,
        512 => Number::U16,
        768 => Number::U32,
        1024 => Number::I64,
        1280 => Number::U64,
        2304 => Number::Rgba32,
        1 => return unsupported("single bits (datatype 1)"),
        32 | 1792 | 2048 => {
            return unsupported(&format!("complex numbers (datatype {datatype})"));
        }
        1536 => return unsupported("128-bit floating-point numbers (datatype 1536)"),
        _ => return unsupported(&format!("datatype {datatype}, which no standard knows,")),
    })
}

impl Shape {
    /// Reads the shape from a header.
    pub fn of(header: &Header, limits: &Limits) -> Result<Shape, Error> {
        let format = super::format_of(header);
        if header.form != Form::Analyze && (3000.0..3100.0).contains(&header.intent_code()) {
            return Err(Error::UnsupportedVoxels {
                format,
                what: format!(
                    "data of surfaces (CIFTI-2, intent code {}), which is no volume,",
                    header.intent_code()
                ),
            });
        }
        let mut notes = Vec::new();
        let (size, volumes) = counts(header, &mut notes)?;
        let [width, height, slices] = size;
        // The limit holds for each of the three planes.
        for [width, height] in [[width, height], [width, slices], [height, slices]] {
            limits.check(Size { width, height })?;
        }
        let number = number_of(header.datatype(), format)?;
        let bits = 8 * number.bytes();
        if header.bitpix() != bits as f64 {
            // Like ITK and nibabel, which ignore bitpix.
            notes.push(format!(
                "the header's bitpix is {}; it is ignored, since voxels of its datatype {} have {bits} \
                 bits",
                header.bitpix(),
                header.datatype()
            ));
        }
        let shape = Shape {
            format,
            size,
            volumes,
            number,
            big_endian: header.big_endian,
            offset: offset(header)?,
            notes,
        };
        let voxels = u64::from(width) * u64::from(height);
        let bytes = voxels.saturating_mul(u64::from(slices) * number.bytes());
        match bytes <= limits.max_bytes {
            true => Ok(shape),
            false => Err(Error::TooMuchMemory {
                format,
                needed_bytes: bytes,
                max_bytes: limits.max_bytes,
            }),
        }
    }

    /// Number of voxels of a volume.
    pub fn voxels(&self) -> u64 {
        self.size.iter().map(|&side| u64::from(side)).product()
    }

    /// Position and length of a volume in its file, in bytes; `None` where they overflow.
    pub fn extent(&self, volume: u64) -> Option<(u64, u64)> {
        let length = self.voxels() * self.number.bytes();
        let start = volume.checked_mul(length)?.checked_add(self.offset)?;
        start.checked_add(length).map(|_| (start, length))
    }

    /// Describes a volume to the user, such as `volume 2 of 9, 64×64×30`.
    pub fn describe(&self, volume: u64) -> String {
        let [columns, rows, slices] = self.size;
        let which = match self.volumes {
            1 => String::new(),
            count => format!("volume {} of {count}, ", volume + 1),
        };
        format!("{which}{columns}×{rows}×{slices}")
    }
}

/// Reads columns, rows and slices, and the number of volumes.
fn counts(header: &Header, notes: &mut Vec<String>) -> Result<([u32; 3], u64), Error> {
    let [dimensions, sides @ ..] = header.dim();
    if !(1.0..=7.0).contains(&dimensions) {
        let reason = format!("it has {dimensions} dimensions, not 1 to 7");
        return Err(damaged(header, reason));
    }
    let mut size = [1; 3];
    let mut volumes = 1u64;
    for (axis, side) in sides.into_iter().take(dimensions as usize).enumerate() {
        // Like ITK. Columns and rows can't be 0.
        let side = if side == 0.0 && axis >= 2 {
            notes.push(format!(
                "the header's dimension {} is 0 voxels long; it is taken as 1",
                axis + 1
            ));
            1.0
        } else {
            side
        };
        let count = Some(side).filter(|side| (1.0..=f64::from(u32::MAX)).contains(side));
        let count = count.ok_or_else(|| {
            let reason = format!("its dimension {} is {side} voxels long", axis + 1);
            damaged(header, reason)
        })?;
        match size.get_mut(axis) {
            Some(side) => *side = count as u32,
            None => {
                volumes = volumes.checked_mul(count as u64).ok_or_else(|| {
                    damaged(
                        header,
                        "its dimensions make more volumes than can be".to_owned(),
                    )
                })?;
            }
        }
    }
    Ok((size, volumes))
}

/// Reads where the first volume begins. In a single file that is after the header and the four bytes that
/// announce extensions.
fn offset(header: &Header) -> Result<u64, Error> {
    let offset = header.vox_offset();
    let header_end = header.bytes().len() as f64;
    let is_usable = match header.form {
        Form::Single => offset >= header_end,
        Form::Pair | Form::Analyze => offset >= 0.0,
    };
    match is_usable && offset < 2f64.powi(53) {
        true => Ok(offset as u64),
        // Differs from nibabel, which takes an offset of 0 literally and reads the header as voxels.
        false if offset == 0.0 => Ok(header_end as u64 + 4),
        false => Err(damaged(
            header,
            format!("its voxels begin at byte {offset} (vox_offset)"),
        )),
    }
}

fn damaged(header: &Header, reason: String) -> Error {
    Error::Damaged {
        format: super::format_of(header),
        reason,
    }
}
