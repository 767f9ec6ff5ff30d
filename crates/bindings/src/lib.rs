//! The segmenter for JavaScript.
