//! Random numbers that are the same in every run.

/// A linear congruential generator (Knuth's MMIX), with its state.
pub struct Random(pub u64);

impl Random {
    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        let Random(state) = self;
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 40) as f64 / (1u64 << 24) as f64
    }
}
