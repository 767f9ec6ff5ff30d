/* tslint:disable */
/* eslint-disable */
/** A member of a team of engines that encode one image together; `crates/sam/src/team.rs` says what it does. */
export interface Team {
    members(): number;
    begin(parts: number, values: number): boolean;
    take(): number | undefined;
    give(part: number, offset: number, values: Float32Array): void;
    receive(part: number, offset: number, values: Float32Array): boolean;
    end(): void;
}

// The values that cross between the page and the engine. A test of `crates/bindings` generates this file from the Rust
// types; wasm-bindgen adds it to the declarations of `Engine`, `Opener` and the functions. Coordinates are in image space,
// in pixels of the slice. Functions throw `{ code, message }`.

/** Agreement of a mask and a reference. */
export type Agreement = {
    /** Dice coefficient, 0 to 1. */
    dice: number;
    /** Normalised surface Dice at `Agreement::TOLERANCE_MM`, 0 to 1; null if the size of a
     * voxel is unknown, or slices are unevenly spaced. */
    nsd: number | null;
};

/** A diameter of a mask on a slice. */
export type Axis = {
    /** Both ends, in image space. */
    ends: [Point, Point];
    /** Both ends in patient space (LPS), in mm; null if the scan's place is unknown. */
    ends_mm: [[number, number, number], [number, number, number]] | null;
    /** Length in pixel widths. */
    length_px: number;
    /** Length in mm, if known. */
    length_mm: number | null;
};

/** A coded term (DICOM PS3.3 section 8.8). */
export type Code = {
    /** Coding scheme, such as `SCT`. */
    scheme: string;
    /** Code in the scheme. */
    value: string;
    /** Meaning, for people. */
    meaning: string;
};

/** The kind of a device. */
export type ComputeKind = "gpu" | "cpu";

/** Which voxels are connected: those that share a face, also those that share an edge, or also those that share a corner.
 * `scipy.ndimage.generate_binary_structure(3, 1)`, `2` and `3`. */
export type Connectivity = "faces" | "edges" | "corners";

/** A box in image space, in pixels of the opened image; serialized as `[x0, y0, x1, y1]`. */
export type Corners = [number, number, number, number];

export type DeviceInfo = {
    kind: ComputeKind;
    name: string;
};

/** A direction through the slices. */
export type Direction = "up" | "down";

/** Why a user should review a propagated mask. */
export type Doubt = "low_iou" | "area_jump" | "drift" | "disagreement" | "like_outside";

/** An edit of a mask. Slices and voxels are counted from 0; lengths are in mm.
 *
 * In JSON it is an object with one field, the edit's name and version: `{ "margin_v1": { "mm": 3 } }`. A change of what an
 * edit does gets a new name, so that an old file leads to its masks. */
export type EditStep = {
    "interpolate_v1": {
        /** The plane that the slices are counted in. */
        plane: Plane;
        /** The slices in between which to fill; all slices of the mask if empty. */
        slices?: Array<number>;
    }
} | {
    "largest_v1": {
        /** Which voxels are connected. */
        connectivity?: Connectivity;
    }
} | {
    "remove_islands_v1": {
        /** The smallest size that stays. */
        min: MinSize;
        /** Which voxels are connected. */
        connectivity?: Connectivity;
    }
} | {
    "fill_holes_v1": {
        /** Fills on each slice of a plane what the mask surrounds there; without it, what it surrounds in the volume. */
        plane?: Plane;
    }
} | {
    "smooth_v1": {
        /** Half the side of the box, rounded to whole voxels along each axis. */
        radius_mm: number;
    }
} | {
    "margin_v1": {
        /** The distance. */
        mm: number;
    }
} | {
    "threshold_within_v1": {
        /** The range. */
        range: ValueRange;
    }
} | {
    "threshold_v1": {
        /** The range. */
        range: ValueRange;
    }
} | {
    "grow_v1": {
        /** Column, row and slice of the grid to start at. */
        voxel: [number, number, number];
        /** The range, in which the value at the start lies too. */
        range: ValueRange;
        /** The largest distance from the start. */
        max_mm?: number;
    }
} | {
    "sphere_v1": {
        /** Whether it adds or removes voxels. */
        kind: StrokeKind;
        /** The sphere's radius. */
        radius_mm: number;
        /** Columns, rows and slices of the grid; a whole number is the centre of a voxel. One point makes a ball. */
        path: Array<[number, number, number]>;
        /** Changes only voxels whose values lie in a range. */
        range?: ValueRange;
    }
} | {
    "lasso_v1": {
        /** The plane that the slice is counted in. */
        plane: Plane;
        /** The slice. */
        slice: number;
        /** Whether it adds or removes pixels. */
        kind: StrokeKind;
        /** The polygon's points, in image space. */
        polygon: Array<Point>;
    }
} | {
    "copy_slice_v1": {
        /** The plane that the slices are counted in. */
        plane: Plane;
        /** The slice to copy. */
        from: number;
        /** The slice to replace. */
        to: number;
    }
} | {
    "union_v1": {
        /** The other object's number. */
        object: number;
    }
} | {
    "subtract_v1": {
        /** The other object's number. */
        object: number;
    }
} | {
    "intersect_v1": {
        /** The other object's number. */
        object: number;
    }
};

