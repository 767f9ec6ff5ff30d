// What the engine is to do next: one pure function of the state, asked again after every reply.

/** @typedef {import("../state/reduce.js").State} State */
/**
 * @typedef {{ do: "start" }
 *  | { do: "open", serial: number, bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "reopen", key: string, bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "load_weights", bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "embed", key: string }
 *  | { do: "remove", id: number }
 *  | { do: "segment", number: number, key: string, box: import("../state/boxes.js").ImageBox }} Request
 */

/** @type {(state: State) => Request | null} */
export function next_request({ engine, weights, opening, image, embedding, boxes }) {
  if (engine.phase === "none") return { do: "start" };
  if (engine.phase !== "ready") return null;
  if (opening) return { do: "open", serial: opening.serial, bytes: opening.bytes };
  if (image && engine.image_key !== image.key) return { do: "reopen", key: image.key, bytes: image.bytes };
  if (weights.phase === "ready" && weights.bytes && !engine.has_weights) return { do: "load_weights", bytes: weights.bytes };
  if (!image || !engine.has_weights) return null;
  if (embedding.phase === "none") return { do: "embed", key: image.key };
  if (embedding.phase !== "done") return null;

  const kept = boxes.map((box) => box.phase === "done" ? box.segment?.id : undefined);
  const unused = engine.ids.find((id) => !kept.includes(id));
  if (unused !== undefined) return { do: "remove", id: unused };

  const box = boxes.find((each) => each.phase === "waiting");
  return box ? { do: "segment", number: box.number, key: image.key, box: box.box } : null;
}
