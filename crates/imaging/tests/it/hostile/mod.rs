//! Damaged and hostile files end in an error.

mod archives;
mod images;
mod jpeg_damage;
