use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use boxel_segmenter::imaging::{
    Limits, PixelSpacing, Plane, Scan, SlicePlane, SpacingSource, Window, open_choice, survey,
};

use crate::scans::{files, named};

/// Arguments of `boxel info`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files, or folders with DICOM series.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Describes the scans of each path. Prints nothing that identifies a patient.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut failures = 0;
    for path in &arguments.paths {
        if let Err(error) = info(path) {
            eprintln!("{}: {error:#}", path.display());
            failures += 1;
        }
    }
    if failures > 0 {
        bail!(
            "{failures} of {} paths could not be read",
            arguments.paths.len()
        );
    }
    Ok(())
}

/// Time to open the scans of a path in, and how much more there is for each 4 MB: a file may hold thousands of volumes,
/// each behind all others.
const MAX_TIME: Duration = Duration::from_secs(30);
const BYTES_PER_SECOND: usize = 4_000_000;

fn info(path: &Path) -> Result<()> {
    let files = files(path)?;
    let files = named(&files);
    let length: usize = files.iter().map(|file| file.bytes.len()).sum();
    let allowed = MAX_TIME + Duration::from_secs((length / BYTES_PER_SECOND) as u64);
    let begun = Instant::now();
    let choices = survey(&files, &Limits::default())?;
    println!("{}", path.display());
    for (number, choice) in (1..).zip(&choices) {
        println!("  {number}: {}", choice.label);
        if begun.elapsed() > allowed {
            println!(
                "     not opened: the scans before it took {} s",
                allowed.as_secs()
            );
            continue;
        }
        let scan = open_choice(&files, choice, &Limits::default());
        let scan = scan.with_context(|| format!("scan {number}"))?;
        for line in lines(&scan) {
            println!("     {line}");
        }
    }
    Ok(())
}

fn lines(scan: &Scan) -> Vec<String> {
    let (grid, about) = (scan.grid(), &scan.about);
    let [columns, rows, slices] = grid.size();
    let modality = match about.modality.as_str() {
        "" if about.looks_like_ct => "modality unknown, treated as CT",
        "" => "modality unknown",
        modality => modality,
    };
    let kind = if scan.is_colour() { "colour" } else { "grey" };
    let mut lines = vec![
        format!("{}, {modality}, {kind}, {} bit", about.format, about.bits),
        format!("{columns} x {rows} x {slices} voxels, {}", spacing(scan)),
        format!("planes: {}", planes(scan)),
        format!("window: {}", window(scan)),
    ];
    lines.extend(
        about
            .notes
            .iter()
            .map(|note| format!("note: {}", note.text)),
    );
    lines
}

fn spacing(scan: &Scan) -> String {
    let grid = scan.grid();
    let Some(PixelSpacing { x_mm, y_mm, source }) = grid.pixel_spacing else {
        let aspect = grid
            .pixel_aspect
            .map(|aspect| format!(", pixels are {aspect:.3} times as high as wide"));
        return format!("spacing unknown{}", aspect.unwrap_or_default());
    };
    let along = match grid.slice_spacing_mm {
        Some(z_mm) => format!(" x {z_mm:.3}"),
        None => String::new(),
    };
    let source = match source {
        SpacingSource::ImagerPixelSpacing => {
            " (at the detector, where objects appear larger than they are)"
        }
        SpacingSource::MagnificationFactor => {
            " (in the patient, estimated from the magnification factor)"
        }
        SpacingSource::SourceDistances => {
            " (in the patient, estimated from the distances to the source)"
        }
        SpacingSource::GeometryCalibration => " (in the patient, corrected for magnification)",
        SpacingSource::FiducialCalibration => " (at the depth of a calibration object)",
        SpacingSource::UnstatedCalibration => " (in the patient, calibrated)",
        SpacingSource::UnstatedPixelSpacing => " (at the detector or in the patient)",
        SpacingSource::ObjectPixelSpacing => " (in the patient, at the centre of the beam)",
        SpacingSource::RtImagePlane => " (at the plane of the RT image)",
        SpacingSource::NominalScannedPixelSpacing => " (of the scanned film)",
        SpacingSource::UltrasoundRegion => " (in the ultrasound region)",
        SpacingSource::TiffResolution => " (from the file's resolution, which may be wrong)",
        _ => "",
    };
    let uneven = match grid.is_even() {
        true => "",
        false => " (the most frequent distance between slices; others differ)",
    };
    format!("{x_mm:.3} x {y_mm:.3}{along} mm{uneven}{source}")
}

fn planes(scan: &Scan) -> String {
    let names = SlicePlane::planes(scan.grid())
        .into_iter()
        .map(|plane| match plane {
            Plane::Stored => "as stored",
            Plane::Axial => "axial",
            Plane::Coronal => "coronal",
            Plane::Sagittal => "sagittal",
        });
    names.collect::<Vec<_>>().join(", ")
}

fn window(scan: &Scan) -> String {
    let window = scan.default_window();
    let numbers = scan.level_and_width(window);
    let numbers = numbers.map_or(String::new(), |(level, width)| {
        format!("level {level:.1}, width {width:.1} {}", scan.about.unit)
    });
    let kind = match window {
        Window::Stored => "as stored",
        Window::Percentiles => "automatic, ",
        Window::Sigmoid { .. } => "sigmoid, ",
        Window::Lut { .. } => "lookup table of the file",
        _ => "",
    };
    match window {
        Window::Stored => kind.to_owned(),
        _ => format!("{kind}{numbers}").trim_end().to_owned(),
    }
}
