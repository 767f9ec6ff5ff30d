// The entry scripts of the page and its workers; the built page bundles their imports into them.

export const ENTRIES = ["web/main.js", "web/engine/worker.js", "web/open/parse_worker.js"];
