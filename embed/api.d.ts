// The types of the package: what boxel.js exports. Coordinates are in image space: pixels of the slice in its plane,
// with (0, 0) at the top left corner and pixel centres at index plus one half.

import type {
  Doubt, EditStep, ExportFormat, Measured, ObjectMask as Structure, OpenedScan, Plane, Prediction, Recipe, Shown,
  SliceMask, Stop, Stroke, Window,
} from "../boxel-bindings.js";

export type {
  Axis, Doubt, EditStep, ExportFormat, Measured, ObjectMask as Structure, OpenedScan, Plane, Recipe, Shown, SliceMask,
  SpacingSource, Statistics, Stop, Stroke, View, Window,
} from "../boxel-bindings.js";

/** Every call rejects with this. `code` is for programs, `message` for people. */
export declare class BoxelError extends Error {
  constructor(failure: { code: string; message: string });
  readonly code: string;
}

export interface Device {
  kind: "gpu" | "cpu";
  /** Name of the adapter, as far as the browser reveals it. */
  name: string;
  /** Why this device was chosen, in a sentence. */
  reason: string;
}

export interface Model {
  /** The name in the list, or the architecture found in the weights. */
  id: string;
  name: string;
  recipe: Recipe;
  trained_on_points: boolean;
  /** Whether the SHA-256 of its file is in the list, given by the caller, or known to Boxel. If not, nothing shows that
   * the file is undamaged, and a DICOM SEG says "not a published file". */
  published: boolean;
}

/** The name or file of an entry in `models.json`, or weights from elsewhere. A `Blob` is inspected, and needs a recipe
 * only if several fit; an address needs `bytes`, `sha256` and `recipe`. */
export type ModelChoice = string | { weights: Blob | URL | string; bytes?: number; sha256?: string; recipe?: Recipe };

export interface Progress {
  stage: "download" | "check" | "load" | "read" | "embed";
  /** Counts bytes of a download, files read or steps of the encoder. */
  done: number;
  /** Null if unknown. */
  total: number | null;
  /** The slice being encoded. */
  slice: number | null;
}

export interface BoxelEvents {
  progress: Progress;
  model: Model;
  /** The engine has died, for example because the GPU was lost: create another one and open the scan again. */
  error: BoxelError;
}

