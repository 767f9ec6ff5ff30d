// Downloads bytes as a file. Its name is neutral, because the source's often contains the patient's name.

/** Chromium silently drops a page's downloads beyond ten per second (LocalFrame::ShouldThrottleDownload). */
const APART_MS = 120;
let next_at = 0;

/** Resolves once the browser has the file. @type {(blob: Blob, name: string) => Promise<void>} */
export async function download(blob, name) {
  const now = performance.now();
  const wait = next_at - now;
  next_at = Math.max(now, next_at) + APART_MS;
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
