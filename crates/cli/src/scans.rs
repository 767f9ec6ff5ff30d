//! Opens scans from files and folders, and selects a slice.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use boxel_segmenter::imaging::{
    Choice, Limits, NamedFile, PRESETS, Plane, Scan, SlicePlane, Window, names_of_parts,
    open_choice, survey,
};
use boxel_segmenter::{Rendering, scan_key};
use clap::ValueEnum;

use crate::read;

/// Selects one of several scans.
#[derive(Debug, Clone, clap::Args)]
pub struct ChoiceArguments {
    /// The number of the scan, counted from 1, if a folder has several series or a file several volumes.
    #[arg(long, value_name = "NUMBER")]
    choice: Option<usize>,
}

/// Selects the slice and its window.
#[derive(Debug, Clone, clap::Args)]
pub struct SliceArguments {
    /// The plane. The default is the plane that the slices were acquired in.
    #[arg(long, value_enum)]
    plane: Option<PlaneName>,
    /// The slice, counted from 1. The default is the middle slice.
    #[arg(long, value_name = "NUMBER")]
    slice: Option<u32>,
    /// The window: level and width in the values' units, such as `40,400`, or `soft-tissue`, `lung`, `bone`, `brain`,
    /// `liver`, `mediastinum`, `auto`. The default is the file's own window; without one, `soft-tissue` for a CT and for
    /// values that look like a CT, and `auto` for other scans of more than 8 bits.
    #[arg(long, value_parser = parse_window)]
    window: Option<Window>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PlaneName {
    Axial,
    Coronal,
    Sagittal,
    /// As stored in the file.
    Stored,
}

/// The files of a path: the file itself with those that its header names, or all files in the folder and its subfolders.
pub fn files(path: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut paths = Vec::new();
    let mut folders = vec![path.to_owned()];
    if path.is_file() {
        paths.push(folders.remove(0));
        paths.extend(parts(path)?);
    }
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder);
        let entries = entries.with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path: PathBuf = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => paths.push(path),
            }
        }
    }
    paths.sort();
    paths.dedup();
    ensure!(!paths.is_empty(), "{} contains no files", path.display());
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok((name.into_owned(), read(&path)?))
    };
    paths.into_iter().map(named).collect()
}

/// The files that a header names, such as those of an `.mhd`, if they are next to it or in a folder there: no header reads
/// files elsewhere.
fn parts(header: &Path) -> Result<Vec<PathBuf>> {
    const MAX_HEADER: u64 = 1 << 20;
    let mut start = Vec::new();
    let file = File::open(header).with_context(|| format!("cannot read {}", header.display()))?;
    file.take(MAX_HEADER).read_to_end(&mut start)?;
    let folder = header.parent().unwrap_or(Path::new(""));
    let is_near = |name: &String| {
        let mut parts = Path::new(name).components();
        parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    };
    let names = names_of_parts(&start).into_iter().filter(is_near);
    let paths = names.map(|name| folder.join(name));
    Ok(paths.filter(|path| path.is_file()).collect())
}

/// Files in the form that the imaging crate reads.
pub fn named(files: &[(String, Vec<u8>)]) -> Vec<NamedFile<'_>> {
    let files = files.iter();
    files
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect()
}

/// Opens the only scan of a path, or the selected one.
pub fn open(path: &Path, which: &ChoiceArguments) -> Result<Scan> {
    Ok(open_with_key(path, which)?.0)
}

/// Opens a scan and computes its key.
pub fn open_with_key(path: &Path, which: &ChoiceArguments) -> Result<(Scan, String)> {
    let files = files(path)?;
    let key = |choice| scan_key(files.iter().map(|(_, bytes)| bytes.as_slice()), choice);
    let files = named(&files);
    let choices = survey(&files, &Limits::default());
    let choices = choices.with_context(|| format!("{}", path.display()))?;
    let choice = choose(&choices, which).with_context(|| format!("{}", path.display()))?;
    let scan = open_choice(&files, choice, &Limits::default());
    let scan = scan.with_context(|| format!("{}", path.display()))?;
    let index = which.choice.map_or(0, |number| number.saturating_sub(1));
    Ok((scan, key(index)))
}

fn choose<'a>(choices: &'a [Choice], which: &ChoiceArguments) -> Result<&'a Choice> {
    match (choices, which.choice) {
        ([only], None) => Ok(only),
        (several, None) => bail!(
            "there are several scans; select one with --choice\n{}",
            list(several)
        ),
        (choices, Some(number)) => number
            .checked_sub(1)
            .and_then(|index| choices.get(index))
            .with_context(|| format!("scan {number} does not exist\n{}", list(choices))),
    }
}

/// The choices as numbered lines.
pub fn list(choices: &[Choice]) -> String {
    let lines = choices.iter().enumerate();
    let lines = lines.map(|(index, choice)| format!("  {}: {}", index + 1, choice.label));
    lines.collect::<Vec<_>>().join("\n")
}

impl SliceArguments {
    /// The selected slice of a scan in its window.
    pub fn rendering(&self, scan: &Scan) -> Result<Rendering> {
        let plane = match self.plane {
            None => SlicePlane::first(scan.grid()).plane(),
            Some(PlaneName::Axial) => Plane::Axial,
            Some(PlaneName::Coronal) => Plane::Coronal,
            Some(PlaneName::Sagittal) => Plane::Sagittal,
            Some(PlaneName::Stored) => Plane::Stored,
        };
        let slice_plane = SlicePlane::new(scan.grid(), plane);
        ensure!(
            slice_plane.plane() == plane,
            "the position of this scan in the patient is unknown, so it has no such plane"
        );
        let count = slice_plane.slices();
        let slice = self.slice.unwrap_or(count / 2 + 1);
        ensure!(
            (1..=count).contains(&slice),
            "slice {slice} does not exist: there are {count}, counted from 1"
        );
        Ok(Rendering {
            plane,
            slice: slice - 1,
            window: self.window.unwrap_or(scan.default_window()),
        })
    }
}

fn parse_window(text: &str) -> Result<Window, String> {
    if text == "auto" {
        return Ok(Window::Percentiles);
    }
    let spelled = |name: &str| name.to_lowercase().replace(' ', "-");
    if let Some(preset) = PRESETS.iter().find(|preset| spelled(preset.name) == text) {
        return Ok(preset.window());
    }
    let wrong =
        || format!("`{text}` is neither LEVEL,WIDTH with a width above 0 nor the name of a window");
    let numbers = text.split(',').map(|part| part.trim().parse::<f64>());
    let numbers: Result<Vec<f64>, _> = numbers.collect();
    match numbers.map_err(|_| wrong())?.as_slice() {
        [level, width] if level.is_finite() && width.is_finite() && *width > 0.0 => {
            Ok(Window::Linear {
                level: *level,
                width: *width,
            })
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_a_name_or_two_numbers() {
        let (level, width) = (-600.0, 1500.0);
        assert_eq!(parse_window("lung"), Ok(Window::Linear { level, width }));
        assert_eq!(parse_window("-600, 1500"), parse_window("lung"));
        assert!(parse_window("soft-tissue").is_ok());
        for wrong in ["", "40", "40,0", "40,-1", "40,nan", "skin"] {
            assert!(parse_window(wrong).is_err(), "{wrong}");
        }
    }
}
