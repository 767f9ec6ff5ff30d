// The values that cross between the page and the engine. `crates/bindings` adds this text to the declarations that
// wasm-bindgen generates of `Engine`, `Opener` and the functions. Coordinates are in image space, in pixels of the slice.
// Functions throw `{ code, message }`.

/** x0, y0, x1, y1. */
export type Corners = [number, number, number, number];

/** x, y and the label: 1 on the object, 0 next to it. */
export type LabelledPoint = [number, number, 0 | 1];

/** How a model wants its image prepared and its mask restored. */
export type Recipe = "sam" | "medsam" | "litemedsam";

export type Direction = "up" | "down";

export interface DeviceInfo {
  kind: "gpu" | "cpu";
  name: string;
}

export interface EmbeddingMemory {
  count: number;
  bytes: number;
  budget_bytes: number;
}

export interface Agreement {
  /** 0 to 1. */
  dice: number;
  /** Normalised surface Dice at 2 mm; null if the spacing is unknown or uneven. */
  nsd: number | null;
}

/** A coded term of SNOMED CT. */
export interface Term {
  value: string;
  scheme: string;
  meaning: string;
}

/** Two objects that share voxels. */
export interface Overlap {
  first: number;
  second: number;
  /** On a slice: pixels. */
  voxels: number;
}

/** What a weights file contains. */
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

export interface OpenedFile {
  /** Identifies the scan: the SHA-256 of the files and the choice. */
  key: string;
  /** For `Engine.open`. */
  scan: Uint8Array<ArrayBuffer>;
}

/** The user's strokes on a slice. */
export interface SliceStrokes {
  slice: number;
  strokes: Stroke[];
}

/** The recorded result of an object. */
export interface RecordedResult {
  voxels: number;
  sha256: string;
}

export type ExportFormat =
  | "label_png" | "mask_png" | "overlay_png" | "nifti" | "nifti_resampled" | "dicom_seg" | "npz" | "coco" | "csv" | "svg";

export interface ExportObject {
  /** The name of the model that made its masks, if it is not the loaded one. */
  model?: string;
  object: number;
  name: string;
  colour: [number, number, number];
}

export interface ExportOptions {
  /** The slice, for formats of one slice. */
  plane: Plane;
  slice: number;
  window: Window;
  /** Whether a DICOM SEG names the patient and the source. */
  identity: "linked" | "de_identified";
  /** How a DICOM SEG stores its pixels; "auto" is the form that most readers read correctly. */
  seg_form?: "auto" | "binary" | "whole_bytes" | "label_map";
  /** Which object keeps a shared voxel, in a format with one number for each voxel. */
  winner?: "later" | "earlier";
  /** ISO 8601, to the second: `20261125T120000`. */
  now: string;
  /** 16 random bytes for UIDs. */
  seed: Uint8Array;
}

export interface ExportedFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** Such as `boxel-labels.nii.gz`; never the source's name. */
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

/** Where the pixel spacing comes from, which says how reliable lengths are. */
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
  /** The file has no modality, but the values look like Hounsfield units, so the scan is treated as a CT. */
  looks_like_ct: boolean;
  /** Bits of a sample in the file. */
  bits: number;
  colour: boolean;
  /** Whether slices are neighbours in space. */
  volume: boolean;
  spacing_source: SpacingSource | null;
  /** The first one is the plane of acquisition. */
  views: View[];
  /** The windows in the file. */
  windows: { name: string; window: Window }[];
  presets: { name: string; level: number; width: number }[];
  notes: { code: string; text: string }[];
  shown: Shown;
}

/** A slice in a window. */
export interface Shown {
  /** Identifies the image; answers contain it. */
  key: string;
  plane: Plane;
  slice: number;
  window: Window;
  /** The window's level, if it has one. */
  level: number | null;
  width_of_window: number | null;
  width: number;
  height: number;
  /** The image windowed to 8 bits, alpha 255. */
  rgba: Uint8ClampedArray<ArrayBuffer>;
  /** The values before the window, row-major; null for a colour image. */
  values: Float32Array<ArrayBuffer> | null;
}

