//! Opening TIFF files.

mod chunks;
mod colours;
mod jpeg;
mod samples;
mod stacks;
