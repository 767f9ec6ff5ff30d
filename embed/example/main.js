// Open a scan, click two opposite corners of a box, see its mask, save it.
import { Boxel } from "../boxel.js"; // from the package: "boxel"

const [file, save, status, canvas] = ["file", "save", "status", "canvas"].map((id) => document.getElementById(id));
const show = canvas.getContext("2d");
const say = (text) => { status.textContent = text; };
const boxel = await Boxel.create({
  on_progress: ({ stage, done, total }) => say(total ? `${stage} ${done} of ${total}` : stage),
});
let scan, corner;

file.onchange = async () => {
  scan = await boxel.open(file.files, { choose: () => 0 });
  const { rgba, width, height } = scan.shown; // the middle slice
  Object.assign(canvas, { width, height });
  show.putImageData(new ImageData(rgba, width, height), 0, 0);
  say("Click two opposite corners of a box.");
};
canvas.onclick = async ({ offsetX, offsetY }) => {
  const at = [offsetX * canvas.width / canvas.clientWidth, offsetY * canvas.height / canvas.clientHeight];
  if (!scan || !corner) return void (corner = at);
  const [[x0, x1], [y0, y1]] = [0, 1].map((i) => [corner[i], at[i]].sort((a, b) => a - b));
  corner = null;
  const { mask, iou } = await scan.segment({ box: [x0, y0, x1, y1] });
  const image = show.getImageData(0, 0, canvas.width, canvas.height);
  mask.forEach((inside, i) => { if (inside) image.data[4 * i] = 255; });
  show.putImageData(image, 0, 0);
  say(`Predicted IoU ${iou.toFixed(2)}. Not for diagnostic use.`);
  save.disabled = false;
};
save.onclick = async () => {
  const saved = await scan.export("nifti");
  Object.assign(document.createElement("a"), { href: URL.createObjectURL(saved), download: saved.name }).click();
};
file.disabled = false;
say(`${boxel.model.name} on ${boxel.device.name}.`);
