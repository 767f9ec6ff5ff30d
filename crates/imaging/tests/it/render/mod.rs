//! Values → grey levels.

mod hounsfield;
mod window;