/** The progress of an encoding. */
export type EmbedProgress = {
    /** The stage that just ran, as the reference names it. */
    stage: string;
    /** The number of completed steps. */
    done: number;
    /** The number of all steps. */
    total: number;
};

/** The device memory of embeddings: cached ones, and those that other encoders have sent before they are needed. */
export type EmbeddingMemory = {
    /** The number of embeddings. */
    count: number;
    /** Their size on the device. */
    bytes: number;
    /** The largest size of the cached ones; one embedding is kept in any case. */
    budget_bytes: number;
};

/** A file format for masks. */
export type ExportFormat = "mask_png" | "label_png" | "overlay_png" | "svg" | "nifti" | "nifti_resampled" | "dicom_seg" | "rt_struct" | "seg_nrrd" | "stl" | "ply" | "obj" | "npz" | "coco" | "csv";

/** An object to save. */
export type ExportObject = {
    /** The object's number. */
    object: number;
    /** The user's name for the object. */
    name: string;
    /** Red, green, blue, each in `[0, 255]`. */
    colour: [number, number, number];
    /** The name of the model that made its masks; null for the loaded model. */
    model?: string;
    /** What the file says about it that it was loaded from: codes count while it has the name of the file, and the
     * algorithm while no model has changed it. */
    segment?: SegmentFacts;
};

/** Options of `Session::save`. */
export type ExportOptions = {
    /** Whether a DICOM Segmentation or RT Structure Set names the patient and the source. */
    identity: Identity;
    /** How a DICOM Segmentation stores its pixels; null, in JSON also `"auto"`, for the form that most readers read
     * correctly. */
    seg_form?: SegForm | "auto";
    /** Which object keeps a voxel that several objects share, in a format with one number for each voxel. */
    winner?: Winner;
    /** The current time as `YYYYMMDDTHHMMSS`. */
    now: string;
    /** 16 random bytes, new for each file, from which UIDs are made. */
    seed: Uint8Array;
    /** The plane that the slice lies in. */
    plane: Plane;
    /** The slice, counted from 0. */
    slice: number;
    /** How values become grey levels. */
    window: Window;
};

export type ExportedFile = {
    bytes: Uint8Array<ArrayBuffer>;
    /** Such as `boxel-labels.nii.gz`; never the source's name. */
    name: string;
    type: string;
};

/** A segment of a file. Those without voxels are left out. */
export type FileSegment = {
    /** Its name, codes and algorithm. */
    facts: SegmentFacts;
    /** As a session file has it; null if the file gives none. */
    colour: number | null;
    /** The plane of the scan's stored slices. */
    plane: Plane;
    /** The slice on which it is largest. */
    slice: number;
    voxels: number;
    /** What says where it lies. */
    link: Link;
    /** For `Engine.restore_object`. */
    masks: string;
};

/** Segments of a file, on the slices of the scan that they are opened on. */
export type FileSegments = {
    /** How many of the chosen segments are read. */
    read: number;
    segments: Array<FileSegment>;
};

/** Whether the file keeps the identity of the scan's patient. */
export type Identity = "linked" | "de_identified";

/** A point of a prompt; serialized as `[x, y, label]`, with the label 1 on the object and 0 next to it. */
export type LabelledPoint = [number, number, 0 | 1];

/** A slice for another worker's `SliceEncoder`. */
export type Lent = {
    /** Identifies the slice to `take_encoded`. */
    ticket: number;
    /** The model's input: red, green and blue plane. */
    input: Float32Array<ArrayBuffer>;
};

/** Orientation letters at the edges of a slice: `R`, `L`, `A`, `P`, `H`, `F`, or two or three of them
 * if the grid is oblique, the nearest first (DICOM PS3.3 C.7.6.1.1.1). */
export type Letters = {
    /** Letters at the left edge. */
    left: string;
    /** Letters at the right edge. */
    right: string;
    /** Letters at the top. */
    top: string;
    /** Letters at the bottom. */
    bottom: string;
};

/** What says where a segment lies on its scan. */
export type Link = "place" | "other_images" | "geometry" | "order" | "shown_slice";

/** A segment of a file, to choose. */
export type ListedSegment = {
    name: string;
    /** As a session file has it; null if the file gives none. */
    colour: number | null;
};

