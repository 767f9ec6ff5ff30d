//! Opening DICOM files and series.

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
