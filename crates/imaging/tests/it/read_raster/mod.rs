//! Opening PNG, JPEG and BMP files, and detecting formats.

mod formats;
mod png_orientation;
