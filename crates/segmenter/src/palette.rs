/// Colours of the first objects, as red, green, blue in `[0, 255]`; then they repeat.
pub const PALETTE: [[u8; 3]; 8] = [
    [251, 252, 30],
    [0, 200, 255],
    [255, 92, 170],
    [90, 230, 120],
    [255, 150, 50],
    [180, 140, 255],
    [255, 110, 90],
    [120, 220, 220],
];

/// The colour at a place of the palette, counted from 0.
pub fn colour(place: u32) -> [u8; 3] {
    PALETTE[place as usize % PALETTE.len()]
}
