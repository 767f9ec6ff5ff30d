// A turn of a worker's event loop.

const { port1: turn, port2: next_turn } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
turn.onmessage = () => waiting.shift()?.();
// In Node, an open port would keep the tests' process running.
/** @type {{ unref?: () => void }} */ (/** @type {unknown} */ (turn)).unref?.();

/** Lets pending messages, such as a cancel, arrive. Not by a timer: browsers throttle timers in hidden tabs.
 * @type {() => Promise<void>} */
export const let_messages_in = () => new Promise((resolve) => {
  waiting.push(resolve);
  next_turn.postMessage(null);
});
