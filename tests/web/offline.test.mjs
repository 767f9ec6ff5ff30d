// Keeping the page's own files, and refusing it: with a service worker's container and caches of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parameters_of, read_demo, with_offline } from "../../web/features/samples/demo_link.js";
import { Offline } from "../../web/features/offline/offline.js";
import { Replaced } from "../../web/features/offline/replaced.js";
import { kept_words, offline_words, policy_words } from "../../web/features/offline/show.js";
import { PREFIX, VERSION } from "../../web/offline/place.js";
import { initial_state, reduce } from "../../web/state/reduce.js";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

const OURS = `${PREFIX}0123`;
const OTHERS = "another page of the origin";
const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

/** A browser in which the page has never been, or where its worker runs with what `cached` says. `register` comes before
 * each registration.
 * @param {{ active?: boolean, cached?: string[], register?: () => Promise<unknown> }} [before] */
function browser({ active = false, cached = [], register = async () => {} } = {}) {
  const names = new Set(cached);
  /** @type {string[]} */
  const log = [];
  /** @type {any} */
  let registration = null;
  const worker = () => Object.assign(new EventTarget(), {
    state: "installing",
    postMessage: (/** @type {any} */ data) => log.push(data.hello === undefined ? data : "hello"),
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
      await register();
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
  const reload = () => log.push("reload");
  const offline = new Offline(() => state, dispatch, { container, caches, locks: undefined, reload });
  state = { ...state, weights: { ...state.weights, phase: "ready" } };
  /** A service worker says something. @type {(data: object) => void} */
  const say = (data) => container.dispatchEvent(new MessageEvent("message", { data }));
  /** @type {(each: any, state: string) => void} */
  const becomes = (each, state) => {
    each.state = state;
    each.dispatchEvent(new Event("statechange"));
  };
  /** The worker has kept all files. */
  function install() {
    names.add(OURS);
    const { installing } = registration;
    Object.assign(registration, { active: installing, installing: null });
    becomes(installing, "activated");
    say({ version: VERSION, kept: true });
  }
  /** A new version is on the host; it is kept as a whole, or a file of it is wrong. @param {string} [fault] */
  function find(fault = "") {
    const found = Object.assign(worker(), { postMessage: (/** @type {any} */ data) => {
      log.push(data);
      if (data !== "take over") return;
      Object.assign(registration, { active: found, waiting: null });
      becomes(found, "activated");
    } });
    registration.installing = found;
    registration.dispatchEvent(new Event("updatefound"));
    if (fault) say({ failed: fault });
    const before = registration.waiting;
    Object.assign(registration, { installing: null, waiting: fault ? before : found });
    becomes(found, fault ? "redundant" : "installed");
    if (!fault && before) becomes(before, "redundant");
  }
  return { dispatch, log, names, offline, install, find, say, state: () => state };
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
  assert.deepEqual([page.log.slice(2), [...page.names]], [["unregister", `delete ${OURS}`], [OTHERS]]);
  assert.match(offline_words(page.state().offline), /^Off: .*stores none/);
  // What the ended worker still says changes nothing.
  page.dispatch({ do: "offline_ready" });
  page.dispatch({ do: "update_seen", is_ready: true });
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
  assert.deepEqual([page.log, page.state().offline.phase], [["register", "hello"], "preparing"]);
  page.say({ version: VERSION, kept: false });
  assert.match(offline_words(page.state().offline), /could not be stored/);
  page.say({ version: VERSION, kept: true });
  assert.equal(page.state().offline.phase, "ready");
});

test("a new version is offered while it waits; one that is incomplete is not, and takes away no other", async () => {
  const page = browser({ active: true, cached: [OURS] });
  page.offline.follow();
  await settled();
  page.say({ version: VERSION, kept: true });
  const seen = () => [page.state().offline.update, page.state().message?.code ?? null];
  page.find("a.js is not the file of this version");
  await settled();
  assert.deepEqual(seen(), [false, "update_failed"]);
  const text = "The host's new version is incomplete (a.js is not the file of this version). This version stays in use.";
  assert.equal(page.state().message?.text, text);
  assert.equal(page.state().offline.phase, "ready");
  page.dispatch({ do: "message_closed" });
  page.find();
  assert.deepEqual(seen(), [true, null]);
  page.find("b.js: the host answered 404");
  await settled();
  assert.deepEqual(seen(), [true, "update_failed"], "the version that waits is whole");
  page.dispatch({ do: "message_closed" });
  page.find();
  assert.deepEqual(seen(), [true, null], "one replaced by a newer one has not failed");
  await page.offline.update();
  assert.deepEqual(page.log.slice(-3), ["take over", { hello: VERSION }, "reload"]);
});

test("a page that another version's worker serves, or none, reloads all the same", async () => {
  const page = browser({ active: true, cached: [OURS] });
  page.offline.follow();
  await settled();
  page.say({ version: "v-other", kept: true });
  assert.equal(page.state().offline.update, true);
  await page.offline.update();
  assert.equal(page.log.at(-1), "reload");
  const without = browser();
  await without.offline.update();
  assert.deepEqual(without.log, ["reload"]);
});

test("a first visit whose files are incomplete says which one", async () => {
  const page = browser();
  page.offline.follow();
  await settled();
  page.find("a.js: the host answered 404");
  await settled();
  const { phase, reason } = page.state().offline;
  assert.deepEqual([phase, reason], ["unavailable", "a.js: the host answered 404"]);
});

test("a host that does not send the service worker is given up, and may be asked again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const rest = () => new Promise((resolve) => setImmediate(resolve));
  let is_silent = true;
  for (const active of [false, true]) {
    is_silent = true;
    const page = browser({ active, register: () => is_silent ? new Promise(() => {}) : Promise.resolve() });
    page.offline.follow();
    for (let ticks = 0; ticks < 3; ticks += 1) {
      await rest();
      assert.equal(page.state().offline.phase, "preparing");
      t.mock.timers.tick(10_000);
    }
    await rest();
    const { phase, reason, may_retry } = page.state().offline;
    if (active) {
      assert.deepEqual([phase, page.log], ["preparing", ["register", "hello"]], "the worker that is there goes on");
      continue;
    }
    assert.deepEqual([phase, may_retry], ["unavailable", true]);
    assert.match(reason, /^service-worker\.js: the host has sent nothing for 30 seconds$/);
    is_silent = false;
    page.offline.retry();
    await rest();
    assert.deepEqual([page.state().offline.phase, page.state().offline.may_retry], ["preparing", false]);
    page.install();
    assert.equal(page.state().offline.phase, "ready");
  }
});

