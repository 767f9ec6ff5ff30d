//! Opening NIfTI files.

mod headers;
mod leniency;
