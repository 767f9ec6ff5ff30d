//! NIfTI label maps, without anything that the source says of a patient.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::error::Error;
use crate::mask::VolumeMask;
use crate::nifti::{Form, Header, Orientation, flipped};
use crate::scan::{Affine, Grid, Scan, Source};

/// Masks as one volume of numbers on the grid of the scan: `n` in the voxels of the `n`-th mask,
/// counted from 1, and 0 elsewhere. Where masks overlap the later one wins. Numbers are `u8`, or `u16`
/// where there are more than 255 masks.
///
/// The place in the patient is as the source has it. Of a NIfTI source the version, the dimensions of
/// space, `pixdim`, both transforms with their codes and the units are kept to the last bit; its texts,
/// its extensions and what is about time are not. Any other becomes NIfTI-1 (NIfTI-2 beyond 32,767
/// voxels a side) with the scanner's space as matrix, and as quaternion too where the axes are at right
/// angles; ANALYZE's place, which is a guess, is called aligned. Without a place both codes are 0.
///
/// The bytes are the same each time, gzipped (`.nii.gz`) or not (`.nii`). NIfTI has no place for the
/// names of labels.
///
/// # Errors
///
/// [`Error::GridsDiffer`] if a mask is not of this grid; [`Error::Encode`] for more than 65,535 masks.
pub fn nifti(scan: &Scan, labels: &[&VolumeMask], gzip: bool) -> Result<Vec<u8>, Error> {
    let encode = |reason: String| Error::Encode {
        what: "NIfTI file",
        reason,
    };
    if labels.len() > usize::from(u16::MAX) {
        return Err(encode(format!("it has {} labels", labels.len())));
    }
    let is_wide = labels.len() > usize::from(u8::MAX);
    let mut header = header_of(scan);
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
        let numbers = label_map::<u16>(scan.grid(), labels)?;
        file.extend(numbers.into_iter().flat_map(u16::to_le_bytes));
    } else {
        file.extend(label_map::<u8>(scan.grid(), labels)?);
    }
    if !gzip {
        return Ok(file);
    }
    // No name, no time, and no operating system (255: unknown), so that nothing varies.
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

/// Behind the header: there are no extensions.
const EXTENDER: [u8; 4] = [0; 4];

/// `NIFTI_XFORM_SCANNER_ANAT` and `NIFTI_XFORM_ALIGNED_ANAT`.
const SCANNER: f64 = 1.0;
const ALIGNED: f64 = 2.0;

/// `NIFTI_UNITS_MM`.
const MM: f64 = 2.0;

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

/// The header without what is about the numbers.
fn header_of(scan: &Scan) -> Header {
    let of_source = match &scan.source {
        Source::Nifti(source) => Header::find(&source.header),
        Source::Raster | Source::Dicom(_) => None,
    };
    match of_source {
        Some(source) if source.form != Form::Analyze => kept(&source, scan.grid()),
        Some(_) => placed(scan.grid(), ALIGNED),
        None => placed(scan.grid(), SCANNER),
    }
}

/// What a source says of space.
fn kept(source: &Header, grid: &Grid) -> Header {
    let mut header = Header::empty(source.version);
    let [dimensions, ..] = source.dim();
    header.set_dim(dim_of(grid, dimensions.min(3.0)));
    let mut pixdim = source.pixdim();
    pixdim.iter_mut().skip(4).for_each(|time| *time = 1.0);
    header.set_pixdim(pixdim);
    header.set_xyzt_units(source.xyzt_units());
    header.set_qform(source.qform_code(), source.quatern(), source.qoffset());
    header.set_sform(source.sform_code(), source.srow());
    header
}

/// What a grid says of space.
fn placed(grid: &Grid, code: f64) -> Header {
    let is_long = grid.size().iter().any(|&side| side > i16::MAX as u32);
    let mut header = Header::empty(if is_long { 2 } else { 1 });
    header.set_dim(dim_of(grid, 3.0));
    let place = grid.patient_from_voxel.filter(|a| a.inverse().is_some());
    let within = grid
        .pixel_spacing
        .map(|spacing| [spacing.x_mm, spacing.y_mm]);
    let spacing = match &place {
        Some(affine) => Grid::spacing_of(affine),
        None => {
            let [x, y] = within.unwrap_or([1.0; 2]);
            [x, y, grid.slice_spacing_mm.unwrap_or(1.0)]
        }
    };
    if place.is_some() || within.is_some() {
        header.set_xyzt_units(MM);
    }
    let ras_from_voxel = place.as_ref().map(flipped);
    let orientation = ras_from_voxel.as_ref().and_then(Orientation::of);
    let qfac = orientation.map_or(1.0, |orientation| orientation.qfac);
    let [x, y, z] = spacing;
    header.set_pixdim([qfac, x, y, z, 1.0, 1.0, 1.0, 1.0]);
    if let Some(Affine(rows)) = ras_from_voxel {
        header.set_sform(code, rows);
        if let Some(Orientation { quatern, .. }) = orientation {
            header.set_qform(code, quatern, rows.map(|row| row[3]));
        }
    }
    header
}

fn dim_of(grid: &Grid, dimensions: f64) -> [f64; 8] {
    let [columns, rows, slices] = grid.size().map(f64::from);
    [dimensions, columns, rows, slices, 1.0, 1.0, 1.0, 1.0]
}
