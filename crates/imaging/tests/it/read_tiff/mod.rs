//! TIFF files → scans.

mod chunks;
mod colours;
mod jpeg;
mod samples;
mod stacks;
