/// The function that follows a layer. Operations take it as an argument, so that a kernel can apply it to a block of
/// results while the block is still in the caches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Activation {
    /// `x` itself, without a function.
    Identity,
    /// `x · Φ(x)`, the exact GELU.
    Gelu,
}
