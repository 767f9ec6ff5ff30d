//! Tests of the crate through its public API, by subject. Only `hostile_set.rs` is a separate binary.

#![allow(
    clippy::unwrap_used,
    reason = "a test may fail in its helper functions too"
)]

mod edit;
mod export;
mod hostile;
mod interop;
mod measure;
mod read_dicom;
mod read_nifti;
mod read_raster;
mod read_tiff;
mod read_volume;
mod recipes;
mod render;
mod segment_files;
mod segment_links;
mod segments;
mod structures;
mod support;
