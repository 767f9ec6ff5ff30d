// Runs of a mask. Searching for the next 0 or 1 is many times as fast as looking at each pixel, and a page with hundreds of
// objects looks at hundreds of masks.

/** Calls `visit` for each run of pixels inside, from `start` to before `end`, row-major.
 * @type {(mask: Uint8Array, visit: (start: number, end: number) => void) => void} */
export function each_run(mask, visit) {
  for (let start = mask.indexOf(1); start >= 0;) {
    const next = mask.indexOf(0, start);
    const end = next < 0 ? mask.length : next;
    visit(start, end);
    start = next < 0 ? -1 : mask.indexOf(1, end);
  }
}

/** In pixels. @type {(mask: Uint8Array) => number} */
export function area_of(mask) {
  let area = 0;
  each_run(mask, (start, end) => { area += end - start; });
  return area;
}
