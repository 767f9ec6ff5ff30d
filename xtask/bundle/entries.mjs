// The entry scripts of the page and its workers; the built page bundles their imports into them.

export const ENTRIES = [
  "web/main.js", "web/engine/worker.js", "web/engine/slice_encoder.js", "web/open/parse_worker.js",
];
