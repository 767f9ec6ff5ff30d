// In the engine's worker: the teams in which it encodes images, and their shared memory.

import { MAX_ENCODINGS, Team } from "./team.js";

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

  /** Whether the browser lets the workers share memory, and had it. */
  can_share() {
    return !this.#is_apart && globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";
  }

  /** The engine's member of the team that encodes the current image. */
  present() {
    return this.#team?.is_broken() ? null : this.#team;
  }

  /** Begins to encode an image in a team of so many members; the engine has rank 0.
   * @param {number} members @param {number} largest_map @returns {{ encoding: number, memory: SharedArrayBuffer } | null} */
  begin(members, largest_map) {
    this.end();
    const memory = this.#memory_for(largest_map);
    if (!memory) return null;
    const encoding = ++this.#encoding;
    this.#team = new Team(memory, 0, members);
    this.#team.join(encoding);
    return { encoding, memory };
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

  /** A member has ended. @param {number} rank */
  drop(rank) {
    this.#team?.drop(rank);
  }

  /** Whether the team has given a member up. @param {number} encoding @param {number} rank */
  has_lost(encoding, rank) {
    return this.#team !== null && encoding === this.#encoding && this.#team.is_gone(rank);
  }

  /** @param {number} largest_map */
  #memory_for(largest_map) {
    if (this.#memory && this.#largest_map >= largest_map && this.#encoding < MAX_ENCODINGS) return this.#memory;
    this.#memory = null;
    try {
      this.#memory = Team.memory(largest_map);
    } catch (error) {
      // Memory is short: the engine encodes alone.
      this.#is_apart = true;
      this.#on_apart(error instanceof Error ? error.message : String(error));
    }
    this.#largest_map = largest_map;
    this.#encoding = 0;
    return this.#memory;
  }
}
