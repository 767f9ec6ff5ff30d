//! The Segment Anything Model and its medical versions, in Burn.
