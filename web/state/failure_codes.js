// Failure codes that decide what happens next. Others are only shown.

/** The reader of files did not load: nothing is wrong with the files, and a retry opens them. */
export const READER_NOT_LOADED = "reader_not_loaded";
