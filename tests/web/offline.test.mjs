// Keeping the page's own files, and refusing it: with a service worker's container and caches of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parameters_of, read_demo, with_offline } from "../../web/features/samples/demo_link.js";
import { Offline } from "../../web/features/offline/offline.js";
import { BASE } from "../../web/offline/requests.js";
import { kept_words, offline_words } from "../../web/features/offline/show.js";
import { initial_state, reduce } from "../../web/state/reduce.js";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

const OURS = `boxel ${new URL(BASE).pathname} 0123`;
const OTHERS = "another page of the origin";
const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

/** A browser in which the page has never been, or where its worker runs with what `cached` says.
 * @param {{ active?: boolean, cached?: string[] }} [before] */
function browser({ active = false, cached = [] } = {}) {
  const names = new Set(cached);
  /** @type {string[]} */
  const log = [];
  /** @type {any} */
  let registration = null;
  const worker = () => Object.assign(new EventTarget(), {
    state: "installing", postMessage: (/** @type {string} */ text) => log.push(text),
  });
  const made = () => Object.assign(new EventTarget(), {
    active: active ? Object.assign(worker(), { state: "activated" }) : null, installing: active ? null : worker(),
    waiting: null,
    unregister: async () => {
      log.push("unregister");
      registration = null;
    },
  });
  if (active) registration = made();
  const container = /** @type {any} */ (Object.assign(new EventTarget(), {
    controller: null,
    getRegistration: async () => registration ?? undefined,
    register: async () => {
      log.push("register");
      registration ??= made();
      return registration;
    },
  }));
  const caches = /** @type {any} */ ({
    keys: async () => [...names],
    delete: async (/** @type {string} */ name) => {
      log.push(`delete ${name}`);
      return names.delete(name);
    },
  });
  let state = initial_state("cpu");
  /** @param {Action} action */
  const dispatch = (action) => {
    state = reduce(state, action);
    offline.follow();
  };
  const offline = new Offline(() => state, dispatch, { container, caches, reload: () => log.push("reload") });
  state = { ...state, weights: { ...state.weights, phase: "ready" } };
  /** The worker has kept all files. */
  function install() {
    names.add(OURS);
    const { installing } = registration;
    Object.assign(registration, { active: installing, installing: null });
    installing.state = "activated";
    installing.dispatchEvent(new Event("statechange"));
  }
  return { dispatch, log, names, offline, install, container, state: () => state };
}

test("the files are kept once the model is there, and refusing removes them and nothing else", async () => {
  const page = browser({ cached: [OTHERS] });
  page.offline.follow();
  await settled();
  assert.deepEqual([page.log, page.state().offline.phase], [["register"], "preparing"]);
  page.install();
  assert.match(offline_words(page.state().offline), /^Ready/);
  page.dispatch({ do: "offline_wanted", on: false });
  assert.equal(page.state().offline.phase, "removing");
  await settled();
  assert.deepEqual([page.log.slice(1), [...page.names]], [["unregister", `delete ${OURS}`], [OTHERS]]);
  assert.match(offline_words(page.state().offline), /^Off: .*stores none/);
  // What the ended worker still says changes nothing.
  page.dispatch({ do: "offline_ready" });
  page.dispatch({ do: "update_ready" });
  assert.deepEqual([page.state().offline.phase, page.state().offline.update], ["removed", false]);
});

test("a page that is refused from its start registers nothing, and removes what an earlier visit kept", async () => {
  const page = browser({ active: true, cached: [OURS] });
  page.dispatch({ do: "offline_wanted", on: false });
  await settled();
  assert.deepEqual([page.log, [...page.names], page.state().offline.phase], [
    ["unregister", `delete ${OURS}`], [], "removed",
  ]);
});

test("a change of mind while files are being kept, or removed, ends as the user wanted last", async () => {
  const page = browser();
  page.offline.follow();
  page.dispatch({ do: "offline_wanted", on: false });
  page.dispatch({ do: "offline_wanted", on: true });
  await settled();
  // The worker that was being installed is waited for: it may be keeping a file.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal(page.log.at(-1), "register");
  page.install();
  assert.deepEqual([page.state().offline.phase, page.state().offline.wanted], ["ready", true]);
});

test("a worker that goes on is asked for its files before the page says that it works offline", async () => {
  const page = browser({ active: true, cached: [OURS] });
  page.offline.follow();
  await settled();
  assert.deepEqual([page.log, page.state().offline.phase], [["register", "keep"], "preparing"]);
  page.container.dispatchEvent(new MessageEvent("message", { data: { kept: false } }));
  assert.match(offline_words(page.state().offline), /could not be stored/);
  page.container.dispatchEvent(new MessageEvent("message", { data: { kept: true } }));
  assert.equal(page.state().offline.phase, "ready");
});

test("a refusal stands in the address, with what it asks for besides, and goes from it", () => {
  const at = (/** @type {string} */ text) => {
    const { hash, search, pathname } = new URL(text, "http://localhost/sub/");
    return { hash, search, pathname };
  };
  for (const [before, off, on] of /** @type {const} */ ([
    ["", "/sub/#offline=off", "/sub/"],
    ["#save-title", "/sub/#offline=off", "/sub/"],
    [
      "#sample=ct-abdomen&box=1,2,3,4", "/sub/#sample=ct-abdomen&box=1,2,3,4&offline=off",
      "/sub/#sample=ct-abdomen&box=1,2,3,4",
    ],
    ["?sample=ct-abdomen", "/sub/#sample=ct-abdomen&offline=off", "/sub/#sample=ct-abdomen"],
    ["#offline=off", "/sub/#offline=off", "/sub/"],
  ])) {
    assert.equal(with_offline(at(before), false), off, before);
    assert.equal(with_offline(at(off), true), on, before);
    const parameters = parameters_of(at(off));
    assert.deepEqual([parameters.get("offline"), read_demo(parameters).faults], ["off", []], before);
  }
  assert.match(read_demo(new URLSearchParams("offline=no")).faults.join(), /must be off/);
});

test("what is kept is said with its size, where the build has counted it", () => {
  assert.equal(kept_words(44_417_000), "its own files (44 MB)");
  assert.equal(kept_words(0), "its own files");
});
