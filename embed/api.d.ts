// The types of the package: what boxel.js exports. Coordinates are image space: pixels of the slice in its
// plane, (0, 0) is the corner at the left and top, and a pixel's centre is at its index plus one half.

import type {
  Doubt, ExportFormat, Measured, ObjectMask as Structure, OpenedScan, Plane, Prediction, Recipe, Shown, SliceMask, Stop, Stroke, Window,
} from "../boxel-bindings.js";

export type {
  Axis, Doubt, ExportFormat, Measured, ObjectMask as Structure, OpenedScan, Plane, Recipe, Shown, SliceMask, SpacingSource,
  Statistics, Stop, Stroke, View, Window,
} from "../boxel-bindings.js";

/** What every call rejects with. `code` is for programs, `message` for people. */
export declare class BoxelError extends Error {
  constructor(failure: { code: string; message: string });
  readonly code: string;
}

export interface Device {
  kind: "gpu" | "cpu";
  /** Browsers hide much of an adapter's name. */
  name: string;
  /** Why this one, in a sentence. */
  reason: string;
}

export interface Model {
  /** The name in the list, or what the weights were found to be. */
  id: string;
  name: string;
  recipe: Recipe;
  trained_on_points: boolean;
}

/** The name or the file of an entry of `models.json`; or weights from elsewhere. A `Blob` is inspected, and needs
 * its recipe only where several are possible; at an address `bytes`, `sha256` and `recipe` are needed. */
export type ModelChoice = string | { weights: Blob | URL | string; bytes?: number; sha256?: string; recipe?: Recipe };

export interface Progress {
  stage: "download" | "check" | "load" | "read" | "embed";
  /** Bytes of a download, files that are read, steps of the encoder. */
  done: number;
  /** Null where it is not known. */
  total: number | null;
  /** The one that is encoded. */
  slice: number | null;
}

export interface BoxelEvents {
  progress: Progress;
  model: Model;
  /** The engine is gone, such as after the loss of the GPU: create another, and open the scan again. */
  error: BoxelError;
}

export interface CreateOptions {
  /** `auto`: the GPU where it can run the model, else the CPU. */
  device?: "auto" | "gpu" | "cpu";
  /** Left out: the first of the list that the device can run. */
  model?: ModelChoice;
  /** The folder with `models.json`; left out: `models/` of the package. */
  models?: URL | string;
  /** Hears `progress` from the beginning. */
  on_progress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export type NumberArray =
  | Uint8Array | Uint8ClampedArray | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** What a viewer has in memory. Places and directions are the patient's, LPS, as in DICOM, in mm. */
export interface Voxels {
  /** Columns fastest, then rows, then slices. */
  data: NumberArray;
  /** Columns, rows, slices. */
  dimensions: ArrayLike<number>;
  /** From column to column, row to row, slice to slice; left out: unknown, and nothing is measured in mm. */
  spacing_mm?: ArrayLike<number>;
  /** Three unit vectors: along a row, down a column, from slice to slice. Left out: axial, as DICOM has it. */
  direction?: ArrayLike<number>;
  /** The centre of the first voxel. */
  origin_mm?: ArrayLike<number>;
  /** value = slope × stored + intercept; 1 and 0. */
  slope?: number;
  intercept?: number;
}

/** A file, several that belong together (a series, a `.hdr` with its `.img`), their bytes, or voxels. */
export type Source = Blob | BufferSource | Voxels | Iterable<Blob | BufferSource>;

export interface OpenOptions {
  /** Which of several scans, counted from 0. Labels are for the screen only: they may say more than one would log. */
  choose?: (labels: string[]) => number | Promise<number>;
  signal?: AbortSignal;
}

/** What is left out is as it was shown last; of another plane, the middle slice. */
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
  /** x, y, and 1 for a point of the object, 0 for one that is not. */
  points?: [number, number, 0 | 1][];
  /** An answer of before, whose mask is refined. */
  refine?: Segment;
  /** Three masks to choose from. */
  multimask?: boolean;
  /** The number of an object that it becomes another slice of; left out: that of `refine`, or a new one. */
  object?: number;
  signal?: AbortSignal;
}

