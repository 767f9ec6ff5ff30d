//! Pixel size, from whichever attribute gives it, and the plane in which it holds (DICOM PS3.3 10.7.1.3).

use super::attribute::*;
use super::data_set::DataSet;
use super::problem::Problem;
use super::regions;
use crate::scan::{Note, NoteCode, PixelSpacing, SpacingSource};

/// Pixel size, with a note for the user.
pub(super) struct PixelSize {
    pub spacing: Option<PixelSpacing>,
    pub note: Option<Note>,
}

/// Modalities of X-ray projections, for which Pixel Spacing may be that at the detector.
const PROJECTIONS: [&str; 9] = ["CR", "DX", "MG", "XA", "RF", "RG", "PX", "IO", "DF"];

/// A Pixel Spacing that differs from Imager Pixel Spacing by less than this fraction repeats it in fewer digits: real
/// corrections are several percent (5 % for a patient 5 cm in front of a detector at 1 m).
const SAME: f64 = 0.005;

/// Maximum ratio between a pixel's height and width, in either direction. Chosen by hand: scanners and video have 0.5
/// to 2.
const MAX_ASPECT: f64 = 20.0;

/// Reads the pixel size. `measures` is the functional group of a frame, or the data set itself.
pub(super) fn read(measures: &DataSet<'_>, root: &DataSet<'_>) -> Result<PixelSize, Problem> {
    let regions = regions::read(root)?;
    if regions.iter().any(|region| region.spacing_mm.is_some()) {
        return Ok(regions::size(&regions, root));
    }
    let pixel = pair(measures, PIXEL_SPACING);
    // In a functional group the spacing is measured in the patient.
    let is_group = !std::ptr::eq(measures, root);
    let found = match pixel {
        Some(pixel) if is_group => Some((pixel, SpacingSource::PixelSpacing, None)),
        _ => match projection(pixel, root)? {
            None => other(pixel, root),
            found => found,
        },
    };
    let Some(([y_mm, x_mm], source, text)) = found else {
        return Ok(PixelSize {
            spacing: None,
            note: Some(note(&unknown(root))),
        });
    };
    let text = text.or_else(|| Some(text_of(source)?.to_owned()));
    Ok(PixelSize {
        spacing: Some(PixelSpacing { x_mm, y_mm, source }),
        note: text.as_deref().map(note),
    })
}

/// Whether regions of the image say how large its pixels are.
pub(super) fn is_by_regions(root: &DataSet<'_>) -> Result<bool, Problem> {
    let regions = regions::read(root)?;
    Ok(regions.iter().any(|region| region.spacing_mm.is_some()))
}

/// The size in a frame's own group.
pub(super) fn of_group(measures: &DataSet<'_>) -> Option<PixelSpacing> {
    let [y_mm, x_mm] = pair(measures, PIXEL_SPACING)?;
    let source = SpacingSource::PixelSpacing;
    Some(PixelSpacing { x_mm, y_mm, source })
}

/// From row to row, then from column to column (PS3.3 10.7.1.3), in mm; and why it isn't what it seems.
type Found = ([f64; 2], SpacingSource, Option<String>);

fn pair(data: &DataSet<'_>, attribute: Attribute) -> Option<[f64; 2]> {
    let pair = data.finite(attribute);
    pair.filter(|pair: &[f64; 2]| pair.iter().all(|mm| *mm > 0.0))
}

fn is_same(a: [f64; 2], b: [f64; 2]) -> bool {
    let mut pairs = a.into_iter().zip(b);
    pairs.all(|(a, b)| (a - b).abs() <= SAME * b)
}

/// Pixel spacing of a projection; `None` for other images, or if the file doesn't give it.
fn projection(pixel: Option<[f64; 2]>, root: &DataSet<'_>) -> Result<Option<Found>, Problem> {
    let shared = root.item(SHARED_FUNCTIONAL_GROUPS)?.unwrap_or_default();
    // Calibrated for a plane in the patient perpendicular to the beam (C.8.19.6.9.1).
    if let Some(calibration) = shared.item(PROJECTION_CALIBRATION_SEQUENCE)?
        && let Some(object) = pair(&calibration, OBJECT_PIXEL_SPACING)
    {
        return Ok(Some((object, SpacingSource::ObjectPixelSpacing, None)));
    }
    let properties = shared.item(FRAME_PIXEL_DATA_SEQUENCE)?;
    let imager = pair(root, IMAGER_PIXEL_SPACING)
        .or_else(|| pair(properties.as_ref()?, IMAGER_PIXEL_SPACING));
    let is_projection = PROJECTIONS.contains(&root.text(MODALITY).as_str());
    Ok(match (pixel, imager) {
        (Some(pixel), Some(imager)) => Some(calibrated(pixel, imager, root)),
        (None, Some(imager)) => Some(at_detector(imager, root)),
        (Some(pixel), None) if is_projection && !is_film(pixel, root) => {
            let source = calibration(root).unwrap_or(SpacingSource::UnstatedPixelSpacing);
            Some((pixel, source, None))
        }
        _ => None,
    })
}

