import { strict as assert } from "node:assert";

import { t } from "../../ui/src/texts/index.ts";
import { tc } from "../../ui/src/texts/conference.ts";
import { fetches, saves, shares } from "../harness/files.ts";
import { stories } from "../harness/story.ts";
import {
  BESIDE,
  acquaint,
  calls,
  control,
  gather,
  hasTilesOf,
  hearEachOther,
  invites,
  mailsTo,
  opensPanel,
  reads,
  seats,
  seeEachOther,
  seesScreen,
  takes,
  threeTogether,
  writes,
} from "../harness/table.ts";

const { story } = stories("conference");

story(
  "Alice calls Bob and invites Carol and Dave: each of the four sees and hears the others; then Alice is gone at once",
  async (stage) => {
    const { Alice, Bob, Carol, Dave } = await seats(stage, ["Alice", "Bob", "Carol", "Dave"]);
    await acquaint(Alice, Carol);
    await acquaint(Alice, Dave);
    await calls(Alice, Bob);
    await seeEachOther(Alice, Bob);
    const before = (await mailsTo(stage, [Alice, Bob, Carol, Dave])).length;
    for (const guest of [Carol, Dave]) {
      await invites(Alice, guest);
      // Who reaches for the mouse is slower than the channel.
      await guest.device.channelOpens();
      await takes(guest);
    }
    await seeEachOther(Alice, Bob, Carol, Dave);
    await hearEachOther(Alice, Bob, Carol, Dave);
    const written = (await mailsTo(stage, [Alice, Bob, Carol, Dave])).slice(before);
    const told = written.map(
      ({ unix_ms, from, to, bytes }) => `${unix_ms}: ${from} to ${to}, ${bytes} bytes`,
    );
    const needed = "an invitation and the answer to it for each guest, no more";
    assert.ok(written.length <= 4 + BESIDE, [needed, ...told].join("\n"));
    const host = Alice.device.owner.address;
    assert.ok(
      written.every(({ from, to }) => from === host || to === host),
      ["whom Alice introduces meets without mail", ...told].join("\n"),
    );

    await Alice.device.vanish();
    await hasTilesOf(Bob, [Carol, Dave]);
    await hasTilesOf(Carol, [Bob, Dave]);
    await hasTilesOf(Dave, [Bob, Carol]);
    await seeEachOther(Bob, Carol, Dave);
  },
);

story(
  "Dave comes late: he reads what was written, gets Bob's file, sees Carol's screen, and a private line only he reads",
  async (stage) => {
    const { Alice, Bob, Carol, Dave } = await seats(stage, ["Alice", "Bob", "Carol", "Dave"]);
    await gather(Alice, Bob, Carol);
    await opensPanel(Alice, "chat");
    await writes(Alice, "The plan is on the second page.");
    const file = await shares(Bob, [], stage.dir, 600_000);
    await control(Carol.page, tc.controls.share);
    await Promise.all([Alice, Bob].map(seesScreen));

    await invites(Alice, Dave);
    await takes(Dave);
    await seesScreen(Dave);
    await opensPanel(Dave, "files");
    await fetches(Dave, file);
    await saves(Dave, file);
    for (const seat of [Bob, Carol, Dave]) await opensPanel(seat, "chat");
    for (const seat of [Bob, Carol, Dave]) await reads(seat, "The plan is on the second page.");
    await writes(Bob, "Do you have the numbers?", "Dave");
    await reads(Dave, "Do you have the numbers?");
    await writes(Dave, "Hello everybody.");
    for (const seat of [Alice, Bob, Carol]) await reads(seat, "Hello everybody.");
    for (const { page } of [Alice, Carol])
      assert.equal(await page.getByText("Do you have the numbers?").count(), 0);

    await control(Carol.page, tc.controls.stopSharing);
    for (const { page } of [Alice, Bob, Dave])
      await page.locator("video[data-screen]").waitFor({ state: "detached" });
    await seeEachOther(Alice, Bob, Carol, Dave);
  },
);

story("Alice, the organiser, removes Carol: Carol is told, Bob goes on with Alice", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  const tile = Alice.page.getByRole("figure", { name: "Carol" });
  await tile.hover();
  await tile.getByRole("button", { name: tc.tile.more("Carol") }).click();
  await Alice.page.getByRole("button", { name: tc.tile.remove }).click();
  await Alice.page.getByRole("dialog").getByRole("button", { name: tc.remove.do, exact: true }).click();
  await Carol.device.client.untilCall("Ended");
  await Carol.page.getByRole("heading", { name: t.call.putOut.removed.title }).waitFor();
  await hasTilesOf(Bob, [Alice]);
  await hasTilesOf(Alice, [Bob]);
  await seeEachOther(Alice, Bob);
});

story("Carol calls Bob while he talks with Alice, and he adds her to the call", async (stage) => {
  const { Alice, Bob, Carol } = await seats(stage, ["Alice", "Bob", "Carol"]);
  await calls(Alice, Bob);
  await seeEachOther(Alice, Bob);
  await calls(Carol, Bob, { takes: false });
  await Bob.device.client.untilCall("Ringing");
  await Bob.page.getByRole("button", { name: t.ongoing.add }).click();
  await seeEachOther(Alice, Bob, Carol);
});
