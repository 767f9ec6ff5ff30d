//! The segmenter with the bundled model, on scans that the tests make or download.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod ahead;
mod corrections;
mod edits;
mod limits;
mod loaded;
mod polygons;
mod propagation;
mod refinement;
mod replay;
mod rules;
mod small_sam2;
mod support;
mod tracking;
