//! Masks and images → files.

mod dicom_seg;
mod images;
mod nifti;
mod objects;
