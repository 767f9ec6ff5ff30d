// The peer: the same weights in ONNX Runtime Web; bench.js drives it.

/** @type {any} */
let ort;
/** @type {any} */
let encoder;
/** @type {any} */
let decoder;
/** @type {any} */
let embedding;

Object.assign(globalThis, {
  bench: {
    /** @param {"cpu" | "gpu"} kind @param {string} peers the folder with the two models @param {number} [threads] */
    async load(kind, peers, threads = 1) {
      ort = await import(kind === "gpu" ? "../ort/ort.webgpu.min.mjs" : "../ort/ort.wasm.min.mjs");
      ort.env.wasm.numThreads = threads;
      ort.env.wasm.wasmPaths = new URL("../ort/", location.href).href;
      const options = { executionProviders: [kind === "gpu" ? "webgpu" : "wasm"], graphOptimizationLevel: "all" };
      encoder = await ort.InferenceSession.create(`${peers}litemedsam_encoder.onnx`, options);
      decoder = await ort.InferenceSession.create(`${peers}litemedsam_decoder.onnx`, options);
      return { kind, name: `ONNX Runtime Web ${ort.env.versions.web}` };
    },
    /** Of a made-up image in model space: the time does not depend on what is in it. */
    async encode() {
      const image = Float32Array.from({ length: 3 * 256 * 256 }, (_, i) => (i * 7919 % 256) / 255);
      const input = new ort.Tensor("float32", image, [1, 3, 256, 256]);
      const begun = performance.now();
      const output = await encoder.run({ [encoder.inputNames[0]]: input });
      embedding = output[encoder.outputNames[0]];
      await embedding.getData();
      return { ms: performance.now() - begun, steps: [] };
    },
    /** One box after the other: the model takes one. @param {[number, number, number, number][]} boxes in model space */
    async decode(boxes) {
      const begun = performance.now();
      for (const box of boxes) {
        const prompt = new ort.Tensor("float32", Float32Array.from(box), [1, 1, 4]);
        const output = await decoder.run({ [decoder.inputNames[0]]: embedding, [decoder.inputNames[1]]: prompt });
        for (const name of decoder.outputNames) await output[name].getData();
      }
      return { ms: performance.now() - begun, areas: [] };
    },
  },
});
