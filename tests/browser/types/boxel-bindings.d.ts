// What crates/bindings exports. The module itself is built beside index.html; `rootDirs` in
// tsconfig.json lets the type check find this file in its place.

export default function init(input: { module_or_path: URL | Response | WebAssembly.Module }): Promise<{ memory: WebAssembly.Memory }>;

/** Lower-case hex of the SHA-256 of the bytes. */
export function verify_sha256(bytes: Uint8Array): string;

/** Names of segments that stand for coded terms. */
export function term_names(): string[];

/** What each name stands for in SNOMED CT; null for free text. */
export function terms(names: string[]): (Term | null)[];

export interface Term {
  value: string;
  scheme: string;
  meaning: string;
}

/** What two objects share. */
export interface Overlap {
  first: number;
  second: number;
  /** On a slice its pixels. */
  voxels: number;
}

/** How a model wants its image prepared and gives its mask back. */
export type Recipe = "sam" | "medsam" | "litemedsam";

/** What a file of weights is. Throws `{ code, message }`: weights_format, weights_key. */
export function inspect_weights(bytes: Uint8Array): WeightsFile;

/** The same weights as safetensors in the original names. */
export function convert_weights(bytes: Uint8Array, dtype: "f32" | "f16" | "bf16"): Uint8Array<ArrayBuffer>;

export interface WeightsFile {
  format: "safetensors" | "pytorch";
  names: "original" | "hugging_face";
  /** LiteMedSAM's TinyViT, ViT-B, … */
  architecture: string;
  dtype: "f32" | "f16" | "bf16" | "mixed";
  tensors: number;
  parameters: number;
  sha256: string;
  /** Published name, where the SHA-256 is known. */
  known: string | null;
  /** The possible ones; one if it is certain. */
  recipes: Recipe[];
}

/** Axial, coronal, sagittal; `stored` where the place in the patient is unknown. */
export type Plane = "stored" | "axial" | "coronal" | "sagittal";

/** How values become grey levels; level and width in the values' units, such as HU. */
export type Window =
  | { kind: "stored" }
  | { kind: "linear"; level: number; width: number }
  /** DICOM's LINEAR, which a file's own window has; `linear` is LINEAR_EXACT. */
  | { kind: "dicom_linear"; level: number; width: number }
  | { kind: "sigmoid"; level: number; width: number }
  | { kind: "percentiles" }
  | { kind: "lut"; index: number };

/** Reads files, in a worker that ends with the task: what it allocates never comes back. */
export class Opener {
  constructor();
  /** A file's name pairs `.hdr` with `.img`, and is forgotten. */
  add(name: string, bytes: Uint8Array): void;
  /** The scans that the files hold. Throws if there is none. */
  survey(): { label: string }[];
  /** One of them, for `Engine.open`. */
  open(choice: number): OpenedFile;
  free(): void;
}

export interface OpenedFile {
  /** SHA-256 of the files and the choice. */
  key: string;
  /** For `Engine.open`. */
  scan: Uint8Array<ArrayBuffer>;
}

