// In the engine's worker: lends slices to workers that encode them, and takes their embeddings. What they encode, and
// what of it is still wanted, the engine decides (crates/segmenter/src/session/ahead.rs).

import { failure_of } from "../failure.js";
import { Teams } from "./teams.js";
import { let_messages_in } from "./turn.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("./team.js").Team} Team */
/** @typedef {import("../../boxel-bindings.js").EmbedProgress} EmbedProgress */
/** @typedef {import("../../boxel-bindings.js").PropagationStep} PropagationStep */
/** A step as the page sees it: it never waits itself. @typedef {Exclude<PropagationStep, { step: "waiting" }>} Step */
/** What to encode together with the engine, from where the engine is.
 * @typedef {{
 *   encoding: number, memory: SharedArrayBuffer, rank: number, members: number,
 *   shared: import("../../boxel-bindings.js").SharedEncoding,
 * }} Together */
/** @typedef {import("../../boxel-bindings.js").Lent | { cancel: number } | { together: Together }} ToSliceEncoder */
/** @typedef {{ ticket: number, progress: EmbedProgress, step_ms: number }
 *   | { ticket: number, values: Float32Array<ArrayBuffer> } | { ticket: number, cancelled: true }} OfSlice */
/** @typedef {OfSlice | { joined: number } | { left: number }} FromSliceEncoder */
/** @typedef {Pick<import("../../boxel-bindings.js").Engine,
 *   "lend" | "drop_unwanted" | "is_lent" | "ticket_of_shown" | "take_encoded" | "take_back" | "propagation_step"
 *   | "encode_ahead">} Lender */
/**
 * A worker that encodes slices.
 * @typedef {object} OfOther
 * @property {MessagePort} port
 * @property {number | null} ticket of the slice that it encodes
 * @property {boolean} is_stopping it was told that the slice is not wanted
 * @property {number} silent_ms how long the engine has waited without a message of it
 * @property {EmbedProgress | null} progress of the slice
 */
/** @typedef {OfOther & import("./teams.js").Member} Other */

/** A worker that is silent for longer, while the engine waits, is taken for hung; longer than a computer's hiccup. Chosen
 * by hand, as the next two. */
const MIN_SILENCE_MS = 10_000;
/** In units of the longest step so far. */
const MAX_SILENT_STEPS = 10;
/** Below the silence after which the page ends the engine's worker (life.js). */
const MAX_SILENCE_MS = 300_000;
/** Silence is counted in parts of the least one that ends a worker: a computer that sleeps counts for one of them. */
const TICKS = 10;
const JOIN_TICK_MS = 20;

/** @type {Failure} */
const SILENT_IN_TEAM = { code: "worker_stopped", message: "It gave no sign of life in the middle of an image." };

/** @param {Other} other @param {{ joined: number } | { left: number }} message */
function hear_of_team(other, message) {
  if ("joined" in message) other.has_joined = message.joined === other.encoding;
  else if (message.left === other.encoding) other.encoding = 0;
}

export class Lending {
  /** @type {Map<number, Other>} */ #others = new Map();
  /** What has arrived and is not taken yet. @type {{ id: number, message: OfSlice }[]} */ #news = [];
  /** Tickets of workers that have gone. @type {number[]} */ #orphans = [];
  #wake = () => {};
  #longest_ms = 0;
  #teams;
  #on_news;
  #on_lost;
  #min_silence_ms;

  /** @param {() => void} on_news called when something has arrived
   *  @param {(id: number, failure: Failure) => void} on_lost a worker that hangs or answers wrongly
   *  @param {(reason: string) => void} on_apart why no image can be encoded together
   *  @param {number} [min_silence_ms] */
  constructor(on_news, on_lost, on_apart, min_silence_ms = MIN_SILENCE_MS) {
    this.#on_news = on_news;
    this.#on_lost = on_lost;
    this.#teams = new Teams(on_apart);
    this.#min_silence_ms = min_silence_ms;
  }

