/// Statistics of a set of values, in their unit.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Statistics {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of a sample, `√(Σ (x − mean)² / (n − 1))`, as ITK
    /// (`itk::LabelStatisticsImageFilter`) and 3D Slicer (`vtkImageAccumulate`) give it; 0 for a single
    /// value.
    pub sd: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// Number of values. NaN and infinite ones are ignored.
    pub count: u64,
}

impl Statistics {
    /// Statistics of all finite values, in one pass (B. P. Welford, Technometrics 4(3), 1962, 419–420); `None` if
    /// there are none.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Statistics> {
        let (mut count, mut mean, mut squares) = (0u64, 0.0, 0.0);
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in values.filter(|x| x.is_finite()) {
            count += 1;
            let from_mean = x - mean;
            mean += from_mean / count as f64;
            squares += from_mean * (x - mean);
            (min, max) = (min.min(x), max.max(x));
        }
        let degrees = count.checked_sub(1)?;
        let sd = match degrees {
            0 => 0.0,
            _ => (squares / degrees as f64).sqrt(),
        };
        Some(Statistics {
            mean,
            sd,
            min,
            max,
            count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: `numpy.std(…, ddof=1)` of 2, 4, 4, 4, 5, 5, 7, 9 is √(32 / 7); also with a large offset.
    #[test]
    fn is_that_of_a_sample() {
        let values = [
            2.0,
            4.0,
            4.0,
            4.0,
            5.0,
            5.0,
            7.0,
            9.0,
            f64::NAN,
            f64::INFINITY,
        ];
        for far in [0.0, -1e6] {
            let of = Statistics::of(values.into_iter().map(|x| x + far)).unwrap();
            assert!((of.sd - (32.0f64 / 7.0).sqrt()).abs() < 1e-9);
            assert!((of.mean - far - 5.0).abs() < 1e-9);
            assert_eq!((of.min, of.max, of.count), (far + 2.0, far + 9.0, 8));
        }
    }

    #[test]
    fn of_one_value_and_of_none() {
        let one = Statistics::of([3.0].into_iter()).unwrap();
        assert_eq!((one.mean, one.sd, one.count), (3.0, 0.0, 1));
        assert_eq!(Statistics::of([f64::NAN].into_iter()), None);
    }
}
