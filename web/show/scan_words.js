// The scan and the slice in words: pure functions of the state. Slices are counted from 1 for people.

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/scan.js").Scan} Scan */
/** @typedef {import("../../boxel-bindings.js").Plane} Plane */

/** @type {Record<Plane, string>} */
export const PLANE_WORDS = { stored: "As stored", axial: "Axial", coronal: "Coronal", sagittal: "Sagittal" };

/** Three digits are enough for a spacing or a value of a scan. @type {(value: number) => string} */
export const short = (value) => String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 3))).replace("-", "−");

/** @type {(scan: Scan) => string} */
function spacing_of({ views, spacing_source }) {
  const known = (views[0]?.spacing_mm ?? []).flatMap((mm) => mm ?? []);
  if (known.length < 2) return "spacing unknown";
  const text = `${known.map(short).join(" × ")} mm`;
  switch (spacing_source) {
    case "imager_pixel_spacing": return `${text} at the detector`;
    case "nominal_scanned_pixel_spacing": return `${text} of the scanned film`;
    case "ultrasound_region": return `${text} in the ultrasound region`;
    default: return text;
  }
}

/** @type {(scan: Scan) => string} */
function size_of({ views, volume }) {
  const [first] = views;
  if (!first) return "";
  const { width, height, slices } = first;
  const size = `${width} × ${height}`;
  if (slices === 1) return size;
  return volume ? `${size}, ${slices} slices` : `${size}, ${slices} images`;
}

/** Everything about the scan in one line. @type {(scan: Scan) => string} */
export const scan_facts = (scan) => [
  scan.title, scan.modality, size_of(scan), spacing_of(scan), `${scan.format}, ${scan.bits} bit`,
].filter(Boolean).join(" · ");

/** What the status bar says of it. @type {(state: Pick<State, "scan" | "image">) => string} */
export function image_facts({ scan, image }) {
  if (!scan || !image) return "";
  const slice = image.slices > 1 ? `slice ${image.slice + 1} of ${image.slices}` : "";
  return [scan.title, slice, `${image.width} × ${image.height}`, `${scan.format}, ${scan.bits} bit`].filter(Boolean).join(" · ");
}

/** The slice for those who can't see it. @type {(state: Pick<State, "scan" | "image">) => string} */
export function slice_words({ scan, image }) {
  if (!scan || !image || image.slices === 1) return "";
  return `${image.plane === "stored" ? "" : `${PLANE_WORDS[image.plane]} `}slice ${image.slice + 1} of ${image.slices}`.trim();
}

/** What is under the pointer. @type {(state: Pick<State, "scan" | "image">, at: { x: number, y: number } | null) => string} */
export function pointer_words({ scan, image }, at) {
  if (!scan || !image || !at) return "";
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
  const place = `x ${x} y ${y}`;
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return place;
  const slice = image.slices > 1 ? ` slice ${image.slice + 1}` : "";
  const value = image.values?.[y * image.width + x];
  if (value === undefined) return place + slice;
  const number = Number.isInteger(value) ? String(value).replace("-", "−") : short(value);
  return `${place}${slice} · ${number}${scan.unit ? ` ${scan.unit}` : ""}`;
}
