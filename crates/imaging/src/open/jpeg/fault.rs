/// What is wrong with coded JPEG data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::open) enum Fault {
    /// The bytes, or those before the next marker, end too early.
    Truncated,
    /// What they hold is wrong.
    Damaged(&'static str),
}
