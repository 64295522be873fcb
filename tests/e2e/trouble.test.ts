import { strict as assert } from "node:assert";

import { acquainted, aliceAndBob, aliceCallsBob, bobAccepts } from "../harness/scenes.ts";
import { accept, hangUp } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { stories } from "../harness/story.ts";

const { story } = stories("trouble");

story("a wrong password is refused in words that help", async (stage) => {
  const alice = await stage.person("Alice");
  const wrong = { name: alice.name, address: alice.address, password: "wrong" };
  await assert.rejects(alice.device("laptop", { mailbox: wrong }), /refused the address or the password/);
});

story("the mail server dies while it rings and comes back: Bob accepts, and they meet", async (stage) => {
  const { alice, bob, alicePage, bobPage } = await aliceAndBob(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await alice.client.untilCall("Ringing", { call });
  await stage.mail.stop();
  await bob.client.until("Bob's mailbox is offline", () =>
    bob.client.accounts.some(({ state }) => state.type === "Offline") ? true : undefined,
  );
  await accept(bobPage);
  await stage.mail.start();
  await Promise.all([
    sees(alicePage, bob.owner.presence, 40_000),
    sees(bobPage, alice.owner.presence, 40_000),
  ]);
});

story(
  "Bob's backend is killed while it rings: it rings on after the restart, without a second mail",
  async (stage) => {
    const { alice, bob, alicePage } = await aliceAndBob(stage);
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await alice.client.untilCall("Ringing", { call });
    for (const window of bob.windows) window.forgiven = /ERR_CONNECTION_REFUSED|response code: 403/;
    await bob.backend.stop("SIGKILL");
    await bob.backend.start();
    await bob.client.untilCall("Ringing", { call });
    const bobPage = await bob.open();
    await bobAccepts({ alice, bob, alicePage, bobPage });
    const mails = await stage.mail.deliveriesTo(alice.owner.address);
    assert.equal(mails.length, 2, "one ringing, one accept");
  },
);

story("Alice's backend is gone when she hangs up: the call is over on both sides at once", async (stage) => {
  const pair = await acquainted(stage);
  const { alice, bob, alicePage } = pair;
  const call = await aliceCallsBob(pair);
  await bobAccepts(pair);
  for (const window of alice.windows) window.forgiven = /ERR_CONNECTION_REFUSED/;
  await alice.backend.stop("SIGKILL");
  await hangUp(alicePage);
  await alicePage.getByText("You hung up").first().waitFor();
  const { state } = await bob.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "HungUp", by_peer: true });
});

story("Alice reloads her page during the call: they meet again", async (stage) => {
  const pair = await acquainted(stage);
  const { alice, bob, alicePage, bobPage } = pair;
  const call = await aliceCallsBob(pair);
  await bobAccepts(pair);
  await alicePage.reload();
  await bob.client.untilCall("Reconnecting", { call });
  await Promise.all([
    alice.client.untilCall("Connected", { call }),
    bob.client.untilCall("Connected", { call }),
  ]);
  await Promise.all([
    sees(alicePage, bob.owner.presence),
    hears(alicePage, bob.owner.presence),
    sees(bobPage, alice.owner.presence),
  ]);
});

story("Bob has neither camera nor microphone: he sees and hears Alice", async (stage) => {
  const { alice, bob, alicePage } = await aliceAndBob(stage);
  const [open] = bob.windows;
  await open?.page.context().close();
  const bobPage = await bob.open({ camera: false });
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await accept(bobPage);
  await Promise.all([
    alice.client.untilCall("Connected", { call }),
    bob.client.untilCall("Connected", { call }),
  ]);
  await Promise.all([sees(bobPage, alice.owner.presence), hears(bobPage, alice.owner.presence)]);
});
