//! The axes of an NRRD: which of them are space, how long they are, and where they lie.

use super::header::{damaged, reading};
use super::nrrd::FORMAT;
use super::place::{AS_ITK, Place};
use super::words::numbers;
use crate::error::Error;
use crate::scan::{Affine, Note, length};

/// `NRRD_DIM_MAX` and `NRRD_SPACE_DIM_MAX` of teem.
const MAX_AXES: usize = 16;
const MAX_SPACE: usize = 8;

/// What the header says of the axes, field by field.
#[derive(Default)]
pub(super) struct Axes {
    dimension: usize,
    sizes: Vec<u64>,
    kinds: Vec<String>,
    spacings: Vec<f64>,
    mins: Vec<f64>,
    centers: Vec<String>,
    units: Vec<String>,
    space: Space,
    /// `None` for an axis that isn't in the space.
    directions: Vec<Option<Vec<f64>>>,
    origin: Option<Vec<f64>>,
    space_units: Vec<String>,
}

/// The space that directions and origin are given in.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Space {
    #[default]
    None,
    /// The factors of its axes towards left, back and head.
    Patient([f64; 3]),
    /// Of so many dimensions, without a name of the patient's.
    Other(usize),
}

/// What the axes come to.
pub(super) struct Shape {
    pub size: Vec<u64>,
    /// Numbers of a voxel, and volumes.
    pub channels: u64,
    pub volumes: u64,
    pub may_be_colours: bool,
    pub place: Place,
    pub notes: Vec<Note>,
}

impl Axes {
    /// Takes a field, whose name is in small letters without spaces; others are left out.
    pub fn set(&mut self, field: &str, value: &str) -> Result<(), Error> {
        let wrong = || damaged(FORMAT, format!("its {field} can't be: {value}"));
        match field {
            "dimension" => {
                let count = value
                    .parse()
                    .ok()
                    .filter(|count| (1..=MAX_AXES).contains(count));
                self.dimension = count.ok_or_else(wrong)?;
            }
            "sizes" => self.sizes = numbers(value, MAX_AXES).ok_or_else(wrong)?,
            "spacings" => self.spacings = numbers(value, MAX_AXES).ok_or_else(wrong)?,
            "axismins" => self.mins = numbers(value, MAX_AXES).ok_or_else(wrong)?,
            "kinds" => self.kinds = words(value),
            "centers" | "centerings" => self.centers = words(value),
            "units" => self.units = quoted(value),
            "spaceunits" => self.space_units = quoted(value),
            "space" => self.space = space(value).ok_or_else(wrong)?,
            "spacedimension" => {
                let count = value
                    .parse()
                    .ok()
                    .filter(|count| (1..=MAX_SPACE).contains(count));
                self.space = Space::Other(count.ok_or_else(wrong)?);
            }
            "spaceorigin" => {
                let vectors = vectors(value).ok_or_else(wrong)?;
                self.origin = vectors.into_iter().next().flatten();
            }
            "spacedirections" => self.directions = vectors(value).ok_or_else(wrong)?,
            _ => {}
        }
        Ok(())
    }

