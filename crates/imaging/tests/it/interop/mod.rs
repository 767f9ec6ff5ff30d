//! The same files read by other programs; tests skip unless `cargo xtask setup` has installed them.

mod daikon;
mod exports;
mod nibabel;
mod nibabel_mosaic;
mod pydicom;
mod segmentations;
mod simpleitk;
mod tifffile;
mod volumes;
