/// The grey level of a value between two percentiles.
///
/// In the reference 0 is black whatever the percentiles are: in MR and PET it is the background, and no value is
/// below it. Differs from the reference, which has no values below 0, if there are some: then 0 is a value like
/// any other (water in a CT), and not darker than the values below it.
pub(crate) fn between_percentiles([lower, upper]: [f64; 2]) -> impl Fn(f64) -> u8 {
    // Differs from the reference, which divides by 0 if all values are equal: they are the foreground of a mask
    // then, and shown white. NaN limits have no order either.
    let is_step = !(lower < upper && (upper - lower).is_finite());
    move |x| match is_step {
        true => 255 * u8::from(x != 0.0),
        false if x == 0.0 && lower >= 0.0 => 0,
        false => ((x.clamp(lower, upper) - lower) / (upper - lower) * 255.0) as u8,
    }
}
