mod files;
mod headers;
mod segmentations;
