// Words for the scan and the slice: pure functions of the state. Slices are counted from 1.

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/scan.js").Scan} Scan */
/** @typedef {import("../../boxel-bindings.js").Plane} Plane */

/** @type {Record<Plane, string>} */
export const PLANE_WORDS = { stored: "As stored", axial: "Axial", coronal: "Coronal", sagittal: "Sagittal" };

/** Three significant digits. @type {(value: number) => string} */
export const short = (value) => String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 3))).replace("-", "−");

/** Where a pixel size applies if not in the patient: `where` in the line of facts, `note` next to the measurements.
 * @type {Partial<Record<import("../../boxel-bindings.js").SpacingSource, { where: string, note: string }>>} */
export const SIZES = {
  imager_pixel_spacing: {
    where: "at the detector", note: "Lengths are at the detector; the size in the patient is smaller.",
  },
  magnification_factor: {
    where: "in the patient (estimate)",
    note: "Lengths are estimates: the size at the detector divided by the file's magnification factor.",
  },
  source_distances: {
    where: "in the patient (estimate)",
    note: "Lengths are estimates: the size at the detector divided by the ratio of the distances "
      + "from the X-ray source.",
  },
  geometry_calibration: {
    where: "in the patient (corrected for magnification)",
    note: "Lengths are corrected for magnification, for a depth that the file does not state.",
  },
  fiducial_calibration: {
    where: "at the depth of a calibration object", note: "Lengths hold at the depth of the calibration object.",
  },
  unstated_calibration: {
    where: "in the patient (calibrated)", note: "Lengths are calibrated; the file does not say how.",
  },
  unstated_pixel_spacing: {
    where: "at the detector or in the patient",
    note: "The file does not say whether lengths are at the detector or in the patient.",
  },
  object_pixel_spacing: {
    where: "at the centre of the beam", note: "Lengths hold in the patient at the centre of the beam.",
  },
  rt_image_plane: { where: "at the RT image plane", note: "Lengths are at the plane of the RT image." },
  nominal_scanned_pixel_spacing: {
    where: "of the scanned film", note: "Lengths are those on the film that was scanned.",
  },
  ultrasound_region: {
    where: "in the ultrasound region",
    note: "Lengths are in mm inside an ultrasound region; what extends beyond it is measured in pixels.",
  },
  tiff_resolution: {
    where: "by the file's resolution",
    note: "The size of a pixel is from the file's resolution, which may be that of a scanner or a printer: check it.",
  },
};

/** @type {(scan: Scan) => string} */
function spacing_of({ views, spacing_source }) {
  const known = (views[0]?.spacing_mm ?? []).flatMap((mm) => mm ?? []);
  if (known.length < 2) return spacing_unknown(views[0]?.pixel_aspect ?? 1);
  const text = `${known.map(short).join(" × ")} mm`;
  const of = spacing_source && SIZES[spacing_source];
  return of ? `${text} ${of.where}` : text;
}

/** @type {(aspect: number) => string} */
const spacing_unknown = (aspect) =>
  `spacing unknown${aspect === 1 ? "" : `, pixels ${short(aspect)} times as high as wide`}`;

/** @type {(scan: Scan) => string} */
function size_of({ views, volume }) {
  const [first] = views;
  if (!first) return "";
  const { width, height, slices } = first;
  const size = `${width} × ${height}`;
  if (slices === 1) return size;
  return volume ? `${size}, ${slices} slices` : `${size}, ${slices} images`;
}

/** The scan in one line. @type {(scan: Scan) => string} */
export const scan_facts = (scan) => [
  scan.title, scan.modality || (scan.looks_like_ct && !scan.not_ct ? "treated as CT" : ""), size_of(scan),
  spacing_of(scan), `${scan.format}, ${scan.bits} bit`,
].filter(Boolean).join(" · ");

/** The scan in the status bar. @type {(state: Pick<State, "scan" | "image">) => string} */
export function image_facts({ scan, image }) {
  if (!scan || !image) return "";
  const slice = image.slices > 1 ? `slice ${image.slice + 1} of ${image.slices}` : "";
  return [scan.title, slice, `${image.width} × ${image.height}`, `${scan.format}, ${scan.bits} bit`]
    .filter(Boolean).join(" · ");
}

/** The slice for screen readers. @type {(state: Pick<State, "scan" | "image">) => string} */
export function slice_words({ scan, image }) {
  if (!scan || !image || image.slices === 1) return "";
  const plane = image.plane === "stored" ? "" : `${PLANE_WORDS[image.plane]} `;
  return `${plane}slice ${image.slice + 1} of ${image.slices}`;
}

/** The position and the value under the pointer.
 * @type {(state: Pick<State, "scan" | "image">, at: { x: number, y: number } | null) => string} */
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
