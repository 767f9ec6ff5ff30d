/// The grey level of a value in [`Window::Linear`](super::Window::Linear): DICOM's `LINEAR_EXACT`.
pub(crate) fn linear(level: f64, width: f64) -> impl Fn(f64) -> u8 {
    ramp(level - width / 2.0, level + width / 2.0, level)
}

/// The grey level of a value in [`Window::DicomLinear`](super::Window::DicomLinear): DICOM's `LINEAR`.
pub(crate) fn linear_of_pixels(level: f64, width: f64) -> impl Fn(f64) -> u8 {
    let (middle, half) = (level - 0.5, (width - 1.0) / 2.0);
    ramp(middle - half, middle + half, middle)
}

/// A ramp from black at `lower` to white at `upper`; a step above `middle` if these are not in order.
fn ramp(lower: f64, upper: f64, middle: f64) -> impl Fn(f64) -> u8 {
    // Files and users may give any numbers, but `clamp` requires them in order.
    let is_step = !(lower < upper && (upper - lower).is_finite());
    move |x| match is_step {
        true => 255 * u8::from(x > middle),
        false => ((x.clamp(lower, upper) - lower) / (upper - lower) * 255.0) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pseudo-code of PS3.3 C.11.2.1.2.1, literally.
    fn standard(x: f64, c: f64, w: f64) -> f64 {
        if x <= c - 0.5 - (w - 1.0) / 2.0 {
            0.0
        } else if x > c - 0.5 + (w - 1.0) / 2.0 {
            255.0
        } else {
            ((x - (c - 0.5)) / (w - 1.0) + 0.5) * 255.0
        }
    }

    #[test]
    fn linear_of_dicom_is_the_standards() {
        for (level, width) in [
            (2048.0, 4096.0),
            (2048.0, 1.0),
            (0.0, 100.0),
            (0.0, 1.0),
            (40.0, 400.0),
            (-600.0, 1500.0),
            (40.5, 81.0),
        ] {
            let shade = linear_of_pixels(level, width);
            for x in -5000..5000 {
                let exact = standard(f64::from(x), level, width);
                let got = f64::from(shade(f64::from(x)));
                // The two orders of operations may differ in the last bit, on either side of an integer level.
                let near = (exact - 1e-9).floor()..=(exact + 1e-9).floor();
                assert!(
                    near.contains(&got),
                    "{level} {width} {x}: {got}, not {exact}"
                );
            }
        }
    }

    /// The examples that the standard works out: for C = 2048 and W = 4096 the first of 4096 values is black and the
    /// last is white; for W = 1 the step is between C - 1 and C.
    #[test]
    fn linear_of_dicom_is_defined_for_integers() {
        let all = linear_of_pixels(2048.0, 4096.0);
        assert_eq!([all(0.0), all(4094.0), all(4095.0)], [0, 254, 255]);
        let step = linear_of_pixels(2048.0, 1.0);
        assert_eq!([step(2047.0), step(2048.0)], [0, 255]);
        let exact = linear(2048.0, 4096.0);
        assert_eq!([exact(0.0), exact(4095.0), exact(4096.0)], [0, 254, 255]);
    }
}
