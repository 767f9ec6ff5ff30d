//! Outlines as SVG paths.

use std::fmt::Write;

use super::outline::outlines;
use super::{Labelled, on_grid};
use crate::error::Error;
use crate::scan::{Grid, SlicePlane};

/// The name of SVG's elements, which nothing is fetched from.
const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// The objects on a slice of a view, which must be within it: a path for each, along the edges of its
/// pixels, with holes (even-odd). A unit is a pixel of the view, and the origin the outer corner of the top
/// left one.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid.
pub fn outlines_svg(
    grid: &Grid,
    view: &SlicePlane,
    slice: u32,
    objects: &[Labelled<'_>],
) -> Result<String, Error> {
    on_grid(grid, objects)?;
    let (width, height) = (view.size().width, view.size().height);
    let mut svg = format!(
        "<svg xmlns=\"{NAMESPACE}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\">\n"
    );
    for object in objects {
        let path = path(&outlines(&object.mask.slice(view, slice)));
        if path.is_empty() {
            continue;
        }
        let [red, green, blue] = object.colour;
        let title = escaped(object.name);
        // Writing to a string can't fail.
        let _ = writeln!(
            svg,
            "<path fill=\"#{red:02x}{green:02x}{blue:02x}\" fill-opacity=\"0.6\" \
             fill-rule=\"evenodd\" d=\"{path}\"><title>{title}</title></path>"
        );
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// `M x y`, then along and down by turns, and back.
fn path(outlines: &[Vec<[u32; 2]>]) -> String {
    let mut path = String::new();
    for outline in outlines {
        let mut from: Option<[u32; 2]> = None;
        for &[x, y] in outline {
            let _ = match from {
                None => write!(path, "M{x} {y}"),
                Some([_, before]) if before == y => write!(path, "H{x}"),
                Some(_) => write!(path, "V{y}"),
            };
            from = Some([x, y]);
        }
        path.push('Z');
    }
    path
}

/// Text for XML 1.0, which has no control characters but those of lines.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    out
}
