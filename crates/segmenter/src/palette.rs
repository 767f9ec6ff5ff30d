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

/// From here on a number is a colour of its own instead of a place in the palette: this plus 65,536 times red, 256 times
/// green, and blue.
pub const OWN_COLOURS: u32 = 1 << 24;

/// The colour at a place of the palette, counted from 0, or with a number of its own from [`OWN_COLOURS`] on.
pub fn colour(place: u32) -> [u8; 3] {
    match place.checked_sub(OWN_COLOURS) {
        Some(own) => {
            let [_, red, green, blue] = own.to_be_bytes();
            [red, green, blue]
        }
        None => PALETTE[place as usize % PALETTE.len()],
    }
}

/// The number of a colour.
pub fn own_colour([red, green, blue]: [u8; 3]) -> u32 {
    OWN_COLOURS | u32::from_be_bytes([0, red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_of_its_own_comes_back_from_its_number() {
        for own in [[0, 0, 0], [200, 30, 60], [255; 3]] {
            assert_eq!(colour(own_colour(own)), own);
        }
        assert_eq!(colour(9), PALETTE[1]);
    }
}
