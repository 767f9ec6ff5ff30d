// The scripts that a page or a worker starts with: what they import becomes part of them in the built page.

export const ENTRIES = ["web/main.js", "web/engine/worker.js", "web/open/parse_worker.js"];