export interface CreateOptions {
  /** `auto`: the GPU if it can run the model, else the CPU. */
  device?: "auto" | "gpu" | "cpu";
  /** Default: the first in the list that the device can run. */
  model?: ModelChoice;
  /** The folder with `models.json`. Default: `models/` of the package. */
  models?: URL | string;
  /** Receives `progress` from the start. */
  on_progress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export type NumberArray =
  | Uint8Array | Uint8ClampedArray | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array
  | Float64Array;

/** Voxels in memory. Positions and directions are in the patient's LPS space as in DICOM, in mm. */
export interface Voxels {
  /** Columns fastest, then rows, then slices. */
  data: NumberArray;
  /** Columns, rows, slices. */
  dimensions: ArrayLike<number>;
  /** Distance between columns, rows and slices, in mm. Default: unknown, and nothing is measured in mm. */
  spacing_mm?: ArrayLike<number>;
  /** Three unit vectors: along a row, down a column, from slice to slice. Default: axial, as in DICOM. */
  direction?: ArrayLike<number>;
  /** The centre of the first voxel. */
  origin_mm?: ArrayLike<number>;
  /** value = slope × stored + intercept. Default: 1 and 0. */
  slope?: number;
  intercept?: number;
}

/** A file, several files that belong together (a series, a `.hdr` with its `.img`), their bytes, or voxels. */
export type Source = Blob | BufferSource | Voxels | Iterable<Blob | BufferSource>;

export interface OpenOptions {
  /** Chooses one of several scans, counted from 0. Labels may contain patient data: show them, do not log them. */
  choose?: (labels: string[]) => number | Promise<number>;
  signal?: AbortSignal;
}

/** Default: as shown last; in another plane, the middle slice. */
export interface At {
  plane?: Plane;
  /** Counted from 0. */
  slice?: number;
  window?: Window;
}
export type Place = Required<At>;

export interface SegmentOptions extends At {
  /** x0, y0, x1, y1. */
  box?: [number, number, number, number] | null;
  /** Corners of a closed line around the object, instead of a box: the model gets the line's bounds and the mask inside
   * it. */
  polygon?: [number, number][];
  /** x, y, and 1 for a point inside the object, 0 for one outside. */
  points?: [number, number, 0 | 1][];
  /** An earlier answer whose mask is refined. */
  refine?: Segment;
  /** Asks for three candidate masks. */
  multimask?: boolean;
  /** The object whose mask this slice is added to. Default: that of `refine`, or a new object. */
  object?: number;
  signal?: AbortSignal;
}

/** The answer to a prompt: `mask` has one byte, 0 or 1, for each pixel of the slice, row by row. */
export interface Segment extends Omit<Prediction, "key" | "bounds" | "updated">, Place {
  object: number;
  width: number;
  height: number;
  /** x0, y0, x1, y1, half-open; null for an empty mask. */
  bounds: [number, number, number, number] | null;
}

export interface PropagateOptions {
  /** The slice to start from. Default: the last slice with a prompt. */
  from?: number;
  directions?: ("up" | "down")[];
  /** Slices in each direction with SAM 2.1 and MedSAM2, which remember slices. Default: 32. The others have no range. */
  range?: number;
  signal?: AbortSignal;
}

export type PropagationStep =
  | { step: "carried"; slice: number; iou: number; area_px: number; doubts: Doubt[] }
  | { step: "stopped"; direction: "up" | "down"; slice: number; reason: Stop };

export interface NamedObject {
  object: number;
  name?: string;
  colour?: [number, number, number];
}

export interface Scan {
  /** Facts from the files: planes with their sizes and spacing, windows, notes. */
  readonly info: Omit<OpenedScan, "shown">;
  /** The slice shown last: `rgba` is what the model sees, `values` are the scan's values. */
  readonly shown: Shown;
  /** Numbers of the objects that have been segmented. */
  readonly objects: number[];
  show(at?: At, options?: { signal?: AbortSignal }): Promise<Shown>;
  /** Encodes a slice, which `segment` does by itself; null if it was cached. */
  embed(options?: At & { signal?: AbortSignal }): Promise<{ encode_ms: number | null }>;
  segment(options: SegmentOptions): Promise<Segment>;
  /** Chooses another candidate of a `multimask` answer. */
  choose(segment: Segment, candidate: number): Promise<Segment>;
  /** Propagates the mask to the neighbouring slices. The slices done so far stay if the loop is left or aborted. */
  propagate(object: number, options?: PropagateOptions): AsyncIterable<PropagationStep>;
  /** Every object's mask on a slice. */
  masks(at?: At): Promise<SliceMask[]>;
  structure(object: number): Promise<Structure>;
  /** Measures on a slice (default: the last one with a prompt) and over all slices. */
  measure(object: number, at?: At): Promise<Measured>;
  /** Replaces the strokes on top of the model's mask on a slice (default: the last one with a prompt); an empty list
   * removes them. Later masks of the model go under them. */
  draw(object: number, strokes: readonly Stroke[], at?: { slice?: number }): Promise<void>;
  /** Edits the object's mask in the whole volume; null makes a new object, in the plane that was shown last. On the
   * slices that change, the result replaces prompts and strokes, and no propagation changes them. Null if nothing
   * changes. */
  edit(object: number | null, edit: EditStep): Promise<{ object: number; slices: number[] } | null>;
  /** Identifies the object's voxels, as in a session file: the SHA-256 of one byte, 0 or 1, for each voxel. */
  fingerprint(object: number): Promise<{ sha256: string; voxels: number }>;
  /** Removes the slices that `propagate` has added. */
  take_back(object: number): Promise<void>;
  remove(object: number): Promise<void>;
  /** Why a format cannot be written for this scan; empty if it can. */
  refusals(): Promise<Record<ExportFormat, string>>;
  /** A warning about a format before a file goes to other software, such as that ITK's tools refuse a tilted NIfTI;
   * empty if there is none. */
  warnings(): Promise<Record<ExportFormat, string>>;
  /** The pairs of objects (default: of all) that share voxels. NIfTI, npz, label PNG and a SEG as a label map store one
   * object per voxel. */
  overlaps(objects?: readonly number[]): Promise<Overlap[]>;
  /** Default: all objects. A DICOM file names patient and source only if it is `linked`; by default the pixels of a SEG
   * have the form that most readers support. `winner` (default: "later") keeps a voxel that several objects share, in a file
   * that stores one object per voxel. */
  export(format: ExportFormat, objects?: readonly (number | NamedObject)[], options?: At & {
    identity?: "linked" | "de_identified";
    seg_form?: "auto" | "binary" | "whole_bytes" | "label_map";
    winner?: "later" | "earlier";
  }): Promise<File>;
}

/** The voxels that two objects share. */
export interface Overlap {
  first: number;
  second: number;
  voxels: number;
}

/** Calls may be made at any time; each waits for the earlier ones. */
export interface Boxel extends EventTarget {
  readonly device: Device;
  readonly model: Model;
  /** Loads another model; the scan stays open, its masks are dropped. */
  use(model?: ModelChoice, options?: { signal?: AbortSignal }): Promise<Model>;
  /** Opens a scan. The previous one is closed, unless this one cannot be read. */
  open(source: Source, options?: OpenOptions): Promise<Scan>;
  /** Terminates the worker and frees its memory. Waiting calls are rejected with `closed`. */
  close(): void;
  /** Returns a function that removes the listener. */
  on<K extends keyof BoxelEvents>(type: K, listener: (detail: BoxelEvents[K]) => void): () => void;
}

export declare const Boxel: {
  /** Creates an engine with a device and a loaded model. */
  create(options?: CreateOptions): Promise<Boxel>;
};