test("where there are no service workers nothing is tried again", async () => {
  let state = initial_state("cpu");
  state = { ...state, weights: { ...state.weights, phase: "ready" } };
  Object.assign(globalThis, { isSecureContext: false });
  const offline = new Offline(() => state, (action) => { state = reduce(state, action); },
    { container: undefined, caches: undefined, locks: undefined, reload: () => {} });
  offline.follow();
  await settled();
  assert.deepEqual([state.offline.phase, state.offline.may_retry], ["unavailable", false]);
});

test("a file that cannot be loaded makes the page ask which version its host has", async () => {
  let state = initial_state("cpu");
  let version = VERSION;
  let asked = 0;
  /** @param {Action} action */
  const dispatch = (action) => {
    state = reduce(state, action);
    replaced.follow();
  };
  const replaced = new Replaced(() => state, dispatch, async () => {
    asked += 1;
    return version;
  });
  dispatch({ do: "failed", failure: { code: "image_damaged", message: "Bad." } });
  await settled();
  assert.equal(asked, 0, "the file of the user is at fault");
  dispatch({ do: "samples_failed", failure: { code: "fetch", message: "404." } });
  await settled();
  const seen = () => [asked, state.message?.code, state.offline.update];
  assert.deepEqual(seen(), [1, "fetch", false], "the host has the same version");
  version = "v-other";
  dispatch({ do: "module_failed", failure: { code: "wasm_fetch", message: "404." } });
  await settled();
  const offers = ["reload", "retry"];
  assert.deepEqual([...seen(), state.message?.offers], [2, "page_replaced", true, offers]);
  dispatch({ do: "message_closed" });
  await settled();
  assert.deepEqual(seen(), [2, "wasm_fetch", true], "what was under it does not bring it back");
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

test("where the policy comes from is said as soon as the host has sent a file", () => {
  const state = initial_state("cpu");
  assert.equal(policy_words(state.offline), "…");
  const after = (/** @type {boolean} */ sends_policy) =>
    policy_words(reduce(state, { do: "host_seen", sends_policy, isolates: { opener: true, embedder: true } }).offline);
  assert.match(after(true), /its host's$/);
  assert.match(after(false), /The host sends none$/);
});

test("what is kept is said with its size, where the build has counted it", () => {
  assert.equal(kept_words(44_417_000), "its own files (44 MB)");
  assert.equal(kept_words(0), "its own files");
});
