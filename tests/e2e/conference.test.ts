import { strict as assert } from "node:assert";

import { t } from "../../ui/src/texts/index.ts";
import { tc } from "../../ui/src/texts/conference.ts";
import { stories } from "../harness/story.ts";
import {
  acquaint,
  calls,
  control,
  hasTilesOf,
  hearEachOther,
  invites,
  reads,
  seats,
  seeEachOther,
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
    const mails = async (): Promise<number> => {
      const boxes = [Alice, Bob, Carol, Dave].map(({ device }) =>
        stage.mail.deliveriesTo(device.owner.address),
      );
      return (await Promise.all(boxes)).flat().length;
    };
    const before = await mails();
    for (const guest of [Carol, Dave]) {
      await invites(Alice, guest);
      // Who reaches for the mouse is slower than the channel.
      await guest.device.channelOpens();
      await takes(guest);
    }
    await seeEachOther(Alice, Bob, Carol, Dave);
    await hearEachOther(Alice, Bob, Carol, Dave);
    assert.equal((await mails()) - before, 4, "an invitation and the answer to it for each guest, no more");

    await Alice.device.vanish();
    await hasTilesOf(Bob, [Carol, Dave]);
    await hasTilesOf(Carol, [Bob, Dave]);
    await hasTilesOf(Dave, [Bob, Carol]);
    await seeEachOther(Bob, Carol, Dave);
  },
);

story("Carol comes late and reads what was written, and a private line only she reads", async (stage) => {
  const { Alice, Bob, Carol } = await seats(stage, ["Alice", "Bob", "Carol"]);
  await calls(Alice, Bob);
  await seeEachOther(Alice, Bob);
  await control(Alice.page, tc.controls.chat);
  await control(Bob.page, tc.controls.chat);
  await writes(Alice, "The plan is on the second page.");
  await reads(Bob, "The plan is on the second page.");
  await invites(Alice, Carol);
  await takes(Carol);
  await seeEachOther(Bob, Carol);
  await control(Carol.page, tc.controls.chat);
  await reads(Carol, "The plan is on the second page.");
  await writes(Bob, "Do you have the numbers?", "Carol");
  await reads(Carol, "Do you have the numbers?");
  await writes(Carol, "Hello everybody.");
  await reads(Alice, "Hello everybody.");
  assert.equal(await Alice.page.getByText("Do you have the numbers?").count(), 0);
});

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