export type LoadedWeights = {
    name: string;
    recipe: Recipe;
    trained_on_points: boolean;
    /** Whether its SHA-256 is in a list of published files. */
    published: boolean;
};

export type Measured = {
    /** Null if the object's mask is empty on the slice. */
    slice: SliceMeasures | null;
    volume: VolumeMeasures;
};

/** The smallest size that a part may have. */
export type MinSize = {
    "voxels": number
} | {
    "mm3": number
};

/** The image that the model sees, with a prompt in its pixels. */
export type ModelInput = {
    /** Side of the square, in pixels. */
    side: number;
    /** Width and height of the part of the square that the image covers. */
    resized: [number, number];
    rgba: Uint8ClampedArray<ArrayBuffer>;
    box: Corners | null;
    points: Array<LabelledPoint>;
};

/** A window and the file's name for it. */
export type NamedWindow = {
    /** The file's explanation, such as `BRAIN`; may be empty. */
    name: string;
    /** Level and width in the scan's values, or another kind of window. */
    window: Window;
};

/** A message for the user about the scan. */
export type Note = {
    /** Kind of the message, for programs. */
    code: string;
    /** Text of the message, for the user. */
    text: string;
};

/** An object's mask in the volume, without its voxels. */
export type ObjectMask = {
    plane: Plane;
    voxels: number;
    volume_ml: number | null;
    slices: Array<ObjectSlice>;
};

/** A slice of an object with its number. */
export type ObjectSlice = {
    slice: number;
    /** Changes with any voxel of the slice; 0 where it is empty. */
    fingerprint: number;
    /** Where the mask comes from. */
    origin: Origin;
    /** The IoU that the model predicts for the mask; null where only the user has drawn. */
    iou: number | null;
    /** Reasons to review the slice. */
    doubts: Array<Doubt>;
};

/** Why a refinement is offered instead of taken. */
export type Offer = {
    /** The fraction of the object's current mask that it loses, 0 to 1. */
    lost_fraction: number;
    /** Whether a point on the object is outside the refined mask. */
    point_outside: boolean;
    /** Whether a point next to the object is inside the refined mask. */
    point_inside: boolean;
};

export type OpenedFile = {
    /** Identifies the scan: the SHA-256 of the files and the choice. */
    key: string;
    /** For `Engine.open`. */
    scan: Uint8Array<ArrayBuffer>;
};

export type OpenedScan = {
    key: string;
    /** Such as `DICOM` or `NIfTI-1`. */
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
    views: Array<View>;
    /** The windows in the file. */
    windows: Array<NamedWindow>;
    presets: Array<Preset>;
    notes: Array<Note>;
    shown: Shown;
};

/** Where a slice's mask comes from. */
export type Origin = "marked" | "carried" | "loaded" | "edited";

/** Two objects that share voxels. */
export type Overlap = {
    /** The earlier object's number. */
    first: number;
    /** The later object's number. */
    second: number;
    /** The number of shared voxels, or of shared pixels on a slice. */
    voxels: number;
};

/** An anatomical plane, or the slices as stored. */
export type Plane = "stored" | "axial" | "coronal" | "sagittal";

/** A point in image space, in pixels of the opened image; serialized as `[x, y]`. */
export type Point = [number, number];

/** The answer to one prompt. */
export type Prediction = {
    id: number;
    /** The key of the image. */
    key: string;
    /** The prompt's box, clipped to the image. */
    box: Corners | null;
    points: Array<LabelledPoint>;
    /** The predicted IoU of each mask: one, or three of a multi-mask prompt. */
    candidates: Array<number>;
    chosen: number;
    /** The predicted IoU of the chosen mask. */
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
};

/** A standard CT window, in Hounsfield units. */
export type Preset = {
    /** Name for the user. */
    name: string;
    /** Centre of the window, in HU. */
    level: number;
    /** Distance from black to white, in HU. */
    width: number;
};

/** A prompt in image space: a box, points, or both; or a polygon, with points or without. */
export type Prompt = {
    /** A box around the object. */
    box: Corners | null;
    /** Points on the object and next to it. */
    points: Array<LabelledPoint>;
    /** A closed polygon around the object; empty for a prompt without one. Its bounds are the prompt's box, unless
     * that has one of its own, and the mask that it encloses is the one that the prompt starts from, unless it
     * refines another.
     *
     * So micro-sam makes a box and a mask of a polygon (`shape_layer_to_prompts`, `segment_from_mask`). Differs from
     * it: the box is not rounded to whole pixels, and a cell of the mask that is partly inside has a logit in between. */
    polygon?: Array<Point>;
    /** The id of an earlier prediction on this image, whose mask is refined. */
    refine: number | null;
    /** Whether the prompt refines the object's propagated mask on this slice. In a chain of prompts, each of them has
     * this set; the model then also gets that mask's box with each prompt that has no box. Without a propagated
     * mask the prompt stands alone. */
    refine_carried?: boolean;
    /** Whether the mask is taken in any case, because the user or a session file says so. Otherwise a refinement of
     * an object may only be offered, see `Prediction::offer`. */
    take?: boolean;
    /** Whether the model offers three candidate masks instead of one. */
    multimask: boolean;
    /** The object whose `ObjectMask` gets the mask as a slice. */
    object: number | null;
};

