//! Writers of test files, fixtures and other programs, for every subject.

pub mod dicom_files;
pub mod dicom_writer;
pub mod fixtures;
pub mod jpeg_writer;
pub mod objects;
pub mod scans;
pub mod tiff_writer;
pub mod tools;