    /// Which axes are space, and what the others are.
    pub fn shape(&mut self) -> Result<Shape, Error> {
        let count = self.dimension;
        if count == 0 || self.sizes.len() != count {
            let reason = format!(
                "it has {count} dimensions, and the sizes of {}",
                self.sizes.len()
            );
            return Err(damaged(FORMAT, reason));
        }
        if !self.directions.is_empty() && self.directions.len() != count {
            let reason = format!(
                "it has {count} dimensions, and the directions of {}",
                self.directions.len()
            );
            return Err(damaged(FORMAT, reason));
        }
        let mut grid: Vec<usize> = (0..count).filter(|&axis| self.is_space(axis)).collect();
        if grid.is_empty() {
            grid = (0..count).collect();
        }
        grid.truncate(3);
        let (first, last) = (grid[0], grid[grid.len() - 1]);
        if last - first + 1 != grid.len() {
            return Err(Error::Unsupported {
                what: "an NRRD file whose axes of space are not next to each other".to_owned(),
            });
        }
        let product = |axes: std::ops::Range<usize>| {
            let sizes = self.sizes.get(axes).unwrap_or_default();
            sizes
                .iter()
                .try_fold(1u64, |all, &side| all.checked_mul(side))
        };
        let too_many = || damaged(FORMAT, "its dimensions make more volumes than can be");
        let mut notes = Vec::new();
        let place = self.place(&grid, &mut notes);
        Ok(Shape {
            size: grid.iter().map(|&axis| self.sizes[axis]).collect(),
            channels: product(0..first).ok_or_else(too_many)?,
            volumes: product(last + 1..count).ok_or_else(too_many)?,
            may_be_colours: first == 1 && self.kind(0) != "list",
            place,
            notes,
        })
    }

    fn kind(&self, axis: usize) -> &str {
        self.kinds.get(axis).map_or("", String::as_str)
    }

    /// An axis with a direction, or of a kind that is space; without both, one with a spacing.
    fn is_space(&self, axis: usize) -> bool {
        match self.directions.get(axis) {
            Some(direction) => direction.is_some(),
            None => {
                let is_spaced = self.spacings.get(axis).is_none_or(|mm| !mm.is_nan());
                match self.kind(axis) {
                    "domain" | "space" => true,
                    "" | "???" | "none" => is_spaced,
                    _ => false,
                }
            }
        }
    }

    fn place(&self, grid: &[usize], notes: &mut Vec<Note>) -> Place {
        match self.directions.is_empty() {
            true => self.spaced(grid, notes),
            false => self.directed(grid, notes),
        }
    }

    /// By directions and origin.
    fn directed(&self, grid: &[usize], notes: &mut Vec<Note>) -> Place {
        let mm = mm_per_unit(&self.space_units, notes);
        let of_axis = |axis: &usize| self.directions.get(*axis)?.as_deref();
        let directions: Option<Vec<&[f64]>> = grid.iter().map(of_axis).collect();
        let Some(directions) = directions else {
            return Place::Unknown;
        };
        let dimensions = match self.space {
            Space::Patient(_) => 3,
            Space::Other(count) => count,
            Space::None => directions.first().map_or(0, |direction| direction.len()),
        };
        if dimensions < 3 {
            let size = |axis: usize| {
                let [x, y] = *directions.get(axis)?.first_chunk()?;
                Some(length([x, y, 0.0]) * mm)
            };
            return match [size(0), size(1)] {
                [Some(x), Some(y)] => Place::Size([x, y]),
                _ => Place::Unknown,
            };
        }
        let signs = match self.space {
            Space::Patient(signs) => signs,
            _ => [1.0; 3],
        };
        let turned = |vector: &[f64]| -> Option<[f64; 3]> {
            let vector: &[f64; 3] = vector.first_chunk()?;
            Some([0, 1, 2].map(|axis| vector[axis] * signs[axis] * mm))
        };
        let axes: Option<Vec<[f64; 3]>> = directions.into_iter().map(turned).collect();
        let origin = self.origin.as_deref().unwrap_or(&[0.0; 3]);
        let affine = axes
            .zip(turned(origin))
            .and_then(|(axes, origin)| Place::of_axes(&axes, origin));
        match (affine, self.space) {
            (Some(affine), Space::Patient(_)) => Place::Patient(affine),
            (Some(affine), _) => Place::Assumed(affine, AS_ITK),
            (None, _) => Place::Unknown,
        }
    }