/** Every method that fails throws a plain `{ code, message }`. Coordinates are image space. */
export class Engine {
  static create(device: "gpu" | "cpu"): Promise<Engine>;
  device(): { kind: "gpu" | "cpu"; name: string };
  /** A second session on the same device: own image, own weights. */
  beside(): Engine;
  load_weights(bytes: Uint8Array, recipe: Recipe): LoadedWeights;
  /** Shows the middle slice of the first view. */
  open(scan: Uint8Array, key: string): OpenedScan;
  /** The scan of another session, shared with it. */
  open_same(other: Engine): void;
  show(plane: Plane, slice: number, window: Window): Shown;
  /** The window that the model sees, whatever is shown; null: what is shown. */
  set_model_window(window: Window | null): void;
  /** 0 if the embedding of what is shown is kept. */
  begin_embedding(): number;
  embed_step(): Promise<EmbedProgress>;
  abandon_embedding(): void;
  /** One batch: all of it, or an error. */
  segment(prompts: Prompt[]): Promise<Found[]>;
  /** Takes a refinement that is only offered. */
  accept(id: number): Found;
  /** Another of the masks of a multi-mask prompt; nothing is decoded. */
  choose(id: number, candidate: number): Found;
  /** Of two segments of the same image. */
  dice(id: number, other: Engine, other_id: number): number;
  free(): void;
  remove(id: number): void;
  /** Every object's mask on a slice of a view. */
  slice_masks(plane: Plane, slice: number): SliceMask[];
  structure(object: number): Structure;
  remove_object(object: number): void;
  /** Takes the slices back that were carried on. */
  take_back(object: number): void;
  /** Remembers the slices that were carried on, under a number of the caller's. */
  keep_carried(object: number, version: number): void;
  /** Puts those of a version that was kept in their place; one that was not changes nothing. */
  restore_carried(object: number, version: number): void;
  /** All strokes of the user's on a slice of the object's plane, in order, over what the model found there; none takes
   * them back. They stay over later answers. */
  edit(object: number, slice: number, strokes: Stroke[]): void;
  /** Takes away what a prompt has put on a slice; strokes stay. */
  unmark(object: number, slice: number): void;
  /** SHA-256 of the object's voxels on the source's grid, a byte each, 0 or 1, columns fastest. */
  mask_sha256(object: number): string;
  /** JSON: `masks` of an object in a session file. */
  object_masks(object: number): string;
  /** Puts an object in the place of what there is of it; no weights are needed. The strokes are in the masks already. With
   * a SHA-256 the voxels must have it. */
  restore_object(object: number, plane: Plane, masks: string, edits: { slice: number; strokes: Stroke[] }[], sha256?: string): void;
  /** Compares an object with what a session recorded of it. */
  check_object(object: number, plane: Plane, result: { voxels: number; sha256: string }, masks?: string): ReplayCheck;
  /** From a slice that has a mask: `directions` are "up" (larger numbers), then "down". */
  begin_propagation(object: number, from: number, directions: ("up" | "down")[], window?: Window | null): void;
  propagation_step(): Promise<PropagationStep>;
  abandon_propagation(): void;
  /** The exact image that the model is given for what is shown, and the prompt in model space. */
  model_input(box: [number, number, number, number] | null, points: [number, number, 0 | 1][]): ModelInput;
  embedding_memory(): { count: number; bytes: number; budget_bytes: number };
  set_embedding_budget(bytes: number): void;
  measure(object: number, plane: Plane, slice: number): Measured;
  /** A mask file that was opened like a scan: its labels. Compared by `compare`. */
  open_reference(scan: Uint8Array): { labels: number[] };
  /** NSD at 2 mm; null where the spacing is unknown, or slices are not equally far apart. */
  compare(object: number, label: number): { dice: number; nsd: number | null };
  /** Why a format can't be written for this scan; empty if it can. */
  export_refusals(): Record<ExportFormat, string>;
  /** What to know of a format before a file of this scan goes to other software, as sentences; empty if nothing. */
  export_warnings(): Record<ExportFormat, string>;
  /** The pairs of objects that share voxels, or pixels of a slice. */
  overlaps(objects: Uint32Array, at: { plane: Plane; slice: number } | null): Overlap[];
  export(format: ExportFormat, objects: ExportObject[], options: ExportOptions): ExportedFile;
  probability_png(ids: Uint32Array): Uint8Array<ArrayBuffer>;
}

export type ExportFormat =
  | "label_png" | "mask_png" | "overlay_png" | "nifti" | "nifti_resampled" | "dicom_seg" | "npz" | "coco" | "csv" | "svg";

export interface ExportObject {
  /** The name of the model that its masks are of, where it isn't the one that is loaded. */
  model?: string;
  object: number;
  name: string;
  colour: [number, number, number];
}

export interface ExportOptions {
  /** The slice, for what is written of one slice. */
  plane: Plane;
  slice: number;
  window: Window;
  /** Of a DICOM SEG: whether it names the patient and the source. */
  identity: "linked" | "de_identified";
  /** Of a DICOM SEG: how it stores its pixels; "auto" is the form that most readers read right. */
  seg_form?: "auto" | "binary" | "whole_bytes" | "label_map";
  /** Who keeps a voxel that several objects have, in a file that holds one number for each. */
  winner?: "later" | "earlier";
  /** ISO 8601, to the second: `20261125T120000`. */
  now: string;
  /** 16 random bytes for UIDs. */
  seed: Uint8Array;
}

export interface ExportedFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** Such as `boxel-labels.nii.gz`; never the source's. */
  name: string;
  type: string;
}

export interface View {
  plane: Plane;
  width: number;
  height: number;
  slices: number;
  /** A pixel's height in units of its width. */
  pixel_aspect: number;
  /** mm along a row, down the rows, from slice to slice. */
  spacing_mm: [number | null, number | null, number | null];
  letters: { left: string; right: string; top: string; bottom: string } | null;
}

/** Where the size of a pixel comes from, which says what lengths are worth. */
export type SpacingSource = "pixel_spacing" | "imager_pixel_spacing" | "magnification_factor" | "source_distances"
  | "geometry_calibration" | "fiducial_calibration" | "unstated_calibration" | "unstated_pixel_spacing"
  | "object_pixel_spacing" | "rt_image_plane" | "nominal_scanned_pixel_spacing" | "ultrasound_region" | "nifti" | "tiff_description" | "tiff_resolution";

export interface OpenedScan {
  key: string;
  format: string;
  /** `CT`, `MR`, …; may be empty. */
  modality: string;
  /** `HU`, …; may be empty. */
  unit: string;
  /** The file does not tell the modality, and the values look like Hounsfield units: it is treated as a CT. */
  looks_like_ct: boolean;
  /** Of a sample in the file. */
  bits: number;
  colour: boolean;
  /** Whether slices are neighbours in space. */
  volume: boolean;
  spacing_source: SpacingSource | null;
  /** The first one is the one that slices were acquired in. */
  views: View[];
  /** The file's own. */
  windows: { name: string; window: Window }[];
  presets: { name: string; level: number; width: number }[];
  notes: { code: string; text: string }[];
  shown: Shown;
}