/** What one step of a propagation did. */
export type PropagationStep = {
    "step": "encoding";
    /** The slice that is being encoded. */
    slice: number;
    /** The stage that just ran, as the reference names it. */
    stage: string;
    /** The number of completed steps. */
    done: number;
    /** The number of all steps. */
    total: number;
} | {
    "step": "waiting";
    /** The slice. */
    slice: number;
} | {
    "step": "carried";
    /** The slice that was decoded. */
    slice: number;
    /** The IoU that the model predicts for its mask. */
    iou: number;
    /** The area of its mask, in pixels. */
    area_px: number;
    /** Reasons to review the slice. */
    doubts: Array<Doubt>;
} | {
    "step": "stopped";
    /** The direction that ended. */
    direction: Direction;
    /** The slice that was not taken, or the last one. */
    slice: number;
    /** Why it ended. */
    reason: Stop;
} | {
    "step": "finished"
};

/** How a family of weights is fed, and how its logits become a mask.
 *
 * | | side | resize | input | padding | back |
 * |---|---|---|---|---|---|
 * | `Sam` | 1024 | longest side, Pillow's bilinear | `(x − mean) / std` | mean | 1024², crop, image, sigmoid |
 * | `MedSam` | 1024 | both sides, cubic spline | min–max to `[0, 1]` | none | sigmoid, image |
 * | `LiteMedSam` | 256 | longest side, OpenCV's area | min–max to `[0, 1]` | min | crop, image, sigmoid |
 * | `Sam2` | 1024 | both sides, torchvision's antialiased bilinear | `(x − mean) / std` | none | image, sigmoid |
 * | `MedSam2` | 512 | both sides, Pillow's bicubic | `(x − mean) / std` | none | image, sigmoid |
 *
 * Where there is a mean and a standard deviation, they are ImageNet's, and the input lies in `[-2.12, 2.64]`. Logits are 256
 * on a side, those of `MedSam2` 128. */
export type Recipe = "sam" | "medsam" | "litemedsam" | "sam2" | "medsam2";

/** An edit, and what it needs of other objects. */
export type RecordedEdit = {
    /** The edit with its numbers. */
    edit: EditStep;
    /** The mask that the edit combines with the object's. */
    other?: RecordedMask;
};

/** A mask in the whole volume. */
export type RecordedMask = {
    /** Columns, rows and slices of the scan's grid. */
    size: [number, number, number];
    /** Alternating lengths of runs of voxels outside and inside, starting outside, in the order of the scan's grid:
     * columns fastest, then rows, then slices. The sum is the number of voxels. */
    runs: Array<number>;
};

/** The recorded result of an object. */
export type RecordedResult = {
    /** The number of voxels. */
    voxels: number;
    /** As `ObjectMask::sha256` identifies them. */
    sha256: string;
};

/** How an object's masks compare with those that a session recorded. */
export type ReplayCheck = {
    /** The object's number of voxels. */
    voxels: number;
    /** The number of voxels that the session recorded. */
    recorded_voxels: number;
    /** Whether all voxels are equal, by their hashes. */
    identical: boolean;
    /** The Dice coefficient of both, 0 to 1; null if the session holds no masks and the hashes differ. */
    dice: number | null;
    /** The number of voxels in only one of the two; null as above. */
    differing: number | null;
    /** Whether they agree as well as two devices can, see `MIN_REPLAY_DICE`. Without masks: whether the counts differ
     * by at most 0.1 %. */
    agrees: boolean;
};

/** How a segmentation stores its pixels (Segmentation Type, PS3.3 C.8.20.2.3). `docs/exports.md` lists which software
 * reads which form. */
export type SegForm = "binary" | "whole_bytes" | "label_map";

/** What the file of a segment says about it, to be saved with it. */
export type SegmentFacts = {
    /** The name that the codes belong to: they are not written for an object that has another one by now. */
    name: string;
    /** Its category as a coded term, such as `SCT`, `91723000`, `Anatomical Structure`. */
    category: Code | null;
    /** Its type, such as `SCT`, `10200004`, `Liver`. */
    kind: Code | null;
    /** What the type leaves open, such as `SCT`, `24028007`, `Right`. */
    modifier: Code | null;
    /** DICOM's word for how it was made: `AUTOMATIC`, `SEMIAUTOMATIC` or `MANUAL`; empty if unknown; null if the object's
     * model has changed it. */
    algorithm: string | null;
    /** Name of the program or model that made it; empty if unknown. */
    algorithm_name: string;
};