/// How a file says its Pixel Spacing was calibrated.
fn calibration(root: &DataSet<'_>) -> Option<SpacingSource> {
    match root.text(PIXEL_SPACING_CALIBRATION_TYPE).as_str() {
        "GEOMETRY" => Some(SpacingSource::GeometryCalibration),
        "FIDUCIAL" => Some(SpacingSource::FiducialCalibration),
        _ => None,
    }
}

/// Source of a Pixel Spacing next to an Imager Pixel Spacing: calibrated if the file says so, or if they differ.
fn calibrated(pixel: [f64; 2], imager: [f64; 2], root: &DataSet<'_>) -> Found {
    let declared = calibration(root);
    match (is_same(pixel, imager), declared) {
        (false, source) => {
            let source = source.unwrap_or(SpacingSource::UnstatedCalibration);
            (pixel, source, None)
        }
        (true, Some(SpacingSource::FiducialCalibration)) => {
            (pixel, SpacingSource::FiducialCalibration, None)
        }
        // A size at the detector would contradict a magnification that the file gives.
        (true, Some(source)) if matches!(magnification(root), Magnification::None) => {
            (pixel, source, None)
        }
        _ => at_detector(imager, root),
    }
}

/// How many times larger lengths are at the detector than in the patient.
enum Magnification {
    None,
    /// The factor, its source, and its description.
    By(f64, SpacingSource, String),
    /// An implausible factor, with its description.
    Refused(String),
}

/// The estimated magnification: source-to-detector distance divided by source-to-object distance (C.8.7.3, C.8.11.3).
/// It is above 1, since the object is between source and detector.
fn magnification(root: &DataSet<'_>) -> Magnification {
    if let Some(factor) = root.number(ESTIMATED_MAGNIFICATION) {
        return match factor {
            1.0 => Magnification::None,
            _ if factor > 1.0 && factor.is_finite() => Magnification::By(
                factor,
                SpacingSource::MagnificationFactor,
                format!("the Estimated Radiographic Magnification Factor {factor}"),
            ),
            _ => Magnification::Refused(format!(
                "the Estimated Radiographic Magnification Factor {factor} is not above 1"
            )),
        };
    }
    let distances = [DISTANCE_SOURCE_TO_DETECTOR, DISTANCE_SOURCE_TO_PATIENT];
    let [Some(detector), Some(patient)] = distances.map(|distance| root.number(distance)) else {
        return Magnification::None;
    };
    let factor = detector / patient;
    let is_distance = |mm: f64| mm > 0.0 && mm.is_finite();
    if !is_distance(detector) || !is_distance(patient) || factor <= 1.0 {
        return Magnification::None;
    }
    Magnification::By(
        factor,
        SpacingSource::SourceDistances,
        format!(
            "{factor:.3}, the Distance Source to Detector ({detector} mm) over the Distance Source to \
             Patient ({patient} mm)"
        ),
    )
}

/// Pixel size from an Imager Pixel Spacing: in the patient if a magnification is known, otherwise at the detector.
fn at_detector(imager: [f64; 2], root: &DataSet<'_>) -> Found {
    let [y, x] = imager;
    match magnification(root) {
        Magnification::By(factor, source, by) => {
            let text = format!(
                "Sizes are estimates for the patient: those at the detector ({y} × {x} mm a pixel) divided by \
                 {by}."
            );
            (imager.map(|mm| mm / factor), source, Some(text))
        }
        Magnification::Refused(why) => {
            let detector = text_of(SpacingSource::ImagerPixelSpacing).unwrap_or_default();
            let text = format!("{detector} No factor is applied: {why}.");
            (imager, SpacingSource::ImagerPixelSpacing, Some(text))
        }
        Magnification::None => (imager, SpacingSource::ImagerPixelSpacing, None),
    }
}

