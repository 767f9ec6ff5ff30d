//! Exports of masks and images.

mod dicom_seg;
mod images;
mod nifti;
mod objects;
mod seg_nrrd;
mod surfaces;
