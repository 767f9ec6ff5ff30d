//! PNG, JPEG and BMP images → scans, and how a format is recognised.

mod formats;
mod png_orientation;
