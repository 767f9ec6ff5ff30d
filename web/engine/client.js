// The page's side of the worker protocol: one request at a time, in order, with progress, cancelling and death.

import { Life } from "../life.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("./worker.js").Methods} Methods */
/** @template {keyof Methods} M @typedef {Parameters<Methods[M]>} Args */
/** @template {keyof Methods} M @typedef {Awaited<ReturnType<Methods[M]>>} Result */
/**
 * @typedef {object} CallOptions
 * @property {(progress: import("../../boxel-bindings.js").EmbedProgress) => void} [on_progress]
 * @property {AbortSignal} [signal]
 * @property {Transferable[]} [transfer]
 */
/** @typedef {{ id: number, method: string, args: unknown[] } | { cancel: number }
 *   | import("./slice_encoders.js").ToEngine} ToWorker */
/** @typedef {{ id: number, value: unknown } | { id: number, failure: Failure } | { id: number, progress: unknown }
 *   | { fatal: Failure } | { lost: number, failure: Failure } | { apart: string } | import("../life.js").SignOfLife} FromWorker */
/**
 * @typedef {object} Call
 * @property {number} id
 * @property {string} method
 * @property {unknown[]} args
 * @property {(value: any) => void} resolve
 * @property {(failure: Failure) => void} reject
 * @property {(progress: any) => void} [on_progress]
 * @property {AbortSignal} [signal]
 * @property {Transferable[]} [transfer]
 */

export const CANCELLED = { code: "cancelled", message: "Cancelled." };
const TERMINATED = { code: "terminated", message: "The engine was stopped." };
/** @type {Record<import("../life.js").End, Failure>} */
const SILENT = {
  gone: {
    code: "worker_stopped",
    message: "The engine stopped: the browser ended its worker, as it does when memory is short. "
      + "Close other tabs, then retry.",
  },
  not_started: {
    code: "worker_stopped", message: "The engine did not start: its script gave no sign of life. Retry.",
  },
  silent: {
    code: "worker_stopped", message: "The engine gave no sign of life for 10 minutes and was stopped. Retry.",
  },
};

export class EngineClient {
  /** @type {Call[]} */ #queue = [];
  #next_id = 1;
  #worker;
  #on_death;
  #on_lost;
  #on_apart;
  #life = new Life((how) => this.#die(SILENT[how]));
  /** @type {Failure | null} */ #dead = null;

  /** @param {Worker} worker
   *  @param {(failure: Failure) => void} on_death called at most once, after the pending calls are rejected
   *  @param {(id: number, failure: Failure) => void} [on_lost] a slice encoder that the engine has given up
   *  @param {(apart: string) => void} [on_apart] why slice encoders can't encode an image together with the engine */
  constructor(worker, on_death, on_lost = () => {}, on_apart = () => {}) {
    this.#worker = worker;
    this.#on_death = on_death;
    this.#on_lost = on_lost;
    this.#on_apart = on_apart;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#die({
        code: "worker_stopped", message: `The engine stopped: ${event.message || "its worker did not load"}.`,
      });
    };
    worker.onmessageerror = () =>
      this.#die({ code: "worker_stopped", message: "The engine sent an unreadable reply." });
  }

  /** @template {keyof Methods} M
   *  @param {M} method
   *  @param {Args<M>} args copied to the worker, except those in `transfer`, which the page loses
   *  @param {CallOptions} [options]
   *  @returns {Promise<Result<M>>} rejects with a `Failure` */
  call(method, args, { on_progress, signal, transfer } = {}) {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(this.#dead);
      if (signal?.aborted) return reject(CANCELLED);
      const id = this.#next_id++;
      this.#queue.push({ id, method, args, resolve, reject, on_progress, signal, transfer });
      signal?.addEventListener("abort", () => this.#cancel(id), { once: true });
      if (this.#queue.length === 1) this.#send();
    });
  }

  /** A message that has no answer. @param {import("./slice_encoders.js").ToEngine} message
   *  @param {Transferable[]} [transfer] */
  tell(message, transfer = []) {
    if (!this.#dead) this.#worker.postMessage(message, transfer);
  }

  /** Terminates the worker. Pending calls are rejected, and `on_death` is not called. */
  terminate() {
    this.#end(TERMINATED);
  }

  #send() {
    const call = this.#queue[0];
    this.#life.expect(call !== undefined);
    if (call) this.#worker.postMessage({ id: call.id, method: call.method, args: call.args }, call.transfer ?? []);
  }

  /** @param {number} id */
  #cancel(id) {
    const place = this.#queue.findIndex((call) => call.id === id);
    if (place === 0) this.#worker.postMessage({ cancel: id });
    if (place > 0) this.#queue.splice(place, 1)[0]?.reject(CANCELLED);
  }

  /** @param {FromWorker} reply */
  #receive(reply) {
    this.#life.hear(reply);
    if ("fatal" in reply) return this.#die(reply.fatal);
    if ("lost" in reply) return this.#on_lost(reply.lost, reply.failure);
    if ("apart" in reply) return this.#on_apart(reply.apart);
    const call = this.#queue[0];
    if (!("id" in reply) || !call || call.id !== reply.id) return;
    if ("progress" in reply) return call.on_progress?.(reply.progress);
    this.#queue.shift();
    if ("failure" in reply) call.reject(reply.failure);
    else call.resolve(reply.value);
    this.#send();
  }

  /** @param {Failure} failure */
  #die(failure) {
    if (this.#dead) return;
    this.#end(failure);
    this.#on_death(failure);
  }

  /** @param {Failure} failure */
  #end(failure) {
    this.#dead ??= failure;
    this.#life.end();
    this.#worker.terminate();
    for (const call of this.#queue.splice(0)) call.reject(failure);
  }
}
