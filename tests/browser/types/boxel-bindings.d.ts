// What crates/bindings exports. The module itself is built beside index.html; `rootDirs` in
// tsconfig.json lets the type check find this file in its place.

export default function init(input: { module_or_path: URL | Response }): Promise<unknown>;

/** Lower-case hex of the SHA-256 of the bytes. */
export function verify_sha256(bytes: Uint8Array): string;

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

/** Every method that fails throws a plain `{ code, message }`. Coordinates are image space. */
export class Engine {
  static create(device: "gpu" | "cpu"): Promise<Engine>;
  device(): { kind: "gpu" | "cpu"; name: string };
  /** A second session on the same device: own image, own weights. */
  beside(): Engine;
  load_weights(bytes: Uint8Array, recipe: Recipe): LoadedWeights;
  open(bytes: Uint8Array): OpenedImage;
  begin_embedding(): number;
  embed_step(): Promise<EmbedProgress>;
  abandon_embedding(): void;
  /** One batch: all of it, or an error. */
  segment(prompts: Prompt[]): Promise<Found[]>;
  /** Another of the masks of a multi-mask prompt; nothing is decoded. */
  choose(id: number, candidate: number): Found;
  /** Of two segments of the same image. */
  dice(id: number, other: Engine, other_id: number): number;
  free(): void;
  remove(id: number): void;
  clear(): void;
  mask_png(ids: Uint32Array): Uint8Array<ArrayBuffer>;
  probability_png(ids: Uint32Array): Uint8Array<ArrayBuffer>;
}

export interface OpenedImage {
  key: string;
  width: number;
  height: number;
  /** What the model sees: windowed to 8 bits, alpha 255. */
  rgba: Uint8ClampedArray<ArrayBuffer>;
  format: string;
  /** Of a sample in the file: 8 or 16. */
  bits: number;
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
  multimask: boolean;
}

export interface Found {
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
