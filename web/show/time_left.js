// Estimates the remaining time of a task from its pace so far. The caller provides the clock.

/** A running task: `key` identifies it, `done` of `total` counts its steps or bytes.
 * @typedef {{ key: string, done: number, total: number, unit: "steps" | "bytes" }} Task */
/** How much was done when, oldest first. @typedef {{ key: string, marks: { at_ms: number, done: number }[] }} Pace */

/** Minimum distance of marks, and how many are kept: the last ten seconds of a download, all of an encoding. */
const APART_MS = 250;
const KEPT = 40;
/** An earlier estimate would be a guess. */
const ENOUGH_MS = 1500;
const ENOUGH_MARKS = 3;

/** @type {Pace} */
export const NO_PACE = { key: "", marks: [] };

/** Updates the pace. Another task starts anew, and so does one that was set back.
 * @type {(pace: Pace, task: Task | null, now_ms: number) => Pace} */
export function paced(pace, task, now_ms) {
  if (!task) return NO_PACE;
  const { key, done } = task;
  const last = pace.marks.at(-1);
  if (pace.key !== key || !last || done < last.done) return { key, marks: [{ at_ms: now_ms, done }] };
  // Marks in quick succession add no information.
  if (done === last.done || now_ms - last.at_ms < APART_MS) return pace;
  return { key, marks: [...pace.marks, { at_ms: now_ms, done }].slice(-KEPT) };
}

/** Amount per second; null until enough is known. @type {(pace: Pace) => number | null} */
export function rate_of({ marks }) {
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last || marks.length < ENOUGH_MARKS || last.at_ms - first.at_ms < ENOUGH_MS) return null;
  return (last.done - first.done) / (last.at_ms - first.at_ms) * 1000;
}

/** Null until enough is known. @type {(pace: Pace, task: Task, now_ms: number) => number | null} */
export function left_ms(pace, { total }, now_ms) {
  const rate = rate_of(pace);
  const last = pace.marks.at(-1);
  if (!rate || !last) return null;
  return Math.max(0, (total - last.done) / rate * 1000 - (now_ms - last.at_ms));
}

/** A time span, rounded to its precision. @type {(ms: number) => string} */
export function span_words(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 57.5) return `${Math.round(seconds / 5) * 5} s`;
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** For the progress bar; empty until enough is known.
 * @type {(pace: Pace, task: Task | null, now_ms: number) => string} */
export function left_words(pace, task, now_ms) {
  const ms = task && left_ms(pace, task, now_ms);
  if (!task || ms === null) return "";
  const rate = task.unit === "bytes" ? `${((rate_of(pace) ?? 0) / 1e6).toFixed(1)} MB/s, ` : "";
  return `${rate}about ${span_words(ms)} left`;
}
