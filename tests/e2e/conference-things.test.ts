import { strict as assert } from "node:assert";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { tc } from "../../ui/src/texts/conference.ts";
import { t } from "../../ui/src/texts/index.ts";
import { hangUp } from "../harness/screen.ts";
import { stories } from "../harness/story.ts";
import {
  calls,
  control,
  hasTilesOf,
  opensPanel,
  type Seat,
  seats,
  seeEachOther,
  threeTogether,
} from "../harness/table.ts";

const { story } = stories("conference-things");

story("Bob shares a file; Carol gets it although Bob has left, for Alice has it, too", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  for (const seat of [Alice, Bob, Carol]) await opensPanel(seat, "files");
  const bytes = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, at) => (at * 31) % 253));
  const path = join(stage.dir, "numbers.bin");
  await writeFile(path, bytes);
  await Bob.page.locator(`input[type=file][aria-label="${tc.files.share}"]`).setInputFiles(path);
  await saves(Alice, "numbers.bin", bytes);
  await hangUp(Bob.page);
  await hasTilesOf(Carol, [Alice]);
  await saves(Carol, "numbers.bin", bytes);
});

/** Gets a file from the others, saves it, and looks at what was saved. */
async function saves({ page }: Seat, name: string, bytes: Buffer): Promise<void> {
  await page.getByRole("button", { name: tc.files.get(name) }).click();
  const save = page.getByRole("button", { name: tc.files.save(name) });
  await save.waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  assert.deepEqual(await readFile(await download.path()), bytes);
}

story("Bob shows his screen, Alice and Carol see it beside his face, until he stops", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  await control(Bob.page, tc.controls.share);
  for (const { page } of [Alice, Carol])
    await page.waitForFunction(() => {
      const screen = document.querySelector<HTMLVideoElement>("video[data-screen]");
      return (
        screen !== null && screen.videoWidth > 0 && screen.getVideoPlaybackQuality().totalVideoFrames > 2
      );
    });
  await seeEachOther(Alice, Bob, Carol);
  await control(Bob.page, tc.controls.stopSharing);
  for (const { page } of [Alice, Carol])
    await page.locator("video[data-screen]").waitFor({ state: "detached" });
});

story("Alice locks the conference: Bob is told why he cannot invite", async (stage) => {
  const { Alice, Bob } = await seats(stage, ["Alice", "Bob"]);
  await calls(Alice, Bob);
  await seeEachOther(Alice, Bob);
  await opensPanel(Alice, "people");
  await Alice.page.getByRole("switch", { name: tc.roster.lock }).click();
  await control(Bob.page, tc.controls.invite);
  await Bob.page.getByText(tc.invite.locked("Alice").title).waitFor();
});

story("Carol hangs up and comes back from her history without ringing anybody", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  await hangUp(Carol.page);
  await hasTilesOf(Bob, [Alice]);
  await Carol.page.evaluate(() => (location.hash = "#/"));
  await Carol.page
    .getByRole("button", { name: new RegExp(`^${t.history.rejoin}`) })
    .first()
    .click();
  await seeEachOther(Alice, Bob, Carol);
});
