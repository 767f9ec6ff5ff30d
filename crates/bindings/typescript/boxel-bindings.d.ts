/* tslint:disable */
/* eslint-disable */
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



/**
 * One session on one device.
 *
 * Calls must not overlap: await a promise before the next call.
 */
export class Engine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Drops the embedding of the current image. The scan stays open.
     */
    abandon_embedding(): void;
    /**
     * Cancels the propagation. The masks that it has found stay.
     */
    abandon_propagation(): void;
    /**
     * Takes a refinement that is only offered.
     *
     * # Errors
     *
     * `session_order` if the answer does not exist.
     */
    accept(id: number): Prediction;
    /**
     * Starts to embed the current image and returns the number of steps: 0 if its embedding is cached.
     *
     * # Errors
     *
     * `session_order`.
     */
    begin_embedding(): number;
    /**
     * Starts to propagate an object's mask from a slice to its neighbours, in a window, or with null in the window
     * that the model sees. `"up"` goes towards larger slice numbers.
     *
     * # Errors
     *
     * `session_order` if the object has no mask on that slice, or without weights.
     */
    begin_propagation(object: number, from: number, directions: Direction[], window?: Window | null): void;
    /**
     * Compares an object with a recorded result. Without the recorded `masks`, `dice` and `differing` are null unless
     * the voxels are identical.
     *
     * # Errors
     *
     * `session_order` if the object has no mask, `session_file` for masks that do not fit the scan.
     */
    check_object(object: number, plane: Plane, result: RecordedResult, masks?: string | null): ReplayCheck;
    /**
     * Takes another candidate of an answer, counted from 0. Nothing is decoded.
     *
     * # Errors
     *
     * `session_order` if the answer or the candidate does not exist.
     */
    choose(id: number, candidate: number): Prediction;
    /**
     * Compares an object with a label of the reference.
     *
     * # Errors
     *
     * `session_order` without a reference, or if the object has no mask.
     */
    compare(object: number, label: number): Agreement;
    /**
     * A second session on the same device with its own scan and weights, for a comparison model.
     */
    comparison(): Engine;
    /**
     * Opens a device. A GPU can be opened once in a worker.
     *
     * # Errors
     *
     * `device_unavailable`.
     */
    static create(device: "gpu" | "cpu"): Promise<Engine>;
    /**
     * The device. Browsers hide much of an adapter's name.
     */
    device(): DeviceInfo;
    /**
     * The Dice coefficient of an answer's mask and one of another engine, 0 to 1.
     *
     * # Errors
     *
     * `session_order` if an answer does not exist, `internal` for masks of different sizes.
     */
    dice(id: number, other: Engine, other_id: number): number;
    /**
     * Discards an object's propagated masks. Slices that the user has touched stay.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    discard_propagation(object: number): void;
    /**
     * Replaces the user's strokes on a slice of an object's plane; the path is in image space. An empty array removes
     * them. They are drawn over the model's mask, now and after later answers.
     *
     * # Errors
     *
     * `session_order` if the object has no mask or the slice does not exist; `stroke_invalid`.
     */
    edit(object: number, slice: number, strokes: Stroke[]): void;
    /**
     * Runs one step. When `done` equals `total`, the image is embedded.
     *
     * # Errors
     *
     * `session_order`, `device_failed`.
     */
    embed_step(): Promise<EmbedProgress>;
    /**
     * The memory that cached embeddings take.
     */
    embedding_memory(): EmbeddingMemory;
    /**
     * Saves objects in a format.
     *
     * # Errors
     *
     * `session_order` without objects, or for an object without a mask; `export_unavailable`, `export_invalid`.
     */
    export(format: ExportFormat, objects: ExportObject[], options: ExportOptions): ExportedFile;
    /**
     * For each format, the reason why the open scan's masks can't be saved in it; empty if they can.
     *
     * # Errors
     *
     * `session_order` without a scan.
     */
    export_refusals(): Record<ExportFormat, string>;
    /**
     * For each format, what the user should know before other software reads the file, as sentences; empty if there
     * is nothing to say.
     *
     * # Errors
     *
     * `session_order` without a scan.
     */
    export_warnings(): Record<ExportFormat, string>;
    /**
     * Stores an object's propagated masks under the caller's version number.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    keep_propagation(object: number, version: number): void;
    /**
     * Loads weights onto the device. `inspect_weights` lists the possible recipes. The open scan stays; masks of
     * another model are dropped, but those that were restored before the first model stay. If it fails, the former
     * model stays.
     *
     * # Errors
     *
     * `weights_format`, `weights_key`, `weights_recipe`.
     */
    load_weights(bytes: Uint8Array | number[], recipe: Recipe): LoadedWeights;
    /**
     * The SHA-256 of an object's voxels on the source's grid, one byte for each voxel, 0 or 1, columns fastest.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    mask_sha256(object: number): string;
    /**
     * Measures an object on a slice of a plane and through all slices.
     *
     * # Errors
     *
     * `session_order` if the object or the slice does not exist.
     */
    measure(object: number, plane: Plane, slice: number): Measured;
    /**
     * The model's input for the current slice, with a box and points in model space.
     *
     * # Errors
     *
     * `session_order` without weights or scan; `box_invalid`, `box_outside`.
     */
    model_input(box: Corners | null, points: LabelledPoint[]): ModelInput;
    /**
     * An object's size and its slices.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    object_mask(object: number): ObjectMask;
    /**
     * Opens a scan that `Opener.open` returned and drops the former one. `shown` is the middle slice of the first
     * plane in the scan's own window. If it fails, the former scan stays.
     *
     * # Errors
     *
     * `internal` if the bytes are not a scan.
     */
    open(scan: Uint8Array | number[], key: string): OpenedScan;
    /**
     * Sets a label map that `Opener.open` returned as the reference to compare with.
     *
     * # Errors
     *
     * `reference_labels` if the scan is not a label map, `grids_differ` if it has another grid; then the former
     * reference stays.
     */
    open_reference(scan: Uint8Array | number[]): { labels: number[] };
    /**
     * Opens the scan of another engine. Both share its memory.
     *
     * # Errors
     *
     * `session_order` if the other engine has no scan.
     */
    open_same(other: Engine): void;
    /**
     * The pairs of objects that share voxels, or with `at` pixels of that slice.
     *
     * # Errors
     *
     * `session_order` for an object without a mask.
     */
    overlaps(objects: Uint32Array | number[], at: { plane: Plane; slice: number } | null): Overlap[];
    /**
     * The largest probability of each pixel as a PNG file: 16-bit grey, the probability before the threshold times
     * 65535.
     *
     * # Errors
     *
     * `session_order` without ids, or if an answer does not exist.
     */
    probability_png(ids: Uint32Array | number[]): Uint8Array<ArrayBuffer>;
    /**
     * Runs one step of the propagation.
     *
     * # Errors
     *
     * `session_order` unless a propagation has begun, `device_failed`.
     */
    propagation_step(): Promise<PropagationStep>;
    /**
     * Drops an answer. Its object keeps the mask.
     *
     * # Errors
     *
     * `session_order` if the answer does not exist.
     */
    remove(id: number): void;
    /**
     * Drops an object's mask.
     */
    remove_object(object: number): void;
    /**
     * Replaces an object's masks; no weights are needed. `masks` comes from `stored_masks`. With `sha256`, the voxels
     * must have it as their `mask_sha256`. The user's strokes in `edits` are already in the masks.
     *
     * # Errors
     *
     * `session_file` for masks that do not fit the scan or have another hash, `session_order` without a scan,
     * `stroke_invalid`. Then nothing changes.
     */
    restore_object(object: number, plane: Plane, masks: string, edits: SliceStrokes[], sha256?: string | null): void;
    /**
     * Returns an object to the propagated masks of a stored version. Slices with prompts, and strokes, stay. An
     * unknown version changes nothing.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    restore_propagation(object: number, version: number): void;
    /**
     * Decodes prompts; prompts of the same form share a batch. The answers are in the prompts' order. An answer with
     * `offered` leaves its object's mask until `accept`.
     *
     * # Errors
     *
     * `prompt_invalid`, `prompt_empty`, `box_invalid`, `box_outside`, `point_invalid`, `point_outside`,
     * `session_order`, `device_failed`. Then nothing is kept of all prompts.
     */
    segment(prompts: Prompt[]): Promise<Prediction[]>;
    /**
     * Limits the memory of cached embeddings, in bytes.
     */
    set_embedding_budget(bytes: number): void;
    /**
     * Sets the window in which the model sees the scan; with null it sees the window that is shown.
     *
     * # Errors
     *
     * `window_invalid`, `session_order` without a scan.
     */
    set_model_window(window: Window | null): void;
    /**
     * Shows a slice of a plane in a window. Objects stay.
     *
     * # Errors
     *
     * `session_order` without a scan, or if the slice does not exist; `window_invalid`.
     */
    show(plane: Plane, slice: number, window: Window): Shown;
    /**
     * The masks of all objects on a slice of a plane. `origin`, `iou` and `doubts` are known only in the plane that
     * the object was marked in.
     *
     * # Errors
     *
     * `session_order` without a scan.
     */
    slice_masks(plane: Plane, slice: number): SliceMask[];
    /**
     * An object's masks as JSON text, as in the field `masks` of a session file.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    stored_masks(object: number): string;
    /**
     * Removes a prompt's mask from one slice of an object. Strokes stay.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    unmark(object: number, slice: number): void;
}

/**
 * Reads files into a scan. It belongs into a worker that is terminated after the task: a module's memory never
 * shrinks, and an untrusted file may take much of it.
 */
