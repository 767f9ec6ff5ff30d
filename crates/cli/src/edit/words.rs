//! Edits as words of the command line, such as `margin=3` or `within=-100:300`.

use boxel_segmenter::imaging::edit::{Connectivity, MinSize, ValueRange};
use boxel_segmenter::imaging::{EditStep, ImagePoint, Plane, StrokeKind};

/// An edit from the command line.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// One that needs no other segment.
    Step(EditStep),
    /// One with another segment, by its name or number.
    With(Combine, String),
}

/// How two segments are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    Union,
    Subtract,
    Intersect,
}

impl Combine {
    /// The edit with another object's number.
    pub fn step(self, object: u32) -> EditStep {
        match self {
            Combine::Union => EditStep::Union { object },
            Combine::Subtract => EditStep::Subtract { object },
            Combine::Intersect => EditStep::Intersect { object },
        }
    }
}

/// The forms of all edits, for the help and for errors.
pub const FORMS: &str = "\
Edits, in the order in which they are applied. Lengths are in mm. Slices, columns and rows are counted from 1, in a plane that
is axial, coronal, sagittal or stored. A range of values is LOW:HIGH, in the values' units; either end may be left out.

  interpolate[=PLANE[:SLICE,SLICE,...]]   fill the slices between those of the mask, or between the given ones, by their shape
  largest[=CONNECTED]                     keep the largest connected part
  islands=SIZE[:CONNECTED]                remove parts smaller than a number of voxels (50) or a volume (20mm3)
  holes[=PLANE]                           fill holes in the volume, or on each slice of a plane
  smooth=MM                               take the majority in a box of this half width
  margin=MM                               grow, or shrink by a negative number
  within=LOW:HIGH                         keep the voxels of the mask in a range of values
  threshold=LOW:HIGH                      replace the mask by all voxels in a range
  grow=COLUMN,ROW,SLICE:LOW:HIGH[:MM]     add the voxels that are connected with a stored voxel in a range, up to a distance
  paint=COLUMN,ROW,SLICE:MM[:LOW:HIGH]    add a sphere around a stored voxel, in a range if one is given
  erase=COLUMN,ROW,SLICE:MM[:LOW:HIGH]    remove a sphere, in the same way
  lasso=PLANE:SLICE:X,Y,X,Y,X,Y...        add what a polygon encloses on a slice, in pixels of the slice as it is shown
  cut=PLANE:SLICE:X,Y,X,Y,X,Y...          remove what a polygon encloses on a slice
  copy=PLANE:FROM:TO                      replace the mask on a slice by that on another one
  union=NAME, subtract=NAME, intersect=NAME   combine with another segment, by its name or number

CONNECTED is faces, edges or corners (the default). docs/editing.md says how each edit is computed.";

/// Reads an edit.
pub fn parse(text: &str) -> Result<Edit, String> {
    let (name, rest) = match text.split_once('=') {
        Some((name, rest)) => (name.trim(), Some(rest.trim())),
        None => (text.trim(), None),
    };
    let needed = |form: &str| {
        rest.filter(|rest| !rest.is_empty())
            .ok_or_else(|| format!("`{name}` needs more: {name}={form}"))
    };
    let step = match name {
        "interpolate" => interpolate(rest)?,
        "largest" => EditStep::Largest {
            connectivity: rest.map_or(Ok(Connectivity::Corners), connectivity)?,
        },
        "islands" => islands(needed("SIZE")?)?,
        "holes" => EditStep::FillHoles {
            plane: rest.map(plane).transpose()?,
        },
        "smooth" => EditStep::Smooth {
            radius_mm: number(needed("MM")?)?,
        },
        "margin" => EditStep::Margin {
            mm: number(needed("MM")?)?,
        },
        "within" => EditStep::ThresholdWithin {
            range: range(needed("LOW:HIGH")?)?,
        },
        "threshold" => EditStep::Threshold {
            range: range(needed("LOW:HIGH")?)?,
        },
        "grow" => grow(needed("COLUMN,ROW,SLICE:LOW:HIGH")?)?,
        "paint" => sphere(StrokeKind::Paint, needed("COLUMN,ROW,SLICE:MM")?)?,
        "erase" => sphere(StrokeKind::Erase, needed("COLUMN,ROW,SLICE:MM")?)?,
        "lasso" => lasso(StrokeKind::Paint, needed("PLANE:SLICE:X,Y,...")?)?,
        "cut" => lasso(StrokeKind::Erase, needed("PLANE:SLICE:X,Y,...")?)?,
        "copy" => copy(needed("PLANE:FROM:TO")?)?,
        "union" => return Ok(Edit::With(Combine::Union, needed("NAME")?.to_owned())),
        "subtract" => return Ok(Edit::With(Combine::Subtract, needed("NAME")?.to_owned())),
        "intersect" => return Ok(Edit::With(Combine::Intersect, needed("NAME")?.to_owned())),
        _ => {
            return Err(format!(
                "`{name}` is not an edit; `boxel edit --help` lists them"
            ));
        }
    };
    Ok(Edit::Step(step))
}

