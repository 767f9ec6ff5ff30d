//! Measures as a table (RFC 4180).

use serde::Serialize;

use super::{Labelled, on_grid};
use crate::error::Error;
use crate::measure::{Axis, SliceMeasures, Statistics, measure_slice, measure_volume};
use crate::scan::{Scan, View};

const HEADER: [&str; 19] = [
    "object",
    "label",
    "extent",
    "plane",
    "slice",
    "area_px",
    "area_mm2",
    "long_axis_px",
    "long_axis_mm",
    "short_axis_px",
    "short_axis_mm",
    "voxels",
    "volume_ml",
    "mean",
    "sd",
    "min",
    "max",
    "unit",
    "spacing_source",
];

/// What is measured of each object: a row for each slice of a view that it reaches into, and in a volume
/// one for all of it, whose diameters are those of the slice with the longest.
///
/// `object` counts the objects and `slice` the slices, from 1; `extent` is `slice` or `volume`;
/// `mean` to `max` are in `unit`, and `spacing_source` is where mm come from. Cells of what isn't known
/// are empty.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid.
pub fn measures_csv(scan: &Scan, view: &View, objects: &[Labelled<'_>]) -> Result<String, Error> {
    on_grid(scan.grid(), objects)?;
    let mut table = String::new();
    push_row(&mut table, &HEADER.map(str::to_owned));
    for (number, object) in (1..).zip(objects) {
        let row = Row {
            object: number,
            label: object.name,
            plane: name_of(view.plane()),
            unit: &scan.about.unit,
        };
        let volume = measure_volume(scan, view, object.mask)?;
        let is_image = view.slices() == 1;
        let slices = if is_image { &[0][..] } else { &volume.slices };
        for &slice in slices {
            let mask = object.mask.slice(view, slice);
            let measures = measure_slice(scan, view, slice, &mask)?;
            push_row(&mut table, &row.of_slice(slice, &measures));
        }
        if scan.grid().is_volume() {
            let [voxels, volume_ml] = [Some(volume.voxels as f64), volume.volume_ml].map(number_of);
            let longest = volume.longest.map(|(_, measures)| measures);
            let cells = Cells {
                extent: "volume",
                voxels,
                volume_ml,
                ..Cells::default()
            };
            push_row(
                &mut table,
                &row.cells(cells, longest.as_ref(), volume.values),
            );
        }
    }
    Ok(table)
}

/// What the rows of an object share.
struct Row<'a> {
    object: u32,
    label: &'a str,
    plane: String,
    unit: &'a str,
}

/// What differs between rows of slices and of volumes.
#[derive(Default)]
struct Cells {
    extent: &'static str,
    slice: String,
    area_px: String,
    area_mm2: String,
    voxels: String,
    volume_ml: String,
}

impl Row<'_> {
    fn of_slice(&self, slice: u32, measures: &SliceMeasures) -> [String; HEADER.len()] {
        let cells = Cells {
            extent: "slice",
            slice: (slice + 1).to_string(),
            area_px: measures.area_px.to_string(),
            area_mm2: number_of(measures.area_mm2),
            ..Cells::default()
        };
        self.cells(cells, Some(measures), measures.values)
    }

    fn cells(
        &self,
        cells: Cells,
        diameters: Option<&SliceMeasures>,
        values: Option<Statistics>,
    ) -> [String; HEADER.len()] {
        let long = diameters.and_then(|measures| measures.long_axis);
        let short = diameters.and_then(|measures| measures.short_axis);
        let px = |axis: Option<Axis>| number_of(axis.map(|axis| axis.length_px));
        let mm = |axis: Option<Axis>| number_of(axis.and_then(|axis| axis.length_mm));
        let value = |of: fn(Statistics) -> f64| number_of(values.map(of));
        let source = diameters.and_then(|measures| measures.spacing);
        [
            self.object.to_string(),
            text(self.label),
            cells.extent.to_owned(),
            self.plane.clone(),
            cells.slice,
            cells.area_px,
            cells.area_mm2,
            px(long),
            mm(long),
            px(short),
            mm(short),
            cells.voxels,
            cells.volume_ml,
            value(|of| of.mean),
            value(|of| of.sd),
            value(|of| of.min),
            value(|of| of.max),
            text(self.unit),
            source.map(name_of).unwrap_or_default(),
        ]
    }
}

fn push_row(table: &mut String, cells: &[String]) {
    table.push_str(&cells.join(","));
    table.push_str("\r\n");
}

/// Nine digits: more than any spacing has, and few enough that no error of rounding is seen.
fn number_of(value: Option<f64>) -> String {
    let rounded = value.and_then(|x| format!("{x:.8e}").parse::<f64>().ok());
    rounded.map(|x| x.to_string()).unwrap_or_default()
}

/// A cell of text. A spreadsheet would take one that begins like a formula for one and run it: an
/// apostrophe before it keeps it text (OWASP, CSV Injection).
fn text(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    match cell.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{guard}{}\"", cell.replace('"', "\"\"")),
        false => format!("{guard}{cell}"),
    }
}

/// The name that a value goes by in all our files.
fn name_of(value: impl Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    let name = name.as_ref().and_then(|name| name.as_str());
    name.unwrap_or_default().to_owned()
}
