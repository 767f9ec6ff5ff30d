/// The faults of coded JPEG data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::open) enum Fault {
    /// The bytes, or those before the next marker, end too early.
    Truncated,
    /// Their content is invalid.
    Damaged(&'static str),
}
