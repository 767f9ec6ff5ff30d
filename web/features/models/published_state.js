// Whether a model's file is a published one: whether its SHA-256 is in the site's list or known to the engine. Nothing
// shows that any other file is undamaged, so the page, exports and sessions say which ones are not.

export const NOT_PUBLISHED = "not a published file";

/** The site's files have no facts, and are used only if they have the SHA-256 in its list.
 * @type {(entry: Pick<import("./state.js").ModelEntry, "facts">) => boolean} */
export const is_published = ({ facts }) => !facts || facts.known !== null;

/** A model's name as people read it. Older sessions do not say whether its file is published.
 * @type {(model: { name: string, published?: boolean }) => string} */
export const label_of_model = ({ name, published }) => published === false ? `${name} (${NOT_PUBLISHED})` : name;
