// In the engine's worker: the teams in which it encodes images, and their shared memory.

import { MAX_ENCODINGS, Team } from "./team.js";

/** What a worker is to the teams.
 * @typedef {object} Member
 * @property {number} encoding in which it is, or was told to be, together with the engine; 0 if it has left it
 * @property {number} rank in that encoding
 * @property {boolean} has_joined that encoding
 */
/** @typedef {Pick<import("../../boxel-bindings.js").Engine, "shared_encoding">} Sharer */
/** @typedef {{ together: import("./lending.js").Together }} ToMember */
/** @template M @typedef {{ send: (member: M, message: ToMember) => void, until_heard: () => Promise<unknown> }} Way */

/** Workers that need longer to begin an image together with the engine are left out. Chosen by hand. */
const MAX_JOIN_MS = 500;

export class Teams {
  /** The engine's own member. @type {Team | null} */ #team = null;
  /** @type {SharedArrayBuffer | null} */ #memory = null;
  #largest_map = 0;
  #encoding = 0;
  #is_apart = false;
  #on_apart;

  /** @param {(reason: string) => void} on_apart why no image can be encoded together */
  constructor(on_apart) {
    this.#on_apart = on_apart;
  }

  /** The engine's member of the team that encodes the current image. */
  present() {
    return this.#team?.is_broken() ? null : this.#team;
  }

  /** The engine's member of a new team with idle workers, if they join at once. @template {Member} M
   * @param {Sharer} engine @param {M[]} idle @param {Way<M>} way to them @returns {Promise<Team | null>} */
  async gather(engine, idle, { send, until_heard }) {
    this.end();
    const shared = idle.length && this.#can_share() ? engine.shared_encoding() : null;
    const memory = shared && this.#memory_for(shared.largest_map);
    if (!memory) return null;
    const [encoding, members] = [++this.#encoding, idle.length + 1];
    this.#team = new Team(memory, 0, members);
    this.#team.join(encoding);
    for (const [i, member] of idle.entries()) {
      Object.assign(member, { encoding, rank: i + 1, has_joined: false });
      send(member, { together: { encoding, memory, rank: i + 1, members, shared } });
    }
    const until = performance.now() + MAX_JOIN_MS;
    const have_joined = () => idle.every(({ has_joined }) => has_joined);
    while (!have_joined() && performance.now() < until) await until_heard();
    if (!have_joined()) this.abort();
    return this.present();
  }

  /** The image is encoded, or the engine goes on without the others. */
  end() {
    // A member that was given up may still write.
    if (this.#team?.is_broken()) this.#memory = null;
    this.#team = null;
  }

  /** The engine stops in the middle of the image, and so do the others. */
  abort() {
    this.#team?.drop(0);
    this.end();
  }

  /** A worker has ended. @param {Member} member */
  drop({ encoding, rank }) {
    if (encoding === this.#encoding) this.#team?.drop(rank);
  }

  /** Whether the team has given a worker up. @param {Member} member */
  has_lost({ encoding, rank }) {
    return encoding === this.#encoding && (this.#team?.is_gone(rank) ?? false);
  }

  /** Whether the browser lets the workers share memory, and had it. */
  #can_share() {
    return !this.#is_apart && globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";
  }

  /** @param {number} largest_map */
  #memory_for(largest_map) {
    // In a new memory they could be counted from 1; but a worker may still be in the former one.
    const is_counted_out = this.#encoding === MAX_ENCODINGS;
    if (this.#memory && this.#largest_map >= largest_map && !is_counted_out) return this.#memory;
    this.#memory = null;
    try {
      this.#memory = Team.memory(largest_map);
    } catch (error) {
      // Memory is short: the engine encodes alone.
      this.#is_apart = true;
      this.#on_apart(error instanceof Error ? error.message : String(error));
    }
    this.#largest_map = largest_map;
    if (is_counted_out) this.#encoding = 0;
    return this.#memory;
  }
}