export class Opener {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Adds a file. Its name pairs a `.hdr` with its `.img`, and is not kept longer than the opener.
     */
    add(name: string, bytes: Uint8Array | number[]): void;
    /**
     * An opener without files.
     */
    constructor();
    /**
     * Reads one of the scans, counted from 0. One past the last choice is for `Engine.open_reference`: the segments of
     * a DICOM Segmentation as one label map, or else the first scan.
     *
     * # Errors
     *
     * Those of `survey`; `internal` if the choice does not exist.
     */
    open(choice: number): OpenedFile;
    /**
     * The scans that the files contain, to choose from.
     *
     * # Errors
     *
     * `image_format`, `image_truncated`, `image_too_large`, `image_empty`, `image_unsupported`: the fault of the first
     * file, if no file contains a scan.
     */
    survey(): { label: string }[];
}

/**
 * Converts weights to a safetensors file with the original names.
 *
 * # Errors
 *
 * `weights_format`, `weights_key`.
 */
export function convert_weights(bytes: Uint8Array | number[], dtype: "f32" | "f16" | "bf16"): Uint8Array<ArrayBuffer>;

/**
 * Describes a weights file. It has one possible recipe unless it is a ViT-B that is not a published file.
 *
 * # Errors
 *
 * `weights_format`, `weights_key`.
 */
export function inspect_weights(bytes: Uint8Array | number[]): WeightsFile;

/**
 * Runs once, when the module is instantiated.
 */
export function start(): void;

/**
 * Names of segments that have a coded term.
 */
export function term_names(): string[];

/**
 * The SNOMED CT term of each name; null for free text.
 *
 * # Errors
 *
 * `internal` if the terms can't be converted.
 */
export function terms(names: string[]): (Term | null)[];

/**
 * The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
 */
export function verify_sha256(bytes: Uint8Array | number[]): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
