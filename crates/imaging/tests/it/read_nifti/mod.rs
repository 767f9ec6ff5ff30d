//! Opening NIfTI files.

mod headers;
mod leniency;
mod not_numbers;
