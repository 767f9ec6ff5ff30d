//! Pixel sizes, from the resolution tags or a description.

use super::description::ImageJ;
use super::directory::Directory;
use super::tags::{RESOLUTION_UNIT, X_RESOLUTION, Y_RESOLUTION};
use crate::scan::{Note, NoteCode, PixelSpacing, SpacingSource};

/// Pixel size in mm along the stored rows and down the stored columns, and distance between slices.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sizes {
    pub pixel: Option<PixelSpacing>,
    pub slice_mm: Option<f64>,
    /// Notes for the user about them.
    pub note: Option<Note>,
}

/// Millimetres of a unit of length; `None` for other units, such as `pixel`.
pub(super) fn unit_mm(name: &str) -> Option<f64> {
    Some(match name.trim().to_lowercase().as_str() {
        "m" | "meter" | "meters" | "metre" | "metres" => 1e3,
        "dm" => 1e2,
        "cm" | "centimeter" | "centimeters" | "centimetre" => 10.0,
        "mm" | "millimeter" | "millimeters" | "millimetre" => 1.0,
        // First with the micro sign, then with the Greek letter.
        "µm" | "μm" | "um" | "micron" | "microns" | "micrometer" | "micrometers" | "micrometre" => {
            1e-3
        }
        "nm" | "nanometer" | "nanometers" | "nanometre" => 1e-6,
        "å" | "angstrom" | "ångström" => 1e-7,
        "pm" => 1e-9,
        "in" | "inch" | "inches" => 25.4,
        "ft" => 304.8,
        _ => return None,
    })
}

/// The length, if it is positive and of plausible size.
pub(super) fn usable(mm: f64) -> Option<f64> {
    (mm.is_finite() && (1e-9..1e6).contains(&mm)).then_some(mm)
}

impl Sizes {
    /// Sizes from ImageJ's description and the directory's resolution.
    pub fn of_imagej(directory: &Directory<'_>, said: &ImageJ) -> Sizes {
        let [x_unit, y_unit, z_unit] = said.unit_mm;
        if x_unit.is_none() {
            // Without a unit in the description, the tags' unit.
            let mut sizes = Sizes::of_resolution(directory);
            let unit = unit_of_tag(directory).filter(|_| sizes.pixel.is_some());
            sizes.slice_mm = unit
                .zip(said.spacing)
                .and_then(|(unit, z)| usable(unit * z));
            return sizes;
        }
        let size = |tag, unit: Option<f64>| {
            let per_unit = directory.fractions(tag).first().copied()?;
            usable(unit? / per_unit)
        };
        let pixel = size(X_RESOLUTION, x_unit).zip(size(Y_RESOLUTION, y_unit));
        Sizes {
            pixel: pixel.map(|(x_mm, y_mm)| PixelSpacing {
                x_mm,
                y_mm,
                source: SpacingSource::TiffDescription,
            }),
            slice_mm: z_unit
                .zip(said.spacing)
                .and_then(|(unit, z)| usable(unit * z)),
            note: None,
        }
    }

    /// Sizes from the tags XResolution, YResolution and ResolutionUnit.
    pub fn of_resolution(directory: &Directory<'_>) -> Sizes {
        let per_unit = |tag| directory.fractions(tag).first().copied();
        let (Some(unit_mm), Some(x), Some(y)) = (
            unit_of_tag(directory),
            per_unit(X_RESOLUTION),
            per_unit(Y_RESOLUTION),
        ) else {
            return Sizes::default();
        };
        let [dpi_x, dpi_y] = [x, y].map(|per_unit| per_unit * 25.4 / unit_mm);
        if let Some(dpi) = usual_dpi(dpi_x).filter(|dpi| usual_dpi(dpi_y) == Some(*dpi)) {
            let text = format!(
                "the file's resolution of {dpi} pixels an inch is a usual one of screens, printers and \
                 scanners, and is not used as the size of a pixel"
            );
            // Most programs write these values without knowing the size.
            let means_nothing = matches!(dpi, 1 | 72 | 96);
            return Sizes {
                note: (!means_nothing).then(|| spacing_note(text)),
                ..Sizes::default()
            };
        }
        // One unit per pixel is a placeholder too.
        let sizes = usable(unit_mm / x).zip(usable(unit_mm / y));
        let Some((x_mm, y_mm)) = sizes.filter(|_| x != 1.0 || y != 1.0) else {
            return Sizes::default();
        };
        let text = "the size of a pixel is from the file's resolution (XResolution, ResolutionUnit), which \
                    may be that of a scanner or a printer: check it before measuring";
        Sizes {
            pixel: Some(PixelSpacing {
                x_mm,
                y_mm,
                source: SpacingSource::TiffResolution,
            }),
            slice_mm: None,
            note: Some(spacing_note(text.to_owned())),
        }
    }
}

/// Millimetres per ResolutionUnit: 2 is inch, the default; 3 is centimetre; 1 is no unit.
fn unit_of_tag(directory: &Directory<'_>) -> Option<f64> {
    match directory.unsigned(RESOLUTION_UNIT).ok()? {
        None | Some(2) => Some(25.4),
        Some(3) => Some(10.0),
        _ => None,
    }
}

/// The usual device resolution that a value stands for, if any. Chosen by hand from what screens, printers and scanners
/// are sold with; 254 and 508 are whole hundreds per centimetre, and plausible for instruments.
fn usual_dpi(dpi: f64) -> Option<u32> {
    const USUAL: [u32; 28] = [
        1, 72, 75, 90, 96, 100, 120, 144, 150, 160, 180, 192, 200, 240, 250, 300, 350, 360, 400,
        600, 720, 800, 1000, 1200, 1600, 2400, 4000, 4800,
    ];
    // Some programs round to whole pixels per centimetre: 118 for 300 dpi.
    let is_near = |usual: &u32| (dpi / f64::from(*usual) - 1.0).abs() < 2e-3;
    USUAL.into_iter().find(is_near)
}

fn spacing_note(text: String) -> Note {
    Note {
        code: NoteCode::Spacing,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_units_of_length_are_known() {
        for (name, mm) in [
            ("µm", 1e-3),
            ("\u{3bc}m", 1e-3),
            ("Micron", 1e-3),
            ("inch", 25.4),
        ] {
            assert_eq!(unit_mm(name), Some(mm), "{name}");
        }
        for name in ["", "pixel", "sec", "reference frame"] {
            assert_eq!(unit_mm(name), None, "{name}");
        }
    }

    #[test]
    fn resolutions_of_devices_are_known_in_both_units() {
        assert_eq!(usual_dpi(72.0), Some(72));
        assert_eq!(usual_dpi(28.35 * 2.54), Some(72));
        assert_eq!(usual_dpi(118.0 * 2.54), Some(300));
        for dpi in [50.8, 25.4, 254.0, 508.0, 0.0, f64::NAN, 6350.0] {
            assert_eq!(usual_dpi(dpi), None, "{dpi}");
        }
    }
}
