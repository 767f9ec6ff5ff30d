//! Reverses the predictor of a row (TIFF 6.0, section 14; Adobe's technical note 3 for floating-point numbers).

/// Restores a row of numbers of `size` bytes, lowest byte first, `samples` of them per pixel, from the differences
/// between neighbouring pixels.
pub(super) fn unpredict(row: &mut [u8], size: usize, samples: usize, is_float: bool) {
    if is_float {
        return unpredict_float(row, size, samples);
    }
    macro_rules! add {
        ($number:ty) => {{
            let numbers = row.as_chunks_mut::<{ size_of::<$number>() }>().0;
            for index in samples..numbers.len() {
                let [before, here] = [index - samples, index].map(|at| numbers[at]);
                let [before, here] = [before, here].map(<$number>::from_le_bytes);
                numbers[index] = here.wrapping_add(before).to_le_bytes();
            }
        }};
    }
    match size {
        1 => add!(u8),
        2 => add!(u16),
        4 => add!(u32),
        _ => add!(u64),
    }
}

/// The differences are between bytes, and the highest bytes of all numbers come first.
fn unpredict_float(row: &mut [u8], size: usize, samples: usize) {
    for index in samples..row.len() {
        row[index] = row[index].wrapping_add(row[index - samples]);
    }
    let planes = row.to_vec();
    let count = row.len() / size;
    for (index, number) in row.chunks_exact_mut(size).enumerate() {
        for (byte, into) in number.iter_mut().rev().enumerate() {
            *into = planes[byte * count + index];
        }
    }
}
