//! NIfTI files → scans.

mod headers;
mod leniency;