export interface SliceMask {
  object: number;
  /** 0 or 1, row-major. */
  mask: Uint8Array<ArrayBuffer>;
  /** Null outside the object's plane. */
  origin: "marked" | "carried" | null;
  iou: number | null;
  doubts: Doubt[];
}

/** A stroke of a round brush. */
export interface Stroke {
  kind: "paint" | "erase";
  /** In pixel widths. */
  radius_px: number;
  /** Image space; one point is a dab. */
  path: [number, number][];
}

/** How an object compares with its recorded result. */
export interface ReplayCheck {
  voxels: number;
  recorded_voxels: number;
  /** Voxel for voxel. */
  identical: boolean;
  /** 0 to 1; null, like `differing`, if the session has no masks and the hashes differ. */
  dice: number | null;
  /** Voxels in only one of the two. */
  differing: number | null;
  /** Dice at least 0.999, or without masks counts within 0.1 %. */
  agrees: boolean;
}
export type Doubt = "low_iou" | "area_jump" | "drift" | "disagreement" | "like_outside";
export type Stop = "end" | "marked" | "uniform" | "empty" | "low_iou" | "area_jump" | "drift";

/** An object's mask in the volume. */
export interface ObjectMask {
  plane: Plane;
  voxels: number;
  volume_ml: number | null;
  slices: { slice: number; origin: "marked" | "carried"; iou: number | null; doubts: Doubt[] }[];
}

export type PropagationStep =
  | { step: "encoding"; slice: number; stage: string; done: number; total: number }
  | { step: "carried"; slice: number; iou: number; area_px: number; doubts: Doubt[] }
  | { step: "stopped"; direction: Direction; slice: number; reason: Stop }
  | { step: "finished" };

export interface ModelInput {
  /** Side of the square, in pixels. */
  side: number;
  /** The part of the square that the image covers. */
  resized: [number, number];
  rgba: Uint8ClampedArray<ArrayBuffer>;
  box: Corners | null;
  points: LabelledPoint[];
}

/** A line between two points. */
export interface Axis {
  /** In image space. */
  ends: [[number, number], [number, number]];
  /** In the patient, in mm (LPS); null if the position of the scan is unknown. */
  ends_mm: [[number, number, number], [number, number, number]] | null;
  /** In pixel widths. */
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
  /** Null if the object's mask is empty on the slice. */
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
  box: Corners | null;
  /** x, y, and 1 for a point of the object, 0 for one that is not. */
  points: LabelledPoint[];
  /** The id of an earlier answer whose mask is refined. */
  refine: number | null;
  /** Whether the chain of prompts starts from the propagated mask of the slice. */
  refine_carried?: boolean;
  /** Take the mask in any case. */
  take?: boolean;
  multimask: boolean;
  /** The object whose mask gets this slice. */
  object: number | null;
}

/** Why a refinement is only offered, while the object keeps its mask. */
export interface Offer {
  /** The fraction of the object's mask that it loses, 0 to 1. */
  lost_fraction: number;
  /** A point on the object is outside the refined mask. */
  point_outside: boolean;
  /** A point next to the object is inside the refined mask. */
  point_inside: boolean;
}

export interface Prediction {
  id: number;
  /** The key of the image. */
  key: string;
  /** Clipped to the image. */
  box: Corners | null;
  points: LabelledPoint[];
  /** The predicted IoU of each mask: one, or three of a multi-mask prompt. */
  candidates: number[];
  chosen: number;
  /** Predicted by the model for the chosen one. */
  iou: number;
  /** 0 or 1, row-major, width × height. */
  mask: Uint8Array<ArrayBuffer>;
  area_px: number;
  /** Half-open; null for an empty mask. */
  bounds: Corners | null;
  decode_ms: number;
  /** Why the mask is only offered; null if it is taken. */
  offered: Offer | null;
  /** The object after this answer; null for a prompt without an object, and for an offer. */
  updated: UpdatedObject | null;
}

/** An object after an answer. */
export interface UpdatedObject {
  /** Its mask on the current slice, strokes included; null if it is empty. */
  slice_mask: SliceMask | null;
  mask: ObjectMask;
  /** On the current slice. */
  measured: Measured;
}
