//! Damaged and hostile files end in an error or a valid scan.

mod archives;
mod images;
mod jpeg_damage;