/** An encoding for the members of a team. */
export type SharedEncoding = {
    /** The number of completed steps. */
    done: number;
    /** The shape of the last step's output, or of the model's input. */
    shape: [number, number, number, number];
    /** Its values. */
    values: Float32Array<ArrayBuffer>;
    /** The number of values of the largest map that the members share. */
    largest_map: number;
};

/** A slice in a window. */
export type Shown = {
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
};

/** The area of a mask on each slice of a plane, 0 where it is empty. */
export type SliceAreas = {
    /** In mm², as `SliceMeasures::area_mm2` is; in pixels unless that is
     * known on each slice with a mask. */
    areas: Array<number>;
    /** Whether the areas are in mm². */
    in_mm2: boolean;
};

/** An object's mask on one slice. */
export type SliceMask = {
    object: number;
    /** 0 or 1, row-major. */
    mask: Uint8Array<ArrayBuffer>;
    /** Null outside the object's plane. */
    origin: Origin | null;
    iou: number | null;
    doubts: Array<Doubt>;
};

/** The measures of a mask on one slice. */
export type SliceMeasures = {
    /** Number of pixels inside. */
    area_px: number;
    /** Area in mm². */
    area_mm2: number | null;
    /** The longest diameter of the largest connected part; null for an empty mask. */
    long_axis: Axis | null;
    /** The longest line perpendicular to the long axis inside that part. */
    short_axis: Axis | null;
    /** Statistics of the values inside; null in colour or for an empty mask. */
    values: Statistics | null;
};

/** The user's strokes on a slice. */
export type SliceStrokes = {
    slice: number;
    strokes: Array<Stroke>;
};

/** Source of a pixel size, which tells how far it can be trusted. */
export type SpacingSource = "pixel_spacing" | "imager_pixel_spacing" | "magnification_factor" | "source_distances" | "geometry_calibration" | "fiducial_calibration" | "unstated_calibration" | "unstated_pixel_spacing" | "object_pixel_spacing" | "rt_image_plane" | "nominal_scanned_pixel_spacing" | "ultrasound_region" | "nifti" | "volume_header" | "tiff_description" | "tiff_resolution";

/** Statistics of a set of values, in their unit. */
export type Statistics = {
    /** Arithmetic mean. */
    mean: number;
    /** Standard deviation of a sample, `√(Σ (x − mean)² / (n − 1))`, as ITK
     * (`itk::LabelStatisticsImageFilter`) and 3D Slicer (`vtkImageAccumulate`) give it; 0 for a single
     * value. */
    sd: number;
    /** The smallest value. */
    min: number;
    /** The largest value. */
    max: number;
    /** Number of values. NaN and infinite ones are ignored. */
    count: number;
};

/** Why a propagation ended. */
export type Stop = "end" | "range" | "marked" | "uniform" | "empty" | "low_iou" | "area_jump" | "drift" | "grey_levels";

/** A stroke of a round brush along a path. */
export type Stroke = {
    /** Whether it adds or removes pixels. */
    kind: StrokeKind;
    /** The brush's radius, in widths of a pixel. */
    radius_px: number;
    /** The path of the brush's centre, in image space; one point makes a dot. */
    path: Array<Point>;
};

/** What a stroke does to the pixels that it covers. */
export type StrokeKind = "paint" | "erase";

/** A coded term of SNOMED CT. */
export type Term = {
    value: string;
    scheme: string;
    meaning: string;
};

/** An object after an answer. */
export type UpdatedObject = {
    /** Its mask on the current slice, strokes included; null if it is empty. */
    slice_mask: SliceMask | null;
    mask: ObjectMask;
    /** On the current slice; null if the caller did not ask for it, or if it failed: `Engine.measure` says why. */
    measured: Measured | null;
};

/** A range of values in the scan's unit, such as HU; both ends belong to it, and a missing end is open. NaN lies in no range. */
export type ValueRange = {
    /** The smallest value. */
    low?: number;
    /** The largest value. */
    high?: number;
};

/** A plane of the scan. */
export type View = {
    plane: Plane;
    width: number;
    height: number;
    slices: number;
    /** A pixel's height in units of its width. */
    pixel_aspect: number;
    /** In mm along a row, down the rows, from slice to slice. */
    spacing_mm: [number | null, number | null, number | null];
    letters: Letters | null;
    /** For columns, rows and slices: the axis of the grid, and whether it is reversed. */
    voxel_axes: [[number, boolean], [number, boolean], [number, boolean]];
};