fn interpolate(rest: Option<&str>) -> Result<EditStep, String> {
    let (name, slices) = match rest.unwrap_or("stored").split_once(':') {
        Some((name, slices)) => (name, list(slices, slice)?),
        None => (rest.unwrap_or("stored"), Vec::new()),
    };
    Ok(EditStep::Interpolate {
        plane: plane(name)?,
        slices,
    })
}

fn islands(rest: &str) -> Result<EditStep, String> {
    let (size, rest) = match rest.split_once(':') {
        Some((size, rest)) => (size, connectivity(rest)?),
        None => (rest, Connectivity::Corners),
    };
    let min = match size.strip_suffix("mm3") {
        Some(mm3) => MinSize::Mm3(number(mm3)?),
        None => MinSize::Voxels(size.trim().parse().map_err(|_| {
            format!(
                "`{size}` is neither a number of voxels, such as 50, nor a volume, such as 20mm3"
            )
        })?),
    };
    Ok(EditStep::RemoveIslands {
        min,
        connectivity: rest,
    })
}

fn grow(rest: &str) -> Result<EditStep, String> {
    let parts: Vec<&str> = rest.split(':').collect();
    let (voxel, [low, high], mm) = match parts.as_slice() {
        [voxel, low, high] => (voxel, [low, high], None),
        [voxel, low, high, mm] => (voxel, [low, high], Some(number(mm)?)),
        _ => return Err(format!("`{rest}` is not COLUMN,ROW,SLICE:LOW:HIGH[:MM]")),
    };
    Ok(EditStep::Grow {
        voxel: triple(voxel, slice)?,
        range: ends(low, high)?,
        max_mm: mm,
    })
}

fn sphere(kind: StrokeKind, rest: &str) -> Result<EditStep, String> {
    let parts: Vec<&str> = rest.split(':').collect();
    let (voxel, mm, range) = match parts.as_slice() {
        [voxel, mm] => (voxel, mm, None),
        [voxel, mm, low, high] => (voxel, mm, Some(ends(low, high)?)),
        _ => return Err(format!("`{rest}` is not COLUMN,ROW,SLICE:MM[:LOW:HIGH]")),
    };
    Ok(EditStep::Sphere {
        kind,
        radius_mm: number(mm)?,
        // Counted from 1, and halves are between voxels.
        path: vec![triple(voxel, number)?.map(|at| at - 1.0)],
        range,
    })
}

fn lasso(kind: StrokeKind, rest: &str) -> Result<EditStep, String> {
    let wrong = || format!("`{rest}` is not PLANE:SLICE:X,Y,X,Y,X,Y...");
    let parts: Vec<&str> = rest.split(':').collect();
    let [name, at, points] = parts.as_slice() else {
        return Err(wrong());
    };
    let numbers = list(points, number)?;
    if numbers.len() < 6 || !numbers.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let point = |pair: &[f64]| ImagePoint {
        x: pair[0] as f32,
        y: pair[1] as f32,
    };
    Ok(EditStep::Lasso {
        plane: plane(name)?,
        slice: slice(at)?,
        kind,
        polygon: numbers.chunks_exact(2).map(point).collect(),
    })
}

fn copy(rest: &str) -> Result<EditStep, String> {
    let parts: Vec<&str> = rest.split(':').collect();
    match parts.as_slice() {
        [name, from, to] => Ok(EditStep::CopySlice {
            plane: plane(name)?,
            from: slice(from)?,
            to: slice(to)?,
        }),
        _ => Err(format!("`{rest}` is not PLANE:FROM:TO")),
    }
}

fn range(text: &str) -> Result<ValueRange, String> {
    let wrong = || format!("`{text}` is not LOW:HIGH; either end may be left out, such as 100:");
    let (low, high) = text.split_once(':').ok_or_else(wrong)?;
    ends(low, high)
}

fn ends(low: &str, high: &str) -> Result<ValueRange, String> {
    let end = |text: &str| match text.trim() {
        "" => Ok(None),
        text => number(text).map(Some),
    };
    Ok(ValueRange {
        low: end(low)?,
        high: end(high)?,
    })
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok();
    number
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("`{text}` is not a number"))
}

/// An index from a number that is counted from 1.
fn slice(text: &str) -> Result<u32, String> {
    let number = text.trim().parse::<u32>().ok();
    number
        .and_then(|number| number.checked_sub(1))
        .ok_or_else(|| format!("`{text}` is not a number from 1 on"))
}

fn list<T>(text: &str, one: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(one).collect()
}

fn triple<T>(text: &str, one: impl Fn(&str) -> Result<T, String>) -> Result<[T; 3], String> {
    let parts = list(text, one)?;
    let wrong = |_| format!("`{text}` is not COLUMN,ROW,SLICE");
    parts.try_into().map_err(wrong)
}

