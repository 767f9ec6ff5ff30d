//! Tensor files, read from the outside: real ones, and ones built by hand that are wrong in one place.

mod build;
mod golden;
mod hostile_pickle;
mod hostile_tensors;
mod hostile_zip;
mod pytorch;
mod safetensors;
mod state_dict;
