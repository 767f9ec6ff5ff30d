// What crates/bindings exports. The module itself is built beside index.html; `rootDirs` in
// tsconfig.json lets the type check find this file in its place.

export default function init(input: { module_or_path: URL | Response }): Promise<unknown>;

/** Lower-case hex of the SHA-256 of the bytes. */
export function verify_sha256(bytes: Uint8Array): string;

/** Every method that fails throws a plain `{ code, message }`. Coordinates are image space. */
export class Engine {
  static create(device: "gpu" | "cpu"): Promise<Engine>;
  device(): { kind: "gpu" | "cpu"; name: string };
  load_weights(bytes: Uint8Array): void;
  open(bytes: Uint8Array): OpenedImage;
  begin_embedding(): number;
  embed_step(): Promise<EmbedProgress>;
  abandon_embedding(): void;
  segment(x0: number, y0: number, x1: number, y1: number): Promise<Segment>;
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

export interface Segment {
  id: number;
  /** The image's key. */
  key: string;
  /** As used: clipped to the image. */
  box: [number, number, number, number];
  /** 0 or 1, row-major, width × height. */
  mask: Uint8Array<ArrayBuffer>;
  /** Predicted by the model. */
  iou: number;
  area_px: number;
  /** Half-open; none for an empty mask. */
  bounds: [number, number, number, number] | null | undefined;
  decode_ms: number;
}
