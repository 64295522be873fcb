import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { tc } from "../../ui/src/texts/conference.ts";
import { opensPanel, type Seat } from "./table.ts";

/** A file that somebody shares, in which no part is like another. */
export interface Shared {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Opens the list of files at each seat, and shares a file at the first. */
export async function shares(
  owner: Seat,
  others: readonly Seat[],
  dir: string,
  size: number,
): Promise<Shared> {
  const name = "numbers.bin";
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  const path = join(dir, name);
  await writeFile(path, bytes);
  for (const seat of [owner, ...others]) await opensPanel(seat, "files");
  await owner.page.locator(`input[type=file][aria-label="${tc.files.share}"]`).setInputFiles(path);
  return { name, bytes };
}

/** Begins to get a file from the others. */
export async function fetches({ page }: Seat, { name }: Shared): Promise<void> {
  await page.getByRole("button", { name: tc.files.get(name) }).click();
}

/** How much of a file that is being fetched is here, in bytes; null when it is here. */
export async function fetched({ page }: Seat, { name }: Shared): Promise<number | null> {
  const bar = page.getByRole("progressbar", { name: tc.files.progress(name) });
  return (await bar.count()) === 0 ? null : bar.evaluate((one) => (one as HTMLProgressElement).value);
}

/** Waits for a file, saves it, and looks at what was saved. */
export async function saves({ page }: Seat, { name, bytes }: Shared): Promise<void> {
  const save = page.getByRole("button", { name: tc.files.save(name) });
  await save.waitFor({ timeout: 60_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  const digest = (of: Buffer): string => createHash("sha256").update(of).digest("hex");
  assert.equal(digest(await readFile(await download.path())), digest(bytes), "the file is as it was shared");
}
