import { strict as assert } from "node:assert";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { results } from "../harness/paths.ts";
import type { Device, Person } from "../harness/person.ts";
import { aliceCallsBob } from "../harness/scenes.ts";
import { hangUp } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { type Stage, stories } from "../harness/story.ts";
import { NativeApp } from "./app.ts";
import { Desktop } from "./desktop.ts";

const { story } = stories("native");

const RINGS = "Alice is calling";

/** Alice in a browser, and Bob with the native app on a desktop. */
interface Scene {
  readonly alice: Device;
  readonly bob: Device;
  readonly alicePage: Page;
  readonly desktop: Desktop;
  readonly app: NativeApp;
  readonly dir: string;
}

interface Setting {
  readonly contacts?: boolean;
  readonly ringSeconds?: number;
}

/** Plays a scene, and ends the desktop whatever happened; a failure leaves a picture of it. */
async function onDesktop(
  stage: Stage,
  setting: Setting,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const { contacts = true, ringSeconds } = setting;
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const known = (person: Person): Person[] => (contacts ? [person] : []);
  const [alice, bob, desktop] = await Promise.all([
    aliceHerself.device("laptop", {
      contacts: known(bobHimself),
      ...(ringSeconds === undefined ? {} : { ringSeconds }),
    }),
    bobHimself.device("desktop", { contacts: known(aliceHerself), running: false }),
    Desktop.start(join(stage.dir, "screen")),
  ]);
  const dir = join(stage.dir, "bob-desktop");
  const app = await NativeApp.start(desktop, bobHimself, dir);
  try {
    await desktop.window("Mailcall");
    const alicePage = await alice.open();
    await play({ alice, bob, alicePage, desktop, app, dir });
    assert.equal(await app.quit(), "exit status 0");
  } catch (error) {
    await desktop.picture(join(stage.dir, "screen.png")).catch(() => undefined);
    await app.quit().catch(() => undefined);
    throw error;
  } finally {
    await desktop.stop();
  }
}

story("Accept in dunst's own menu takes the call: they see and hear each other", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop, app }) => {
    const call = await aliceCallsBob({ alice, bob, alicePage });
    const shown = await desktop.notification(RINGS);
    assert.equal(shown.urgency, "CRITICAL");
    assert.match(shown.body, /^Video call · alice/);
    await alice.client.untilCall("Ringing", { call });
    const page = await app.callPage();
    await page
      .getByRole("button", { name: /Accept/ })
      .first()
      .waitFor();
    await desktop.picture(join(results, "native", "ringing.png"));
    assert.deepEqual((await desktop.choose("Accept")).toSorted(), ["Accept", "Decline", "Open Mailcall"]);
    await alice.client.untilCall("Connected", { call });
    await desktop.untilNoNotification();
    await Promise.all([
      sees(alicePage, bob.owner.presence),
      hears(alicePage, bob.owner.presence),
      sees(page, alice.owner.presence),
      hears(page, alice.owner.presence),
    ]);
    await desktop.picture(join(results, "native", "call.png"));
    await hangUp(alicePage);
    await page.getByText("Call ended").first().waitFor();
  });
});