    /// By the distance of voxels along each axis.
    fn spaced(&self, grid: &[usize], notes: &mut Vec<Note>) -> Place {
        let units: Vec<String> = grid
            .iter()
            .filter_map(|&axis| self.units.get(axis).cloned())
            .collect();
        let mm = mm_per_unit(&units, notes);
        let spacing = |axis: &usize| self.spacings.get(*axis).map(|spacing| spacing * mm);
        let Some(spacing) = grid.iter().map(spacing).collect::<Option<Vec<f64>>>() else {
            return Place::Unknown;
        };
        let start = |(axis, spacing): (&usize, &f64)| {
            let min = self.mins.get(*axis).filter(|min| min.is_finite())? * mm;
            let is_node = self
                .centers
                .get(*axis)
                .is_some_and(|center| center == "node");
            Some(if is_node { min } else { min + spacing / 2.0 })
        };
        let starts: Option<Vec<f64>> = grid.iter().zip(&spacing).map(start).collect();
        let starts = starts.unwrap_or_default();
        let start = |axis: usize| starts.get(axis).copied().unwrap_or(0.0);
        match *spacing.as_slice() {
            [x, y, z] => {
                let rows = [
                    [x, 0.0, 0.0, start(0)],
                    [0.0, y, 0.0, start(1)],
                    [0.0, 0.0, z, start(2)],
                ];
                Place::Assumed(Affine(rows), AS_ITK)
            }
            [x, y] => Place::Size([x.abs(), y.abs()]),
            _ => Place::Unknown,
        }
    }
}

/// The names of spaces, of which the last may be a time.
fn space(value: &str) -> Option<Space> {
    let name = value.to_ascii_lowercase();
    let name = name.strip_suffix("-time").unwrap_or(&name);
    Some(match name {
        "right-anterior-superior" | "ras" | "rast" => Space::Patient([-1.0, -1.0, 1.0]),
        "left-anterior-superior" | "las" | "last" => Space::Patient([1.0, -1.0, 1.0]),
        "left-posterior-superior" | "lps" | "lpst" => Space::Patient([1.0, 1.0, 1.0]),
        "scanner-xyz" | "3d-right-handed" | "3d-left-handed" => Space::Other(3),
        _ => return None,
    })
}

fn words(value: &str) -> Vec<String> {
    value
        .split_whitespace()
        .take(MAX_AXES)
        .map(str::to_ascii_lowercase)
        .collect()
}

/// Words in quotes, or without.
fn quoted(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = value.trim();
    while !rest.is_empty() && words.len() < MAX_AXES {
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (word, behind) = match quoted {
            Some(quoted) => quoted,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    words
}

/// Vectors such as `(1,0,0) none (0,1,0)`.
fn vectors(value: &str) -> Option<Vec<Option<Vec<f64>>>> {
    let mut vectors = Vec::new();
    let mut rest = value.trim_start();
    while !rest.is_empty() && vectors.len() < MAX_AXES {
        if let Some(behind) = rest.strip_prefix("none") {
            vectors.push(None);
            rest = behind.trim_start();
            continue;
        }
        let (inside, behind) = rest.strip_prefix('(')?.split_once(')')?;
        let mut vector = Vec::new();
        for number in inside.split(',').take(MAX_SPACE) {
            vector.push(number.trim().parse().ok()?);
        }
        vectors.push(Some(vector));
        rest = behind.trim_start();
    }
    Some(vectors)
}

/// Millimetres of the unit, if all axes have the same one and it is known; otherwise 1.
fn mm_per_unit(units: &[String], notes: &mut Vec<Note>) -> f64 {
    let Some(unit) = units.first() else {
        return 1.0;
    };
    let is_same = units.iter().take(3).all(|other| other == unit);
    let mm = match unit.to_lowercase().as_str() {
        "mm" | "millimeter" | "millimeters" | "" | "???" => return 1.0,
        "cm" | "centimeter" | "centimeters" => 10.0,
        "m" | "meter" | "meters" => 1000.0,
        "um" | "µm" | "μm" | "micron" | "microns" | "micrometer" | "micrometers" => 0.001,
        _ => 0.0,
    };
    if mm > 0.0 && is_same {
        return mm;
    }
    notes.push(reading(
        "the unit of lengths is not known; they are taken as mm",
    ));
    1.0
}
