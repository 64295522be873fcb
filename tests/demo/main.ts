import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { playAlone } from "./headless.ts";
import { Leftovers } from "./leftovers.ts";
import { say } from "./stage.ts";
import { playWindows } from "./windows.ts";

/** `cargo xtask demo` ends here: `main.ts headless|browser|native FOLDER`. */

const [, , mode, folder] = process.argv;
if (folder === undefined) throw new Error("main.ts headless|browser|native FOLDER");
const out = resolve(folder);
const leftovers = new Leftovers();
let interrupted = false;

for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    say("putting everything away …");
    void putAway().then(() => process.exit(128 + number));
  });
}

try {
  if (mode === "headless") await playAlone(out, leftovers);
  else await playWindows(out, leftovers, mode === "native");
  const clean = await putAway();
  say("everything is put away again");
  process.exit(clean ? 0 : 1);
} catch (error) {
  if (!interrupted) {
    const why = error instanceof Error ? error.message : String(error);
    await leftovers.clear();
    process.stderr.write(`\nThe demo failed: ${why}\nThe logs are in ${join(out, "run")}\n`);
    process.exit(1);
  }
}

/** Ends what runs and removes the data of Alice and Bob; false if something stays behind. */
async function putAway(): Promise<boolean> {
  const clean = await leftovers.clear();
  await rm(join(out, "run"), { recursive: true, force: true });
  return clean;
}