fn plane(text: &str) -> Result<Plane, String> {
    match text.trim() {
        "axial" => Ok(Plane::Axial),
        "coronal" => Ok(Plane::Coronal),
        "sagittal" => Ok(Plane::Sagittal),
        "stored" => Ok(Plane::Stored),
        _ => Err(format!(
            "`{text}` is not a plane: axial, coronal, sagittal or stored"
        )),
    }
}

fn connectivity(text: &str) -> Result<Connectivity, String> {
    match text.trim() {
        "faces" => Ok(Connectivity::Faces),
        "edges" => Ok(Connectivity::Edges),
        "corners" => Ok(Connectivity::Corners),
        _ => Err(format!("`{text}` is not faces, edges or corners")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recorded form of an edit.
    fn json(text: &str) -> String {
        match parse(text) {
            Ok(Edit::Step(step)) => serde_json::to_string(&step).unwrap(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_edit_has_words() {
        for (text, recorded) in [
            ("interpolate", r#"{"interpolate_v1":{"plane":"stored"}}"#),
            (
                "interpolate=axial:3,9",
                r#"{"interpolate_v1":{"plane":"axial","slices":[2,8]}}"#,
            ),
            ("largest", r#"{"largest_v1":{"connectivity":"corners"}}"#),
            (
                "largest=faces",
                r#"{"largest_v1":{"connectivity":"faces"}}"#,
            ),
            (
                "islands=50",
                r#"{"remove_islands_v1":{"min":{"voxels":50},"connectivity":"corners"}}"#,
            ),
            (
                "islands=2.5mm3:edges",
                r#"{"remove_islands_v1":{"min":{"mm3":2.5},"connectivity":"edges"}}"#,
            ),
            ("holes", r#"{"fill_holes_v1":{}}"#),
            ("holes=coronal", r#"{"fill_holes_v1":{"plane":"coronal"}}"#),
            ("smooth=3", r#"{"smooth_v1":{"radius_mm":3.0}}"#),
            ("margin=-2.5", r#"{"margin_v1":{"mm":-2.5}}"#),
            (
                "within=-100:300",
                r#"{"threshold_within_v1":{"range":{"low":-100.0,"high":300.0}}}"#,
            ),
            (
                "threshold=100:",
                r#"{"threshold_v1":{"range":{"low":100.0}}}"#,
            ),
            (
                "grow=4,5,6:-10:20:8",
                r#"{"grow_v1":{"voxel":[3,4,5],"range":{"low":-10.0,"high":20.0},"max_mm":8.0}}"#,
            ),
            (
                "paint=1,2,3:4",
                r#"{"sphere_v1":{"kind":"paint","radius_mm":4.0,"path":[[0.0,1.0,2.0]]}}"#,
            ),
            (
                "erase=1,2,3.5:4:0:",
                r#"{"sphere_v1":{"kind":"erase","radius_mm":4.0,"path":[[0.0,1.0,2.5]],"range":{"low":0.0}}}"#,
            ),
            (
                "cut=axial:2:0,0,4,0,4,4.5",
                r#"{"lasso_v1":{"plane":"axial","slice":1,"kind":"erase","polygon":[[0.0,0.0],[4.0,0.0],[4.0,4.5]]}}"#,
            ),
            (
                "copy=axial:4:5",
                r#"{"copy_slice_v1":{"plane":"axial","from":3,"to":4}}"#,
            ),
        ] {
            assert_eq!(json(text), recorded);
        }
        let with = |combine, name: &str| Ok(Edit::With(combine, name.to_owned()));
        assert_eq!(parse("union=Liver = 2"), with(Combine::Union, "Liver = 2"));
        assert_eq!(parse("subtract=3"), with(Combine::Subtract, "3"));
        assert_eq!(parse("intersect=3"), with(Combine::Intersect, "3"));
    }

    #[test]
    fn wrong_words_are_named() {
        for (text, said) in [
            ("", "is not an edit"),
            ("dilate=3", "`dilate` is not an edit"),
            ("margin", "margin=MM"),
            ("margin=x", "`x` is not a number"),
            ("margin=inf", "`inf` is not a number"),
            ("within=5", "LOW:HIGH"),
            ("islands=5ml", "5ml"),
            ("islands=-5", "-5"),
            ("holes=upper", "`upper` is not a plane"),
            ("largest=8", "faces, edges or corners"),
            ("interpolate=axial:0,4", "`0` is not a number from 1 on"),
            ("grow=1,2:0:1", "COLUMN,ROW,SLICE"),
            ("grow=1,2,3", "LOW:HIGH"),
            ("paint=1,2,3", "COLUMN,ROW,SLICE:MM"),
            ("lasso=axial:1:0,0,1", "X,Y"),
            ("lasso=axial:1:0,0,1,0", "X,Y"),
            ("copy=axial:1", "PLANE:FROM:TO"),
            ("union=", "union=NAME"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
