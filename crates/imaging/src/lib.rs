//! Opens scans, prepares them for a model and turns its logits back into masks.
