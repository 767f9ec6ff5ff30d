// Hands bytes to the browser's download. The name is neutral: the source's often names the patient.

/** Chromium drops a page's downloads beyond ten within a second, and says nothing (LocalFrame::ShouldThrottleDownload). */
const APART_MS = 120;
let next_at = 0;

/** Resolves once the browser has it. @type {(blob: Blob, name: string) => Promise<void>} */
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
