//! Writers of test files, fixtures and other programs, shared by all subjects.

pub mod dicom_files;
pub mod dicom_writer;
pub mod fixtures;
pub mod gzip;
pub mod jpeg_writer;
pub mod objects;
pub mod random;
pub mod scans;
pub mod series;
pub mod tiff_writer;
pub mod tools;
