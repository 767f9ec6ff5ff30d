// A ZIP that the user hands over is weights or scans by its first file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { begins_like_weights, is_weights } from "../../web/models/sniff.js";

/** The head of a ZIP's first file (APPNOTE 4.3.7). @type {(name: string) => Uint8Array<ArrayBuffer>} */
function zip_of(name) {
  const head = new Uint8Array(512);
  head.set([0x50, 0x4b, 3, 4]);
  new DataView(head.buffer).setUint16(26, name.length, true);
  head.set(new TextEncoder().encode(name), 30);
  return head;
}

test("a ZIP is weights by what PyTorch writes first, and else one of scans", async () => {
  for (const name of ["archive/data.pkl", "lite_medsam/data.pkl", "model/constants.pkl", "x/data/0"]) {
    assert.ok(begins_like_weights(zip_of(name), 1 << 20), name);
  }
  for (const name of ["study/1.dcm", "study/", "data.pkl.dcm", "scan.nii.gz", "patients/data/1.dcm"]) {
    assert.ok(!begins_like_weights(zip_of(name), 1 << 20), name);
  }
  assert.ok(!begins_like_weights(zip_of("archive/data.pkl").subarray(0, 20), 20), "cut off");
  assert.ok(await is_weights(new File([zip_of("archive/data.pkl")], "download")));
  assert.equal(await is_weights(new File([zip_of("study/1.dcm")], "study.zip")), false);
});