/** What an edit would change. */
export type VolumeEdit = {
    /** The object's number. */
    object: number;
    /** The voxels that it has. */
    voxels_before: number;
    /** The voxels that it would have. */
    voxels: number;
    /** The voxels that come to it. */
    added: number;
    /** The voxels that it loses. */
    removed: number;
    /** The volume that it would have; null if the spacing is unknown. */
    volume_ml: number | null;
    /** The slices of the object's plane that change, in ascending order. */
    slices: Array<number>;
};

/** The measures of a mask in a volume. */
export type VolumeMeasures = {
    /** Number of voxels inside. */
    voxels: number;
    /** Volume in millilitres, as `volume_ml` computes it. */
    volume_ml: number | null;
    /** Statistics of the values inside; null in colour or for an empty mask. */
    values: Statistics | null;
    /** The slices of the plane with voxels of the mask; serialized as their number. */
    slices: number;
};

/** What a weights file contains. */
export type WeightsFile = {
    format: "safetensors" | "pytorch";
    names: "original" | "hugging_face";
    /** LiteMedSAM's TinyViT, ViT-B, … */
    architecture: string;
    dtype: "f32" | "f16" | "bf16" | "mixed";
    tensors: number;
    parameters: number;
    sha256: string;
    /** The name of the published file, if the SHA-256 is known. */
    known: string | null;
    /** The possible recipes: one if it is certain. */
    recipes: Array<Recipe>;
};

/** How values become grey levels. Level and width are in the unit of the values. */
export type Window = {
    "kind": "stored"
} | {
    "kind": "linear";
    /** Centre of the window. */
    level: number;
    /** Distance from black to white. If it is not above 0, or NaN, values above the centre are white and all
     * others black. */
    width: number;
} | {
    "kind": "dicom_linear";
    /** DICOM's Window Center, half a unit above the centre of the ramp. */
    level: number;
    /** DICOM's Window Width, at least 1; one unit more than the distance from black to white. */
    width: number;
} | {
    "kind": "sigmoid";
    /** Centre of the window. */
    level: number;
    /** Width, above 0: the steepness is `4 / width`. */
    width: number;
} | {
    "kind": "percentiles"
} | {
    "kind": "lut";
    /** Index into `About::luts`, counted from 0. */
    index: number;
};