/** A slice in a window. */
export interface Shown {
  /** Names the image: answers about it carry it. */
  key: string;
  plane: Plane;
  slice: number;
  window: Window;
  /** What the window comes to, where it has a level and a width. */
  level: number | null;
  width_of_window: number | null;
  width: number;
  height: number;
  /** What the model sees: windowed to 8 bits, alpha 255. */
  rgba: Uint8ClampedArray<ArrayBuffer>;
  /** The values that it was made of, row by row; none of a colour image. */
  values: Float32Array<ArrayBuffer> | null;
}

export interface SliceMask {
  object: number;
  /** 0 or 1, row-major. */
  mask: Uint8Array<ArrayBuffer>;
  /** Null in another plane than the object's. */
  origin: "marked" | "carried" | null;
  iou: number | null;
  doubts: Doubt[];
}

/** Of a round brush. */
export interface Stroke {
  kind: "paint" | "erase";
  /** In widths of a pixel; in rows by the pixel's aspect. */
  radius_px: number;
  /** Image space; one point is a dab. */
  path: [number, number][];
}

/** How an object's masks compare with those that a session recorded. */
export interface ReplayCheck {
  voxels: number;
  recorded_voxels: number;
  /** Voxel for voxel. */
  identical: boolean;
  /** 0 to 1; null where the session holds no masks and the hashes differ, as is `differing`. */
  dice: number | null;
  /** Voxels that are in one of the two alone. */
  differing: number | null;
  /** As far as two devices can: Dice 0.999 or more, or without masks counts within 0.1 %. */
  agrees: boolean;
}
export type Doubt = "low_iou" | "area_jump" | "drift" | "disagreement" | "like_outside";
export type Stop = "end" | "marked" | "uniform" | "empty" | "low_iou" | "area_jump" | "drift";

export interface Structure {
  plane: Plane;
  voxels: number;
  volume_ml: number | null;
  slices: { slice: number; origin: "marked" | "carried"; iou: number | null; doubts: Doubt[] }[];
}

export type PropagationStep =
  | { step: "encoding"; slice: number; stage: string; done: number; total: number }
  | { step: "carried"; slice: number; iou: number; area_px: number; doubts: Doubt[] }
  | { step: "stopped"; direction: "up" | "down"; slice: number; reason: Stop }
  | { step: "finished" };

export interface ModelInput {
  /** Of the square. */
  side: number;
  /** The part of it that holds the image. */
  resized: [number, number];
  rgba: Uint8ClampedArray<ArrayBuffer>;
  box: [number, number, number, number] | null;
  points: [number, number, 0 | 1][];
}

/** A line between two points. */
export interface Axis {
  /** In image space. */
  ends: [[number, number], [number, number]];
  /** In the patient, in mm (LPS); null where the place of the scan is not known. */
  ends_mm: [[number, number, number], [number, number, number]] | null;
  /** In widths of a pixel. */
  length_px: number;
  length_mm: number | null;
}

export interface Statistics {
  count: number;
  mean: number;
  sd: number;
  min: number;
  max: number;
}

export interface Measured {
  /** Null where the object has nothing on the slice. */
  slice: {
    area_px: number;
    area_mm2: number | null;
    long_axis: Axis | null;
    short_axis: Axis | null;
    values: Statistics | null;
  } | null;
  volume: { voxels: number; volume_ml: number | null; slices: number; values: Statistics | null };
}

export interface EmbedProgress {
  stage: string;
  done: number;
  total: number;
}

export interface LoadedWeights {
  name: string;
  recipe: Recipe;
  trained_on_points: boolean;
}

/** A box, points, or both, in image space. */
export interface Prompt {
  box: [number, number, number, number] | null;
  /** x, y, and 1 for a point of the object, 0 for one that is not. */
  points: [number, number, 0 | 1][];
  /** The id of an earlier segment whose low-resolution mask is refined. */
  refine: number | null;
  /** The chain of prompts starts from the mask that a propagation left on the slice. */
  refine_carried?: boolean;
  /** Never only offered. */
  take?: boolean;
  multimask: boolean;
  /** The object whose structure the mask becomes a slice of. */
  object: number | null;
}

/** Why a refinement is only offered: the object keeps the mask that it has. */
export interface Offer {
  /** The part of that mask that it loses, 0 to 1. */
  lost_fraction: number;
  /** A point on the object lies outside its mask. */
  point_outside: boolean;
  /** A point beside the object lies inside its mask. */
  point_inside: boolean;
}

export interface Found {
  offered: Offer | null | undefined;
  id: number;
  /** The image's key. */
  key: string;
  /** As used: clipped to the image. */
  box: [number, number, number, number] | null;
  points: [number, number, 0 | 1][];
  /** The predicted IoU of each mask: one, or three of a multi-mask prompt. */
  candidates: number[];
  chosen: number;
  /** Predicted by the model, of the chosen one. */
  iou: number;
  /** 0 or 1, row-major, width × height. */
  mask: Uint8Array<ArrayBuffer>;
  area_px: number;
  /** Half-open; none for an empty mask. */
  bounds: [number, number, number, number] | null | undefined;
  decode_ms: number;
}
