/// The grey level of a value between two percentiles.
///
/// In the reference 0 is black, whatever the percentiles are: in MR and PET it is what is around the body,
/// and nothing is below it. Differs from it where values are below 0, which it has none of: there 0 is a value
/// like any other (water, in a CT), and is neither black nor darker than what is below it.
pub(crate) fn between_percentiles([lower, upper]: [f64; 2]) -> impl Fn(f64) -> u8 {
    // Differs from the reference, which divides by 0 if all values are equal: they are the foreground of a mask
    // then, and shown white. Limits that are no numbers have no order either.
    let is_step = !(lower < upper && (upper - lower).is_finite());
    move |x| match is_step {
        true => 255 * u8::from(x != 0.0),
        false if x == 0.0 && lower >= 0.0 => 0,
        false => ((x.clamp(lower, upper) - lower) / (upper - lower) * 255.0) as u8,
    }
}
