//! NIfTI label maps, without any of the source's patient data.

mod header;
mod resample;
mod warning;

pub use resample::nifti_resampled;
pub use warning::nifti_warning;

use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::error::Error;
use crate::mask::VolumeMask;
use crate::nifti::Header;
use crate::scan::{Grid, Scan};
use header::header_of;

/// Writes masks as one label map on the scan's grid: `n` in the voxels of the `n`-th mask, counted from 1, and 0
/// elsewhere. Where masks overlap, the later one wins. Labels are `u8`, or `u16` for more than 255 masks.
///
/// The file has the source's place in the patient. From a NIfTI source it keeps the version, the spatial dimensions,
/// `pixdim`, both transforms with their codes, and the units, bit for bit; but not its texts, its extensions or
/// anything about time. Other sources give NIfTI-1 (NIfTI-2 above 32,767 voxels a side) in scanner space, with a
/// matrix (sform). A quaternion (qform) is added if the nearest rotation moves no corner of the grid by more than
/// half a millimetre: without it, ITK's tools reject files whose axes are not exactly perpendicular. The place of an
/// ANALYZE file is a guess, so its code is "aligned". Without a place, both codes are 0. [`nifti_warning`] tells if
/// other software places the file elsewhere or rejects it.
///
/// The same input always gives the same bytes, gzipped (`.nii.gz`) or not (`.nii`). NIfTI can't store label names.
///
/// # Errors
///
/// [`Error::GridsDiffer`] if a mask has another grid; [`Error::ExportUnavailable`] for unevenly spaced slices
/// ([`nifti_resampled`] writes those); [`Error::Encode`] for more than 65,535 masks.
pub fn nifti(scan: &Scan, labels: &[&VolumeMask], gzip: bool) -> Result<Vec<u8>, Error> {
    if !scan.grid().is_even() {
        return Err(Error::ExportUnavailable {
            what: WHAT,
            reason: UNEVEN,
        });
    }
    file(header_of(scan), scan.grid(), labels, gzip)
}

const WHAT: &str = "NIfTI file";

const UNEVEN: &str = "its slices are not equally far apart, or some are missing, which NIfTI can't say; save a DICOM SEG, which \
                      keeps each slice where it is, or a resampled NIfTI";

/// Builds the file from a header with the spatial fields, and masks of one grid.
fn file(
    mut header: Header,
    grid: &Grid,
    labels: &[&VolumeMask],
    gzip: bool,
) -> Result<Vec<u8>, Error> {
    let encode = |reason: String| Error::Encode { what: WHAT, reason };
    if labels.len() > usize::from(u16::MAX) {
        return Err(encode(format!("it has {} labels", labels.len())));
    }
    let is_wide = labels.len() > usize::from(u8::MAX);
    let offset = header.bytes().len() + EXTENDER.len();
    header.set_vox_offset(offset as f64);
    // DT_UINT16 or DT_UINT8 (`nifti1.h`).
    let (datatype, bits) = if is_wide { (512.0, 16.0) } else { (2.0, 8.0) };
    header.set_datatype(datatype, bits);
    header.set_scl(1.0, 0.0);
    header.set_intent_code(INTENT_LABEL);
    let mut file = header.bytes().to_vec();
    file.extend(EXTENDER);
    if is_wide {
        let numbers = label_map::<u16>(grid, labels)?;
        file.extend(numbers.into_iter().flat_map(u16::to_le_bytes));
    } else {
        file.extend(label_map::<u8>(grid, labels)?);
    }
    if !gzip {
        return Ok(file);
    }
    // Neither name, time nor operating system (255: unknown), so that equal input gives equal bytes.
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::default());
    encoder
        .write_all(&file)
        .and_then(|()| encoder.finish())
        .map_err(|error| encode(error.to_string()))
}

/// `NIFTI_INTENT_LABEL`.
const INTENT_LABEL: f64 = 1002.0;

/// Four bytes after the header: 0 announces no extensions.
const EXTENDER: [u8; 4] = [0; 4];

fn label_map<T>(grid: &Grid, labels: &[&VolumeMask]) -> Result<Vec<T>, Error>
where
    T: Copy + Default + TryFrom<usize>,
{
    let mut numbers = vec![T::default(); grid.voxels() as usize];
    for (count, mask) in labels.iter().enumerate() {
        if mask.size() != grid.size() {
            return Err(Error::GridsDiffer {
                a: grid.size(),
                b: mask.size(),
            });
        }
        let label = T::try_from(count + 1).unwrap_or_default();
        for voxel in mask.voxels() {
            let number = grid.index(voxel).and_then(|index| numbers.get_mut(index));
            if let Some(number) = number {
                *number = label;
            }
        }
    }
    Ok(numbers)
}
