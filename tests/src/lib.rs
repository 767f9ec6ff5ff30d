//! Parity with the reference, stage by stage.
