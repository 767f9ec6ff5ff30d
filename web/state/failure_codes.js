// Failure codes that decide what happens next. Others are only shown.

/** The file reader did not load: nothing is wrong with the files, and a retry opens them. */
export const READER_NOT_LOADED = "reader_not_loaded";