/** Which object keeps a voxel that several objects share. */
export type Winner = "later" | "earlier";



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
     * Takes a refinement that is only offered. `measure` is as in `segment`.
     *
     * # Errors
     *
     * `session_order` if the answer does not exist.
     */
    accept(id: number, measure?: number | null): Prediction;
    /**
     * Applies the pending edit. Each slice that it changes has the edit's mask alone, without prompts and strokes. Returns
     * what a session records.
     *
     * # Errors
     *
     * `session_order` unless an edit is pending.
     */
    apply_volume_edit(): RecordedEdit;
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
     * that the model sees. `"up"` goes towards larger slice numbers. `rule` is that of a session's step, to repeat it;
     * without it the newest rule applies. A model with a memory goes `range` slices in each direction, 32 without it;
     * the other models have no range.
     *
     * # Errors
     *
     * `rule_invalid`, `range_invalid`; `propagation_too_large`; `session_order` if the object has no mask on that slice,
     * or without weights.
     */
    begin_propagation(object: number, from: number, directions: Direction[], window?: Window | null, rule?: number | null, range?: number | null): void;
    /**
     * Computes an edit of an object in the whole volume, and keeps the result as the pending edit, instead of a former one.
     * Nothing else changes. An object without a mask begins empty, in the current plane. `on_progress` gets the part that
     * is done, 0 to 1, and returns false to cancel. `other` is the recorded mask of an edit that combines two; without it the
     * object that the edit names has its own.
     *
     * # Errors
     *
     * `edit_invalid`, `edit_too_large`, `edit_cancelled`; `session_file` for an `other` of another grid; `session_order`
     * without a scan. Then no edit is pending.
     */
    begin_volume_edit(object: number, edit: EditStep, on_progress: (part: number) => boolean, other?: RecordedMask | null): VolumeEdit;
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
     * Takes another candidate of an answer, counted from 0. Nothing is decoded. `measure` is as in `segment`.
     *
     * # Errors
     *
     * `session_order` if the answer or the candidate does not exist.
     */
    choose(id: number, candidate: number, measure?: number | null): Prediction;
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
     * Drops what was handed out or encoded early and is not among the next `window` slices any more.
     */
    drop_unwanted(window: number): void;
    /**
     * Drops the pending edit.
     */
    drop_volume_edit(): void;
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
     * Runs one step, in a team together with the others. When `done` equals `total`, the image is embedded.
     *
     * # Errors
     *
     * `session_order`, `device_failed`.
     */
    embed_step(team?: Team | null): Promise<EmbedProgress>;
    /**
     * The memory that cached embeddings take.
     */
    embedding_memory(): EmbeddingMemory;
    /**
     * Encodes one step of a slice that the propagation will need later, while it waits for one that was handed out.
     * Null if there is no such slice among the next `window` ones.
     *
     * # Errors
     *
     * `session_order`, `device_failed`.
     */
    encode_ahead(window: number): Promise<EmbedProgress | null>;
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
     * Whether a slice that was handed out is still wanted.
     */
    is_lent(ticket: number): boolean;
    /**
     * Stores an object's propagated masks under the caller's version number.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    keep_propagation(object: number, version: number): void;
    /**
     * Hands out a slice that the propagation will need if no mask ends it early, or a neighbour of the encoded slice.
     * At most `window` slices are handed out, encoded early or kept at a time; null if all of them are.
     */
    lend(window: number): Lent | null;
    /**
     * Loads weights onto the device. `inspect_weights` lists the possible recipes. The open scan stays; masks of
     * another model are dropped, but those that were restored before the first model stay. If it fails, the former
     * model stays.
     *
     * `checked` is the SHA-256 of the bytes, if the caller has computed it and compared it with a list or with
     * `inspect_weights`; else the engine computes it. `listed`: a list of models has it. Then, or if Boxel knows it, the
     * file counts as published.
     *
     * # Errors
     *
     * `weights_format`, `weights_key`, `weights_recipe`, `weights_checksum`, `weights_values`.
     */
    load_weights(bytes: Uint8Array | number[], recipe: Recipe, checked?: string | null, listed?: boolean | null): LoadedWeights;
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
    open(scan: Uint8Array, key: string): OpenedScan;
    /**
     * Sets a label map that `Opener.open` returned as the reference to compare with. A label that the file does not name
     * has an empty name.
     *
     * # Errors
     *
     * `reference_labels` if the scan is not a label map, `grids_differ` if it has another grid; then the former
     * reference stays.
     */
    open_reference(scan: Uint8Array): { labels: number[]; names: string[] };
    /**
     * Opens the scan of another engine. Both share its memory.
     *
     * # Errors
     *
     * `session_order` if the other engine has no scan.
     */
    open_same(other: Engine): void;
    /**
     * The pairs of objects that share voxels, or with `at` the pixels of that slice.
     *
     * # Errors
     *
     * `session_order` for an object without a mask.
     */
    overlaps(objects: Uint32Array | number[], at: { plane: Plane; slice: number } | null): Overlap[];
    /**
     * The object's mask after the pending edit on a slice of a plane, 0 or 1, row-major; null if no edit is pending. An edit
     * is no longer pending once its object's mask has changed.
     */
    pending_edit_mask(plane: Plane, slice: number): Uint8Array<ArrayBuffer> | null;
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
     * A label of the reference on a slice and an object's mask with it, row-major: 1 in the reference alone, 2 in the mask
     * alone, 3 in both, otherwise 0. Without an object, the reference alone.
     *
     * # Errors
     *
     * `session_order` without a reference, or if the object or the slice does not exist.
     */
    reference_slice(label: number, plane: Plane, slice: number, object?: number | null): Uint8Array;
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
     * must have it as their `mask_sha256`. The user's strokes in `edits` are already in the masks. `only_loaded` leaves out
     * what does not come from a segmentation.
     *
     * # Errors
     *
     * `session_file` for masks that do not fit the scan or have another hash, `session_order` without a scan,
     * `stroke_invalid`. Then nothing changes.
     */
    restore_object(object: number, plane: Plane, masks: string, edits: SliceStrokes[], sha256?: string | null, only_loaded?: boolean | null): void;
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
     * Where the open scan lies, and which slice is shown, for `Opener.list_segments`.
     *
     * # Errors
     *
     * `session_order` without a scan.
     */
    scan_place(): string;
    /**
     * Decodes prompts; prompts of the same form share a batch. The answers are in the prompts' order. An answer with
     * `offered` leaves its object's mask until `accept`. The answer to a prompt of the object `measure` has the object's
     * measures.
     *
     * # Errors
     *
     * `prompt_invalid`, `prompt_empty`, `polygon_invalid`, `box_invalid`, `box_outside`, `point_invalid`,
     * `point_outside`, `session_order`, `device_failed`. Then no answer is kept.
     */
    segment(prompts: Prompt[], measure?: number | null): Promise<Prediction[]>;
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
     * What other workers' encoders need to go on with the encoding of the current image together with this engine; null
     * unless it has begun, and on a GPU.
     */
    shared_encoding(): SharedEncoding | null;
    /**
     * Shows a slice of a plane in a window. Objects stay.
     *
     * # Errors
     *
     * `session_order` without a scan, or if the slice does not exist; `window_invalid`.
     */
    show(plane: Plane, slice: number, window: Window): Shown;
    /**
     * The area of an object on each slice of a plane.
     *
     * # Errors
     *
     * `session_order` if the object has no mask.
     */
    slice_areas(object: number, plane: Plane): SliceAreas;
    /**
     * The Dice coefficient of an object and a label of the reference on each slice of a plane; null where both are empty.
     *
     * # Errors
     *
     * `session_order` without a reference, or if the object has no mask.
     */
    slice_dice(object: number, label: number, plane: Plane): (number | null)[];
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
     * Takes a slice back that was not encoded.
     */
    take_back(ticket: number): void;
    /**
     * Takes the embedding of a slice that was handed out; does nothing if it is no longer wanted.
     *
     * # Errors
     *
     * `internal` for a wrong number of values.
     */
    take_encoded(ticket: number, values: Float32Array | number[]): void;
    /**
     * The ticket of the slice that the model sees, if it is handed out.
     */
    ticket_of_shown(): number | undefined;
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
 * Reads files into a scan. It belongs in a worker that is terminated after the task: a module's memory never
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
     * Begins to read some of the listed segments, by their places in the list, and returns how many they are.
     *
     * # Errors
     *
     * `segments_limit`; `internal` before `list_segments`.
     */
    begin_segments(chosen: Uint32Array | number[]): number;
    /**
     * Lists the segments of the files, to be opened on a scan, whose `Engine.scan_place` is given. If `resample`, each voxel
     * of the scan gets the segments of their nearest voxel.
     *
     * # Errors
     *
     * Those of `survey`; `segments_elsewhere` if they do not lie on the scan's voxels, so that only resampling helps;
     * `grids_differ` if they lie elsewhere in the patient, or nobody knows where; `reference_labels` for a file without
     * labels, or with too many.
     */
    list_segments(place: string, resample?: boolean | null): ListedSegment[];
    /**
     * An opener without files.
     */
    constructor();
    /**
     * The next segments; null after the last ones.
     *
     * # Errors
     *
     * Those of `list_segments` and `begin_segments`; `internal` before them.
     */
    next_segments(): FileSegments | null;
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
     * Whether each file, alone, is a segmentation.
     */
    segmentations(): boolean[];
    /**
     * The scans that the files contain, to choose from.
     *
     * # Errors
     *
     * `image_format`, `image_truncated`, `image_too_large`, `image_empty`, `image_unsupported`: the error of the first
     * file, if no file contains a scan.
     */
    survey(): { label: string }[];
}

