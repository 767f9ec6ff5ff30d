/// The grey level of a value between two percentiles.
///
/// In the reference, 0 is always black: in MR and PET it is the background, and there are no values below it. Differs
/// from the reference if there are: then 0 is an ordinary value (water in a CT), and no darker than values below it.
pub(crate) fn between_percentiles([lower, upper]: [f64; 2]) -> impl Fn(f64) -> u8 {
    // Differs from the reference, which divides by 0 if all values are equal: they are shown white, as the foreground
    // of a mask. NaN limits also give a step.
    let is_step = !(lower < upper && (upper - lower).is_finite());
    move |x| match is_step {
        true => 255 * u8::from(x != 0.0),
        false if x == 0.0 && lower >= 0.0 => 0,
        false => ((x.clamp(lower, upper) - lower) / (upper - lower) * 255.0) as u8,
    }
}
