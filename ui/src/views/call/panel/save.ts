/** How long the address of what is being saved stays good, in ms: the browser reads it after the click. */
const READ_MS = 60_000;

/** Saves a text as a file with today's date in its name. */
export function saveText(name: string, text: string): void {
  const date = new Date().toLocaleDateString("sv");
  saveBlob(`${name}-${date}.txt`, new Blob([text], { type: "text/plain;charset=utf-8" }));
}

/** Lets the browser save something, wherever it saves downloads. */
export function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
}