  /** A worker that has loaded the engine's weights. @param {number} id @param {MessagePort} port */
  join(id, port) {
    this.#others.set(id, {
      port, ticket: null, encoding: 0, rank: 0, has_joined: false, is_stopping: false, silent_ms: 0, progress: null,
    });
    port.onmessage = ({ data }) => {
      const other = this.#others.get(id);
      if ("joined" in data || "left" in data) {
        if (other) hear_of_team(other, data);
        return this.wake();
      }
      if (other) this.#hear(other, data);
      this.#news.push({ id, message: data });
      this.wake();
    };
    this.wake();
  }

  /** A worker that has ended. @param {number} id */
  leave(id) {
    const other = this.#others.get(id);
    if (!other) return;
    this.#others.delete(id);
    other.port.close();
    this.#teams.drop(other);
    if (other.ticket !== null) this.#orphans.push(other.ticket);
    this.wake();
  }

  /** After new weights: all workers have the former ones. */
  clear() {
    for (const id of [...this.#others.keys()]) this.leave(id);
    this.#news = [];
  }

  /** Something has changed that a waiting request must look at. */
  wake() {
    this.#wake();
    this.#on_news();
  }

  /** How long the engine took for a step of the encoder. @param {number} ms */
  measured(ms) {
    this.#longest_ms = Math.max(this.#longest_ms, ms);
  }

  /** Takes what has arrived and lends new slices. Not while the engine works. @param {Lender} engine */
  feed(engine) {
    this.#take(engine);
    if (!this.#others.size) return;
    engine.drop_unwanted(this.#window);
    for (const other of this.#others.values()) {
      if (other.ticket !== null && !other.is_stopping && !engine.is_lent(other.ticket)) {
        other.is_stopping = true;
        this.#send(other, { cancel: other.ticket });
      }
      if (other.ticket !== null || other.encoding) continue;
      const lent = engine.lend(this.#window);
      if (!lent) continue;
      Object.assign(other, { ticket: lent.ticket, is_stopping: false, progress: null, silent_ms: 0 });
      this.#send(other, lent, [lent.input.buffer]);
    }
  }

  /** A step of the propagation. While another worker encodes the next slice, the engine encodes a later one.
   * @param {Lender} engine @returns {Promise<Step>} */
  async step(engine) {
    for (;;) {
      await this.#news_of(engine);
      const step = await engine.propagation_step();
      if (step.step !== "waiting") return step;
      const { slice } = step;
      const own = await engine.encode_ahead(this.#window);
      // The page may have something else to do in between.
      if (own) return { step: "encoding", slice, ...this.#progress ?? { ...own, done: 0 } };
      const has_news = await this.#wait();
      if (has_news && this.#progress) return { step: "encoding", slice, ...this.#progress };
    }
  }

  /** Waits while another worker encodes the slice that the model sees. `false`: none does.
   * @param {Lender} engine @param {(progress: EmbedProgress) => void} on_progress @param {() => boolean} is_cancelled */
  async until_shown(engine, on_progress, is_cancelled) {
    for (let has_waited = false; ; has_waited = true) {
      await this.#news_of(engine);
      const ticket = engine.ticket_of_shown();
      if (ticket === undefined) return has_waited;
      const other = [...this.#others.values()].find((each) => each.ticket === ticket);
      if (is_cancelled() || !other) {
        engine.take_back(ticket);
        return has_waited;
      }
      const has_news = await this.#wait();
      if (has_news && other.progress) on_progress(other.progress);
    }
  }

  /** Of the slice that the propagation needs next: the one that was lent first. @returns {EmbedProgress | null} */
  get #progress() {
    const busy = [...this.#others.values()].filter(({ ticket }) => ticket !== null);
    return busy.sort((a, b) => Number(a.ticket) - Number(b.ticket))[0]?.progress ?? null;
  }

  /** Workers that have nothing to do encode the current image together with the engine from its next step on: each
   * computes some rows of each map. Null: the engine encodes alone.
   * @param {import("./teams.js").Sharer} engine @returns {Promise<Team | null>} */
  async gather(engine) {
    this.#end_gone();
    const idle = [...this.#others.values()].filter(({ ticket, encoding }) => ticket === null && !encoding);
    return this.#teams.present() ?? this.#teams.gather(engine, idle, {
      send: (other, message) => this.#send(other, message),
      until_heard: () => new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
        setTimeout(resolve, JOIN_TICK_MS);
      }),
    });
  }

  /** The engine has encoded the image. */
  complete() {
    this.#end_gone();
    this.#teams.end();
  }

  /** The engine stops in the middle of the image. */
  abort() {
    this.#end_gone();
    this.#teams.abort();
  }

  /** Members that the team has given up while the engine waited for them. */
  #end_gone() {
    for (const [id, other] of this.#others) {
      if (!this.#teams.has_lost(other)) continue;
      this.leave(id);
      this.#on_lost(id, SILENT_IN_TEAM);
    }
  }

  /** Slices that are encoded or wait to be used: one for each worker, and one more while the engine decodes. */
  get #window() {
    return this.#others.size && 2 * this.#others.size + 1;
  }

  /** @param {Lender} engine */
  async #news_of(engine) {
    if (this.#others.size) await let_messages_in();
    this.feed(engine);
    this.#end_silent(engine);
  }

  /** @param {Other} other @param {OfSlice} message */
  #hear(other, message) {
    if ("progress" in message) {
      this.measured(message.step_ms);
      other.progress = message.progress;
    }
    other.silent_ms = 0;
  }

  /** @param {Lender} engine */
  #take(engine) {
    for (const ticket of this.#orphans.splice(0)) engine.take_back(ticket);
    for (const { id, message } of this.#news.splice(0)) {
      if ("progress" in message) continue;
      const other = this.#others.get(id);
      if (other) other.ticket = null;
      if ("cancelled" in message) engine.take_back(message.ticket);
      else this.#take_encoded(engine, id, message);
    }
  }

  /** @param {Lender} engine @param {number} id
   *  @param {{ ticket: number, values: Float32Array<ArrayBuffer> }} encoded */
  #take_encoded(engine, id, { ticket, values }) {
    try {
      engine.take_encoded(ticket, values);
    } catch (error) {
      this.leave(id);
      this.#on_lost(id, failure_of(error, "internal"));
    }
  }

  /** @param {Lender} engine */
  #end_silent(engine) {
    const limit_ms = Math.min(MAX_SILENCE_MS, Math.max(this.#min_silence_ms, MAX_SILENT_STEPS * this.#longest_ms));
    for (const [id, { ticket, silent_ms }] of this.#others) {
      if (ticket === null || silent_ms < limit_ms) continue;
      this.leave(id);
      this.#on_lost(id, {
        code: "worker_stopped", message: `It gave no sign of life for ${Math.round(limit_ms / 1000)} seconds.`,
      });
    }
    this.#take(engine);
  }

  /** Until something arrives, or for one tick of silence. @returns {Promise<boolean>} whether something has arrived */
  async #wait() {
    const tick_ms = this.#min_silence_ms / TICKS;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const has_news = await new Promise((resolve) => {
      this.#wake = () => resolve(true);
      timer = setTimeout(() => resolve(false), tick_ms);
      if (this.#news.length || this.#orphans.length) resolve(true);
    });
    clearTimeout(timer);
    this.#wake = () => {};
    if (!has_news) for (const other of this.#others.values()) other.silent_ms += tick_ms;
    return has_news;
  }

  /** @param {Other} other @param {ToSliceEncoder} message @param {Transferable[]} [transfer] */
  #send(other, message, transfer = []) {
    other.port.postMessage(message, transfer);
  }
}
