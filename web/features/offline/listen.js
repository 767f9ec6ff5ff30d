// Wires the list of requests, new versions of the page, and wiping everything.

import { watch_requests } from "../../offline/requests.js";
import { built_number, element, write } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { parameters_of, with_offline } from "../samples/demo_link.js";
import { leave_unasked } from "../unsaved/listen.js";
import { kept_words } from "./show.js";
import { wipe } from "./wipe.js";

const QUESTION = "Wipe everything? This closes the scan and its masks, and removes unsaved work, "
  + "stored models and the files of this page from this browser.";

/** A page from memory, without scripts: it works offline and stores nothing. */
function farewell() {
  const text = '<!doctype html><html lang="en"><meta name="color-scheme" content="dark"><title>Wiped</title>'
    + "<p>Everything that Boxel stored in this browser is removed, and the scan is closed."
    + `<p><a href="${location.origin}${location.pathname}">Open Boxel again</a>`;
  return URL.createObjectURL(new Blob([text], { type: "text/html" }));
}

/** @type {(app: import("../../wire/listen.js").App) => void} */
export function listen_to_offline({ dispatch, offline, kept, autosave }) {
  write("kept-files", kept_words(built_number("kept-bytes")));
  // The choice is kept in the address: anywhere else it would have to be stored.
  if (parameters_of(location).get("offline") === "off") dispatch({ do: "offline_wanted", on: false });
  const keep = element("keep-offline", HTMLInputElement);
  keep.addEventListener("change", () => {
    history.replaceState(history.state, "", with_offline(location, keep.checked));
    dispatch({ do: "offline_wanted", on: keep.checked });
  });
  watch_requests("page", (requests) => dispatch({ do: "requested", requests }));
  // Opening the panel does not change the state: an empty report shows it.
  element("requests-panel", HTMLDetailsElement)
    .addEventListener("toggle", () => dispatch({ do: "requested", requests: [] }));
  for (const id of ["update", "message-reload"]) on_click(id, () => void offline.update());
  on_click("offline-retry", () => offline.retry());
  on_click("wipe", async () => {
    if (!confirm(QUESTION)) return;
    try {
      await wipe(kept, offline, autosave);
      leave_unasked();
      location.replace(farewell());
    } catch (error) {
      dispatch({ do: "failed", failure: {
        code: "storage",
        message: `Not everything could be removed (${error instanceof Error ? error.message : error}). `
          + "Your browser's settings can clear this site's data.",
      } });
    }
  });
}
