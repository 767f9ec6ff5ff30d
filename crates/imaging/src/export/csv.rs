//! Measures as a table (RFC 4180).

use serde::Serialize;

use super::{Labelled, on_grid};
use crate::error::Error;
use crate::measure::{Axis, SliceMeasures, Statistics, measure_slice, measure_volume};
use crate::scan::{Scan, SlicePlane};

const HEADER: [&str; 41] = [
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
    "size_of",
    "axes_slice",
    "long_axis_x0_px",
    "long_axis_y0_px",
    "long_axis_x1_px",
    "long_axis_y1_px",
    "short_axis_x0_px",
    "short_axis_y0_px",
    "short_axis_x1_px",
    "short_axis_y1_px",
    "long_axis_x0_mm",
    "long_axis_y0_mm",
    "long_axis_z0_mm",
    "long_axis_x1_mm",
    "long_axis_y1_mm",
    "long_axis_z1_mm",
    "short_axis_x0_mm",
    "short_axis_y0_mm",
    "short_axis_z0_mm",
    "short_axis_x1_mm",
    "short_axis_y1_mm",
    "short_axis_z1_mm",
];

/// Writes the measures of the objects: a row for each slice of a plane that an object reaches, and in a volume
/// another row for the whole object, with the diameters of the slice with the longest one.
///
/// `object` and `slice` are counted from 1; `extent` is `slice` or `volume`; `mean` to `max` are in `unit`.
/// `long_axis_px` and `short_axis_px` are in pixel widths. `spacing_source` is the source of the pixel size, and
/// `size_of` the object that lengths refer to: `object`, `object_estimated`, `detector`, `image_plane`, `film` or
/// `unstated`. The ends of both axes lie on slice `axes_slice`, in image space (`…_px`, where the centre of the first
/// pixel is at 0.5) and in patient space (`…_mm`; x to the left, y to the back, z to the head). Cells without a known
/// value are empty.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid.
pub fn measures_csv(
    scan: &Scan,
    slice_plane: &SlicePlane,
    objects: &[Labelled<'_>],
) -> Result<String, Error> {
    on_grid(scan.grid(), objects)?;
    let mut table = String::new();
    push_row(&mut table, &HEADER.map(str::to_owned));
    for (number, object) in (1..).zip(objects) {
        let row = Row {
            object: number,
            label: object.name,
            plane: name_of(slice_plane.plane()),
            unit: &scan.about.unit,
        };
        let volume = measure_volume(scan, slice_plane, object.mask)?;
        let is_image = slice_plane.slices() == 1;
        let slices = if is_image { &[0][..] } else { &volume.slices };
        for &slice in slices {
            let mask = object.mask.slice(slice_plane, slice);
            let measures = measure_slice(scan, slice_plane, slice, &mask)?;
            push_row(&mut table, &row.of_slice(slice, &measures));
        }
        if scan.grid().is_volume() {
            let [voxels, volume_ml] = [Some(volume.voxels as f64), volume.volume_ml].map(number_of);
            let (axes_slice, longest) = volume.longest.unzip();
            let cells = Cells {
                extent: "volume",
                axes_slice,
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

/// The columns shared by all rows of an object.
struct Row<'a> {
    object: u32,
    label: &'a str,
    plane: String,
    unit: &'a str,
}

/// The columns that differ between rows for slices and for volumes.
#[derive(Default)]
struct Cells {
    extent: &'static str,
    slice: String,
    /// Counted from 0.
    axes_slice: Option<u32>,
    area_px: String,
    area_mm2: String,
    voxels: String,
    volume_ml: String,
}

impl Row<'_> {
    fn of_slice(&self, slice: u32, measures: &SliceMeasures) -> Vec<String> {
        let cells = Cells {
            extent: "slice",
            slice: (slice + 1).to_string(),
            axes_slice: measures.long_axis.map(|_| slice),
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
    ) -> Vec<String> {
        let long = diameters.and_then(|measures| measures.long_axis);
        let short = diameters.and_then(|measures| measures.short_axis);
        let px = |axis: Option<Axis>| number_of(axis.map(|axis| axis.length_px));
        let mm = |axis: Option<Axis>| number_of(axis.and_then(|axis| axis.length_mm));
        let value = |of: fn(Statistics) -> f64| number_of(values.map(of));
        let source = diameters.and_then(|measures| measures.spacing);
        let axes_slice = cells.axes_slice.map(|slice| (slice + 1).to_string());
        let mut row = vec![
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
            source
                .map(|source| name_of(source.size_of()))
                .unwrap_or_default(),
            axes_slice.unwrap_or_default(),
        ];
        let axes = [long, short];
        let in_image = |axis: Axis| axis.ends.map(|end| [end.x, end.y].map(f64::from));
        for axis in axes {
            row.extend(coordinates(axis.map(in_image)));
        }
        for axis in axes {
            row.extend(coordinates(axis.and_then(|axis| axis.patient_mm)));
        }
        row
    }
}

/// Two points with four decimals, the precision of single precision numbers.
fn coordinates<const N: usize>(points: Option<[[f64; N]; 2]>) -> Vec<String> {
    let Some(points) = points else {
        return vec![String::new(); 2 * N];
    };
    let rounded = points
        .as_flattened()
        .iter()
        .map(|x| (x * 1e4).round() / 1e4);
    // Adding 0 turns −0 into 0.
    rounded.map(|x| (x + 0.0).to_string()).collect()
}

fn push_row(table: &mut String, cells: &[String]) {
    table.push_str(&cells.join(","));
    table.push_str("\r\n");
}

/// A number with nine digits: more than any spacing has, and few enough to hide rounding errors.
fn number_of(value: Option<f64>) -> String {
    let rounded = value.and_then(|x| format!("{x:.8e}").parse::<f64>().ok());
    rounded.map(|x| x.to_string()).unwrap_or_default()
}

/// A text cell. Spreadsheets run cells that begin like a formula, so an apostrophe is put before them (OWASP, CSV
/// Injection).
fn text(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    match cell.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{guard}{}\"", cell.replace('"', "\"\"")),
        false => format!("{guard}{cell}"),
    }
}

/// The name of a value, as in all exported files.
fn name_of(value: impl Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    let name = name.as_ref().and_then(|name| name.as_str());
    name.unwrap_or_default().to_owned()
}
