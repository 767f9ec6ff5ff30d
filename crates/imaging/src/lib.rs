//! Opens scans, prepares them for a model and turns its logits back into masks.
//!
//! This crate handles pixels. It has no tensors, no browser and no paths: input and output are bytes, and everything in
//! between is a plain vector. Data flows through the modules in this order:
//!
//! | step | from | to |
//! |---|---|---|
//! | [`survey`], [`open_choice`] | bytes of files | [`Scan`]: values on a [`Grid`] |
//! | [`Scan::render`] | [`Scan`], [`SlicePlane`], [`Window`] | [`RgbImage8`], `[H, W, 3]` in `[0, 255]` |
//! | [`prepare`] | [`RgbImage8`], [`Recipe`] | [`Prepared`]: input `[3, side, side]` and [`Placement`] |
//! | the model | input, [`ModelBox`], [`ModelPoint`] | logits, `[256, 256]` in most recipes |
//! | [`restore`] | logits, [`Recipe`], [`Placement`] | [`Probability`], `[H, W]` in `[0, 1]` |
//! | [`Probability::mask`] | [`Probability`] | [`Mask`], `[H, W]` of 0 and 1 |
//! | [`measure`] | [`Scan`], [`Mask`], [`VolumeMask`] | areas, diameters, volumes, statistics |
//! | [`edit`] | [`VolumeMask`], [`Scan`] | [`VolumeMask`]: interpolated, cleaned, smoothed, grown |
//! | [`export`] | [`VolumeMask`], [`Mask`], [`Probability`] | bytes of NIfTI, DICOM SEG, PNG, COCO, NPZ, CSV and SVG files |
//!
//! `side` is 256 for LiteMedSAM and 1024 for SAM and MedSAM; the [`Recipe`] decides.
//!
//! Boxes and points are set in image space, and the model takes them in model space. [`Placement::model_from_image`]
//! converts boxes, and [`Placement::model_from_image_point`] points. Both spaces have their origin at the outer
//! corner of the top left pixel, so the centre of that pixel is (0.5, 0.5).
//!
//! # Example
//!
//! ```
//! use boxel_imaging::{
//!     ImageBox, Limits, Probability, Recipe, RgbImage8, SlicePlane, export, open, prepare, restore,
//! };
//!
//! # fn main() -> Result<(), boxel_imaging::Error> {
//! # let file = export::rgb_png(&RgbImage8::new(775, 522, vec![90; 775 * 522 * 3])?)?;
//! let scan = open(&file, &Limits::default())?;
//! let plane = SlicePlane::first(scan.grid());
//! let image = scan.render(&plane, 0, scan.default_window());
//! let prepared = prepare(Recipe::LiteMedSam, &image);
//! assert_eq!(prepared.input.len(), 3 * 256 * 256);
//!
//! let drawn = ImageBox { x0: 380.0, y0: 130.0, x1: 580.0, y1: 330.0 };
//! let drawn = drawn.checked(image.width(), image.height())?;
//! let model_box = prepared.placement.model_from_image(drawn);
//! assert_eq!(model_box.x0, 125.0); // 380 · 256 / 775, truncated
//!
//! let logits = vec![-1.0; 256 * 256]; // the model's output for `input` and `model_box`
//! let probability = restore(Recipe::LiteMedSam, &logits, &prepared.placement)?;
//! let mask = probability.mask(Probability::THRESHOLD);
//! assert_eq!(mask.area_px(), 0);
//! let png = export::mask_png(&mask)?;
//! # assert!(png.starts_with(b"\x89PNG"));
//! # Ok(())
//! # }
//! ```

pub mod edit;
mod error;
pub mod export;
mod format;
mod mask;
pub mod measure;
mod nifti;
mod open;
mod prepare;
mod propagation;
mod render;
mod restore;
mod scan;
mod space;
mod window;

pub use edit::EditStep;
pub use error::Error;
pub use format::Format;
pub use mask::{Bounds, Mask, Stroke, StrokeKind, VolumeMask, labels, mask_of_label};
pub use measure::Agreement;
pub use open::{
    Choice, Limits, Link, NamedFile, ScanPlace, Segment, are_segmentations, detect, names_of_parts,
    open, open_choice, open_reference, open_segments, survey,
};
pub use prepare::{Prepared, Recipe, prepare, prepare_sam2_at};
pub use propagation::{
    GreyLevels, Judgement, PropagationLimits, PropagationRule, ReviewReason, Signals, Stop,
    likeness_outside,
};
pub use restore::{CERTAIN_LOGIT, Probability, restore};
pub use scan::{
    About, Affine, Code, DicomFrame, DicomSource, DicomValue, Grid, Letters, NamedSegment,
    NamedWindow, NiftiSource, Note, NoteCode, PixelSpacing, Plane, Region, Rescale, RgbImage8,
    Scan, SizeOf, SlicePlane, Source, SpacingSource, Stacking, Voxels,
};
pub use space::{ImageBox, ImagePoint, ModelBox, ModelPoint, Placement, Size};
pub use window::{Lut, PRESETS, Preset, Window};
