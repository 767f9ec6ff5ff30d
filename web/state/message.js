// The message that the page shows, and the opacity of the masks.

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {"retry" | "use_cpu" | "reload"} MessageOffer */
/** `standing` is an earlier message whose fault still holds: it is shown after this one, and its offers stay. A message
 * without offers of its own has the very list of the standing one. `own`: the offers without those of the standing one, if
 * there is one.
 * @typedef {{
 *   level: "error" | "info", code: string, text: string, offers: MessageOffer[], own?: MessageOffer[], standing?: Message,
 * }} Message */
/**
 * @typedef {{ do: "failed", failure: Failure }
 *  | { do: "told", code: string, text: string }
 *  | { do: "message_closed" }
 *  | { do: "opacity_set", opacity: number }
 *  | { do: "masks_toggled" }} MessageAction
 */

/** @type {(failure: Failure, offers?: Message["offers"]) => Message} */
export const error_message = (failure, offers = []) => ({
  level: "error", code: failure.code, text: failure.message, offers,
});

/** The message that made the offers which are shown. @type {(message: Message | null) => Message | null} */
export const standing_of = (message) =>
  message?.standing && message.offers === message.standing.offers ? message.standing : message;

/** A message with an offer stays until the offer is used or the message is closed.
 * @type {(state: State) => Message | null} */
export function lasting_message({ message }) {
  const standing = standing_of(message);
  return standing?.offers.length ? standing : null;
}

/** Whether something of the page failed to load that a retry would load. @type {(state: State) => boolean} */
const is_unloaded = ({ module, models, samples: { phase, coming }, weights, unopened }) =>
  unopened !== null || [module, models, weights, coming].some((each) => each?.phase === "failed") || phase === "failed";

/** The offer to retry a failed load outlasts other events. @type {(state: State) => Message | null} */
export const unloaded_message = (state) => is_unloaded(state) ? lasting_message(state) : null;

/** Whether anything waits that a retry would continue. @type {(state: State) => boolean} */
const waits_for_retry = (state) => {
  const { engine, comparison_weights, sessions } = state;
  return is_unloaded(state) || engine.phase === "failed" || comparison_weights?.phase === "failed"
    || [sessions.main, sessions.comparison].some((session) => session?.embedding.phase === "failed");
};

/** No message removes an offer whose fault still holds.
 * @type {(before: State, next: State) => State} */
export function with_standing_offers(before, next) {
  const standing = standing_of(before.message);
  const { message } = next;
  if (message === before.message || !standing?.offers.length || !waits_for_retry(next)) return next;
  if (!message) return { ...next, message: standing };
  const kept = without_covered(standing, message.offers);
  if (!kept) return next;
  const own = message.offers;
  const offers = own.length ? [...own, ...kept.offers.filter((offer) => !own.includes(offer))] : kept.offers;
  return { ...next, message: { ...message, offers, own, standing: kept } };
}

/** The message and those that stand behind it, without those whose offers newer messages make too.
 * @type {(message: Message | undefined, covered: MessageOffer[]) => Message | undefined} */
function without_covered(message, covered) {
  if (!message) return undefined;
  const own = message.own ?? message.offers;
  const standing = without_covered(message.standing, [...covered, ...own]);
  if (own.every((offer) => covered.includes(offer))) return standing;
  if (standing === message.standing) return message;
  const behind = standing?.offers.filter((offer) => !own.includes(offer)) ?? [];
  return { ...message, own, offers: [...own, ...behind], standing };
}

/** @type {(message: Message | null) => string} */
export const text_of_message = (message) =>
  message ? [message.text, text_of_message(message.standing ?? null)].filter(Boolean).join(" ") : "";

/** @type {import("./slices.js").Handlers<MessageAction>} */
export const message_actions = {
  failed: (state, { failure }) => ({ ...state, message: error_message(failure) }),
  told: (state, { code, text }) => ({ ...state, message: { level: "info", code, text, offers: [] } }),
  message_closed: (state) => ({ ...state, message: waits_for_retry(state) ? state.message?.standing ?? null : null }),
  opacity_set: (state, { opacity }) => ({ ...state, opacity: Math.min(1, Math.max(0, opacity)) }),
  masks_toggled: (state) => state.opacity > 0 ? { ...state, opacity: 0, opacity_before: state.opacity }
    : { ...state, opacity: state.opacity_before },
};

/** @type {import("./slices.js").Slice<MessageAction, "message" | "opacity" | "opacity_before">} */
export const message_slice = {
  initial: { message: null, opacity: 0.6, opacity_before: 0.6 }, actions: message_actions,
};
