//! A segmentation session: a scan is opened, embedded and prompted.
