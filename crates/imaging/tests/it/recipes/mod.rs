//! Spaces, the model's input and its logits, against the reference implementations.

mod hugging_face;
mod litemedsam;
mod prepare;
mod references;
mod space;
