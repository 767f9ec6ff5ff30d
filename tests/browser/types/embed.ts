// The package as a program in TypeScript uses it. It is compiled by `npm run types`, and never run.

import * as api from "../../../embed/api.js";
import * as made from "../../../embed/boxel.js";

/** What boxel.js exports is what api.d.ts says. */
export const same: typeof api = made;

const { Boxel, BoxelError } = api;

export async function use(file: File, array: Int16Array, canvas: CanvasRenderingContext2D): Promise<number> {
  const boxel = await Boxel.create({ device: "auto", on_progress: ({ stage, done }) => console.log(stage, done) });
  const off = boxel.on("error", (error) => console.log(error.code));
  const scan = await boxel.open([file], { choose: (labels) => labels.length - 1 });
  const { rgba, width, height } = await scan.show({ slice: 3, window: { kind: "linear", level: 40, width: 400 } });
  canvas.putImageData(new ImageData(rgba, width, height), 0, 0);
  const first = await scan.segment({ box: [1, 2, 30, 40] });
  const better = await scan.segment({ refine: first, points: [[5, 5, 0]], signal: AbortSignal.timeout(60_000) });
  for await (const step of scan.propagate(better.object, { directions: ["up"] })) {
    if (step.step === "stopped") console.log(step.reason);
    // @ts-expect-error an ended direction has no area
    else if (step.direction) return step.area_px;
  }
  const saved: File = await scan.export("nifti", [{ object: better.object, name: "liver" }]);
  // @ts-expect-error no such format
  await scan.export("jpeg");
  // @ts-expect-error a point says whether it is of the object
  await scan.segment({ points: [[1, 2]] });
  // @ts-expect-error no such event
  boxel.on("progres", () => {});
  await boxel.open({ data: array, dimensions: [512, 512, 40], spacing_mm: [0.7, 0.7, 2], intercept: -1024 })
    .catch((error: unknown) => { if (error instanceof BoxelError) console.log(error.code, error.message); });
  off();
  boxel.close();
  return saved.size;
}