/** The answer to a prompt: `mask` has a byte of 0 or 1 for each pixel of the slice, row by row. */
export interface Segment extends Omit<Prediction, "key" | "bounds" | "updated">, Place {
  object: number;
  width: number;
  height: number;
  /** x0, y0, x1, y1, half-open; null for an empty mask. */
  bounds: [number, number, number, number] | null;
}

export interface PropagateOptions {
  /** The slice to begin at; left out: where the object was marked last. */
  from?: number;
  directions?: ("up" | "down")[];
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
  /** What the files say: views with their sizes and spacing, windows, notes. */
  readonly info: Omit<OpenedScan, "shown">;
  /** The slice that was shown last: `rgba` is what the model sees, `values` are the scan's own. */
  readonly shown: Shown;
  /** Numbers of the objects that have been segmented. */
  readonly objects: number[];
  show(at?: At, options?: { signal?: AbortSignal }): Promise<Shown>;
  /** Encodes a slice, which `segment` does by itself; null where it was kept from before. */
  embed(options?: At & { signal?: AbortSignal }): Promise<{ encode_ms: number | null }>;
  segment(options: SegmentOptions): Promise<Segment>;
  /** Another mask of a `multimask` answer. */
  choose(segment: Segment, candidate: number): Promise<Segment>;
  /** Carries the mask to the neighbouring slices. What has been found stays when the loop is left, or aborted. */
  propagate(object: number, options?: PropagateOptions): AsyncIterable<PropagationStep>;
  /** Every object's mask on a slice. */
  masks(at?: At): Promise<SliceMask[]>;
  structure(object: number): Promise<Structure>;
  /** On a slice, left out: where it was marked last, and through all slices. */
  measure(object: number, at?: At): Promise<Measured>;
  /** Strokes over what the model found on a slice (left out: where it was marked last), in the place of those
   * before; none takes them back. What the model finds there later goes under them. */
  draw(object: number, strokes: readonly Stroke[], at?: { slice?: number }): Promise<void>;
  /** Names the object's voxels, as a session file does: the SHA-256 of a byte of 0 or 1 for each voxel of the scan. */
  fingerprint(object: number): Promise<{ sha256: string; voxels: number }>;
  /** Takes back what `propagate` has found. */
  take_back(object: number): Promise<void>;
  remove(object: number): Promise<void>;
  /** Why a format can't be written for this scan; empty where it can. */
  refusals(): Promise<Record<ExportFormat, string>>;
  /** What to know of a format before a file goes to other software, such as that ITK's tools refuse a tilted NIfTI; empty
   * where there is nothing. */
  warnings(): Promise<Record<ExportFormat, string>>;
  /** The pairs of objects (left out: of all) that share voxels. NIfTI, npz, label PNG and a SEG as a label map hold one
   * object for each voxel. */
  overlaps(objects?: readonly number[]): Promise<Overlap[]>;
  /** Left out: all objects. A DICOM SEG names patient and source only if it is `linked`; the form of its pixels, left
   * out, is the one that most readers read right. `winner` (left out: "later") keeps a voxel that several objects have,
   * in a file that holds one for each. */
  export(format: ExportFormat, objects?: readonly (number | NamedObject)[], options?: At & {
    identity?: "linked" | "de_identified";
    seg_form?: "auto" | "binary" | "whole_bytes" | "label_map";
    winner?: "later" | "earlier";
  }): Promise<File>;
}

/** What two objects share. */
export interface Overlap {
  first: number;
  second: number;
  voxels: number;
}

/** Calls may be made at any time: each waits for those before it. */
export interface Boxel extends EventTarget {
  readonly device: Device;
  readonly model: Model;
  /** Another model; the scan stays open, its masks are forgotten. */
  use(model?: ModelChoice, options?: { signal?: AbortSignal }): Promise<Model>;
  /** One scan is open at a time: the one before is forgotten, unless this one can't be read. */
  open(source: Source, options?: OpenOptions): Promise<Scan>;
  /** Ends the worker and gives its memory back. Calls that wait are rejected with `closed`. */
  close(): void;
  /** Returns what takes the listener away. */
  on<K extends keyof BoxelEvents>(type: K, listener: (detail: BoxelEvents[K]) => void): () => void;
}

export declare const Boxel: {
  /** A device and a model, ready. */
  create(options?: CreateOptions): Promise<Boxel>;
};
