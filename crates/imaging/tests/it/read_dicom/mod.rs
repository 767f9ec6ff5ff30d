//! DICOM files and series → scans.

mod believed;
mod cosines;
mod encodings;
mod identity;
mod mosaic;
mod pixels;
mod places;
mod series;
mod sizes;
mod slices;
mod time;
mod uneven_slices;
