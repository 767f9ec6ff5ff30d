// Hands bytes to the browser's download. The name is neutral: the source's often names the patient.

/** @type {(blob: Blob, name: string) => void} */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