/// Whether a Pixel Spacing only repeats that of a scanned film (C.8.6.1).
fn is_film(pixel: [f64; 2], root: &DataSet<'_>) -> bool {
    let film = pair(root, NOMINAL_SCANNED_PIXEL_SPACING);
    calibration(root).is_none() && film.is_some_and(|film| is_same(pixel, film))
}

/// Pixel spacing of an image that is not a projection.
fn other(pixel: Option<[f64; 2]>, root: &DataSet<'_>) -> Option<Found> {
    let plain = |(spacing, source)| (spacing, source, None);
    let film = pair(root, NOMINAL_SCANNED_PIXEL_SPACING)
        .map(|film| plain((film, SpacingSource::NominalScannedPixelSpacing)));
    match pixel {
        Some(pixel) if is_film(pixel, root) => film,
        Some(pixel) => {
            let source = calibration(root).unwrap_or(SpacingSource::PixelSpacing);
            Some(plain((pixel, source)))
        }
        None => film.or_else(|| rt_image(root)),
    }
}

/// Pixel size at the plane of an RT image (C.8.8.2), which may be at the detector or elsewhere.
fn rt_image(root: &DataSet<'_>) -> Option<Found> {
    let spacing = pair(root, IMAGE_PLANE_PIXEL_SPACING)?;
    let [plane, axis] = [RT_IMAGE_SID, RADIATION_MACHINE_SAD].map(|mm| root.number(mm));
    let text = match (plane, axis) {
        (Some(plane), Some(axis)) if plane > 0.0 && axis > 0.0 && plane != axis => format!(
            "Sizes are those at the plane of the RT image, {plane} mm from the source. At the isocentre, \
             {axis} mm from it, they are {:.3} times as large.",
            axis / plane
        ),
        (Some(plane), Some(axis)) if plane > 0.0 && plane == axis => {
            format!("Sizes are those at the isocentre, {axis} mm from the source.")
        }
        _ => "Sizes are those at the plane of the RT image.".to_owned(),
    };
    Some((spacing, SpacingSource::RtImagePlane, Some(text)))
}

/// A note for the user about a pixel size; `None` if it was measured in the patient.
fn text_of(source: SpacingSource) -> Option<&'static str> {
    Some(match source {
        SpacingSource::ImagerPixelSpacing => {
            "Sizes are those at the detector, which are larger than in the patient."
        }
        SpacingSource::NominalScannedPixelSpacing => {
            "Sizes are those on the scanned film, and not in the patient."
        }
        SpacingSource::GeometryCalibration => {
            "Sizes are corrected for the magnification, for an unspecified depth in the patient (Pixel \
             Spacing Calibration Type GEOMETRY)."
        }
        SpacingSource::FiducialCalibration => {
            "Sizes are calibrated by an object of known size, and hold at its depth (Pixel Spacing \
             Calibration Type FIDUCIAL)."
        }
        SpacingSource::UnstatedCalibration => {
            "Sizes are calibrated for the patient: Pixel Spacing differs from Imager Pixel Spacing; the file \
             doesn't say how."
        }
        SpacingSource::UnstatedPixelSpacing => {
            "The file doesn't say whether sizes are those at the detector or in the patient."
        }
        SpacingSource::ObjectPixelSpacing => {
            "Sizes are those in the patient at the centre of the beam (Object Pixel Spacing in Center of \
             Beam)."
        }
        _ => return None,
    })
}

/// A note that explains why there is no pixel size.
fn unknown(root: &DataSet<'_>) -> String {
    let shape = match aspect(root) {
        Some(aspect) => format!(
            " Its pixels are {aspect:.3} times as high as wide (Pixel Aspect Ratio): lengths are in widths of \
             a pixel."
        ),
        None => String::new(),
    };
    format!("The file doesn't say how large a pixel is.{shape}")
}

/// The ratio of a pixel's height to its width, if only that is known and it isn't 1 (C.7.6.3.1.7).
pub(super) fn aspect(root: &DataSet<'_>) -> Option<f64> {
    let [height, width] = pair(root, PIXEL_ASPECT_RATIO)?;
    let aspect = height / width;
    let is_believed = (1.0 / MAX_ASPECT..=MAX_ASPECT).contains(&aspect);
    (is_believed && aspect != 1.0).then_some(aspect)
}

pub(super) fn note(text: &str) -> Note {
    Note {
        code: NoteCode::Spacing,
        text: text.to_owned(),
    }
}
