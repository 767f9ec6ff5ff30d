//! The spatial fields of a label map's header.

use crate::nifti::{Form, Header, ItkPlace, Orientation, Place, flipped};
use crate::scan::{Affine, Grid, Scan, Source, SpacingSource};

/// `NIFTI_XFORM_SCANNER_ANAT` and `NIFTI_XFORM_ALIGNED_ANAT`.
const SCANNER: f64 = 1.0;
const ALIGNED: f64 = 2.0;

/// `NIFTI_UNITS_MM`.
const MM: f64 = 2.0;

/// The header without the number type.
pub(super) fn header_of(scan: &Scan) -> Header {
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

/// The spatial fields of a NIfTI source.
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
    if ItkPlace::of(&header) == ItkPlace::Refused {
        add_rotation(&mut header, grid);
    }
    header
}

/// Adds a quaternion if the source has none, so that ITK opens the file; only if it says the same: the nearest
/// rotation is near, and the voxel sizes equal those of the matrix.
fn add_rotation(header: &mut Header, grid: &Grid) {
    let Some(place) = Place::of(header, grid.size()) else {
        return;
    };
    let matrix = Affine(header.srow());
    let [_, x, y, z, ..] = header.pixdim();
    let sizes = Grid::spacing_of(&matrix).into_iter().zip([x, y, z]);
    // Equal within the precision of a header's numbers.
    let are_same = sizes.into_iter().all(|(a, b)| (a - b).abs() <= 1e-5 * a);
    let nearest = Orientation::nearest(&place.ras_from_voxel, grid.size());
    let spacing = Grid::spacing_of(&place.ras_from_voxel);
    if let Some(nearest) = nearest.filter(|nearest| are_same && nearest.is_near(spacing)) {
        let mut pixdim = header.pixdim();
        pixdim[0] = nearest.qfac;
        header.set_pixdim(pixdim);
        header.set_qform(header.sform_code(), nearest.quatern, matrix.offset());
    }
}

/// The spatial fields for a resampled grid in the scan's space.
pub(super) fn resampled(scan: &Scan, grid: &Grid) -> Header {
    let code = match &scan.source {
        Source::Nifti(source) => Header::find(&source.header)
            .map(|header| match header.sform_code() {
                0.0 => header.qform_code(),
                code => code,
            })
            .filter(|code| (1.0..=5.0).contains(code))
            .unwrap_or(ALIGNED),
        Source::Raster | Source::Dicom(_) => SCANNER,
    };
    placed(grid, code)
}

/// The spatial fields for a grid.
fn placed(grid: &Grid, code: f64) -> Header {
    let is_long = grid.size().iter().any(|&side| side > i16::MAX as u32);
    let mut header = Header::empty(if is_long { 2 } else { 1 });
    header.set_dim(dim_of(grid, 3.0));
    let place = grid.patient_from_voxel.filter(|a| a.inverse().is_some());
    // The scale of an ultrasound region holds only inside it, and NIfTI has one scale for all.
    let within = grid
        .pixel_spacing
        .filter(|spacing| spacing.source != SpacingSource::UltrasoundRegion)
        .map(|spacing| [spacing.x_mm, spacing.y_mm]);
    let spacing = match &place {
        Some(affine) => Grid::spacing_of(affine),
        None => {
            // Without mm, at least the ratio of the sides is kept.
            let [x, y] = within.unwrap_or([1.0, grid.pixel_aspect.unwrap_or(1.0)]);
            [x, y, grid.slice_spacing_mm.unwrap_or(1.0)]
        }
    };
    if place.is_some() || within.is_some() {
        header.set_xyzt_units(MM);
    }
    let ras_from_voxel = place.as_ref().map(flipped);
    let orientation = ras_from_voxel
        .as_ref()
        .and_then(|affine| Orientation::nearest(affine, grid.size()))
        .filter(|orientation| orientation.is_near(spacing));
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
