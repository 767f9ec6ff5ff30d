//! Spaces, model input and logits, compared with the reference implementations.

mod hugging_face;
mod litemedsam;
mod prepare;
mod references;
mod space;