/**
 * The image encoder of a model, on the CPU of its own worker, for slices that an `Engine` hands out. It knows neither
 * scan nor prompt.
 */
export class SliceEncoder {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Drops the slice.
     */
    abandon(): void;
    /**
     * Starts with a slice's input, drops the former slice, and returns the number of steps.
     *
     * # Errors
     *
     * `internal` for a wrong number of values.
     */
    begin(input: Float32Array | number[]): number;
    /**
     * Loads the image encoder from a weights file. `recipe` and `checked` are those of `Engine.load_weights`.
     *
     * # Errors
     *
     * Those of `Engine.load_weights`.
     */
    static create(bytes: Uint8Array | number[], recipe: Recipe, checked?: string | null): Promise<SliceEncoder>;
    /**
     * Ends the encoding and returns the embedding, for `Engine.take_encoded`.
     *
     * # Errors
     *
     * `session_order` before `begin`, `device_failed`.
     */
    finish(): Promise<Float32Array<ArrayBuffer>>;
    /**
     * Goes on where `Engine.shared_encoding` is, and drops the former slice.
     *
     * # Errors
     *
     * `internal` if the values do not fill the shape.
     */
    resume(done: number, shape: [number, number, number, number], values: Float32Array | number[]): number;
    /**
     * Runs one step, in a team together with the others.
     *
     * # Errors
     *
     * `session_order` before `begin`, `device_failed`.
     */
    step(team?: Team | null): Promise<EmbedProgress>;
}

/**
 * Converts weights to a safetensors file with the original names and a checksum of its tensors.
 *
 * # Errors
 *
 * `weights_format`, `weights_key`, `weights_checksum`, `weights_values`.
 */
export function convert_weights(bytes: Uint8Array | number[], dtype: "f32" | "f16" | "bf16"): Uint8Array<ArrayBuffer>;

/**
 * Describes a weights file. It has one possible recipe unless it is a ViT-B that is not a published file.
 *
 * # Errors
 *
 * `weights_format`, `weights_key`, `weights_checksum`, `weights_values`.
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
