//! Rendering values as grey levels.

mod hounsfield;
mod window;
