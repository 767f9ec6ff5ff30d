// The driver with a scripted worker: what it asks for, and what the state becomes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Driver } from "../../web/engine/driver.js";
import { initial_state, reduce } from "../../web/state/reduce.js";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

const GPU = { name: "a card", lack: "", software: false };
const NO_GPU = { name: "", lack: "none", software: false };

/** Answers as the engine would; `script` replaces single answers.
 * @param {Record<string, (args: any[]) => any>} script */
function page(script, wanted = /** @type {"auto" | "gpu" | "cpu"} */ ("auto")) {
  /** @type {string[]} */
  const asked = [];
  let next_id = 1;
  /** @type {Record<string, (args: any[]) => any>} */
  const answers = {
    probe: () => NO_GPU,
    create: ([kind]) => ({ kind, name: kind }),
    open: ([bytes]) => ({ key: `key ${bytes}`, width: 1, height: 1, rgba: new Uint8ClampedArray(4), format: "PNG", bits: 8 }),
    load_weights: () => undefined,
    embed: () => undefined,
    segment: ([box]) => ({ key: state.image?.key, box, id: next_id++, mask: new Uint8Array(1), iou: 1, area_px: 1, bounds: box }),
    remove: () => undefined,
    ...script,
  };
  const new_worker = () => {
    const worker = /** @type {any} */ ({
      terminate: () => { worker.ended = true; },
      postMessage: /** @param {any} request */ async ({ id, method, args, cancel }) => {
        if (cancel) return worker.on_cancel?.();
        asked.push(method);
        /** @param {object} reply */
        const reply = (reply) => { if (!worker.ended) worker.onmessage({ data: reply }); };
        await null;
        try {
          const value = await answers[method]?.call(worker, args);
          reply(value?.fatal ? value : { id, value });
        } catch (failure) {
          reply({ id, failure });
        }
      },
    });
    return worker;
  };
  let state = initial_state(wanted);
  /** @param {Action} action */
  const dispatch = (action) => {
    state = reduce(state, action);
    driver.follow();
  };
  const driver = new Driver(() => state, dispatch, new_worker);
  driver.follow();
  return { asked, dispatch, driver, state: () => state };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
/** @type {(serial: number) => Action} */
const open = (serial) => ({ do: "open_wanted", source: { serial, title: "", bytes: new Uint8Array([serial]) } });
/** @type {Action} */
const weights = { do: "weights_ready", bytes: new Uint8Array(1) };

test("from start to mask, each thing once", async () => {
  const { asked, dispatch, state } = page({});
  dispatch(open(1));
  dispatch(weights);
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  assert.deepEqual(asked, ["probe", "create", "open", "load_weights", "embed", "segment"]);
  assert.equal(state().boxes[0]?.phase, "done");
});

test("automatically, a GPU that does not start makes way for the CPU, with the reason", async () => {
  /** @type {(() => any)[]} */
  const refusals = [
    () => { throw { code: "device_unavailable", message: "no shader" }; },
    () => ({ fatal: { code: "worker_stopped", message: "no shader" } }),
  ];
  for (const refuse of refusals) {
    const { state } = page({ probe: () => GPU, create: ([kind]) => kind === "gpu" ? refuse() : { kind, name: "Flex" } });
    await settled();
    const { engine, message } = state();
    assert.deepEqual([engine.phase, engine.kind, engine.reason], ["ready", "cpu", "The GPU did not start: no shader"]);
    assert.equal(message, null);
  }
});

test("a GPU that the user chose and that does not start says so and offers the CPU", async () => {
  const { state, asked } = page({
    probe: () => GPU,
    create: () => { throw { code: "device_unavailable", message: "no shader" }; },
  }, "gpu");
  await settled();
  assert.deepEqual([state().engine.phase, state().message?.offers], ["failed", ["retry", "use_cpu"]]);
  assert.deepEqual(asked, ["probe", "create"]);
});

test("a new file stops the encoding of the old one", async () => {
  let encodings = 0;
  const { asked, dispatch, state } = page({
    /** @this {any} */
    embed() {
      encodings += 1;
      if (encodings > 1) return undefined;
      return new Promise((_, reject) => { this.on_cancel = () => reject({ code: "cancelled", message: "" }); });
    },
  });
  dispatch(weights);
  dispatch(open(1));
  await settled();
  assert.equal(asked.at(-1), "embed");
  dispatch(open(2));
  await settled();
  assert.deepEqual(asked.slice(-3), ["embed", "open", "embed"]);
  assert.deepEqual([state().image?.key, state().embedding.phase], ["key 2", "done"]);
});

test("a worker that dies while decoding is replaced, and retry brings the mask", async () => {
  let dies = true;
  const { asked, dispatch, state } = page({
    segment: ([box]) => dies ? { fatal: { code: "worker_stopped", message: "trap" } }
      : { key: state().image?.key, box, id: 1, mask: new Uint8Array(1), iou: 1, area_px: 1, bounds: box },
  });
  dispatch(weights);
  dispatch(open(1));
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  assert.deepEqual([state().message?.text, state().boxes.length], ["trap", 1]);
  assert.deepEqual(asked.slice(-4), ["probe", "create", "open", "load_weights"]);
  dies = false;
  dispatch({ do: "retry" });
  await settled();
  assert.equal(state().boxes[0]?.phase, "done");
});

test("a device switch in the middle of an encoding starts over on the other device", async () => {
  let encodings = 0;
  const { dispatch, state } = page({ embed: () => (encodings += 1) > 1 ? undefined : new Promise(() => {}) });
  dispatch(weights);
  dispatch(open(1));
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  dispatch({ do: "device_wanted", wanted: "cpu" });
  await settled();
  assert.deepEqual([encodings, state().engine.reason, state().boxes[0]?.phase], [2, "You chose the CPU.", "done"]);
});
