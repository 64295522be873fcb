import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { results } from "../harness/paths.ts";
import type { Device, Person } from "../harness/person.ts";
import { aliceCallsBob } from "../harness/scenes.ts";
import { accept, hangUp } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { type Stage, stories } from "../harness/story.ts";
import { until } from "../harness/wait.ts";
import { NativeApp } from "./app.ts";
import { Desktop } from "./desktop.ts";

const { story } = stories("native");

const RINGS = "Alice is calling";
const MISSED = "Missed call from Alice";

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
  readonly theme?: string;
}

/** Plays a scene, and ends the desktop whatever happened; a failure leaves a picture of it. */
async function onDesktop(
  stage: Stage,
  setting: Setting,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const { contacts = true, ringSeconds, theme } = setting;
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const known = (person: Person): Person[] => (contacts ? [person] : []);
  const [alice, bob, desktop] = await Promise.all([
    aliceHerself.device("laptop", {
      contacts: known(bobHimself),
      ...(ringSeconds === undefined ? {} : { ringSeconds }),
    }),
    bobHimself.device("desktop", { contacts: known(aliceHerself), running: false }),
    Desktop.start(join(stage.dir, "screen"), theme),
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
    // Besides the system's default there is a camera that can be chosen; Chromium calls it after its file.
    await page.getByRole("combobox", { name: "Camera" }).getByText(".y4m").waitFor({ state: "attached" });
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
    await page.getByText("Alice hung up").first().waitFor();
  });
});

story("Decline in dunst's own menu: Alice is told so, and nothing is left on the screen", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop }) => {
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await desktop.notification(RINGS);
    await alice.client.untilCall("Ringing", { call });
    await desktop.choose("Decline");
    const { state } = await alice.client.untilCall("Ended", { call });
    assert.deepEqual(state.reason, { type: "Declined", reason: "declined" });
    await desktop.untilNoNotification();
  });
});

story("Alice takes her call back: the notification goes", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop }) => {
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await desktop.notification(RINGS);
    await alice.client.untilCall("Ringing", { call });
    await alice.client.command({ type: "HangUp", call });
    await until("it is not offered to be accepted any more", async () => {
      const shown = await desktop.notifications();
      return shown.at(-1)?.summary === MISSED ? true : undefined;
    });
    assert.equal(await desktop.displayed(), 1, "that it was missed is all that is left");
  });
});

story("Bob does not answer: a notice that he missed it stays until he looks", async (stage) => {
  await onDesktop(stage, { ringSeconds: 4 }, async ({ alice, bob, alicePage, desktop }) => {
    const main = await desktop.window("Mailcall");
    await desktop.closeWindow(main);
    await desktop.untilNoWindow("Mailcall");
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await alice.client.untilCall("Ended", { call });
    const missed = await desktop.notification(MISSED);
    assert.match(missed.body, /^alice/);
    await desktop.choose("Open Mailcall");
    await desktop.window("Mailcall");
    await desktop.untilNoNotification();
  });
});

story("with its main window closed Mailcall goes on ringing", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop }) => {
    await desktop.closeWindow(await desktop.window("Mailcall"));
    await desktop.untilNoWindow("Mailcall");
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await desktop.notification(RINGS);
    await alice.client.untilCall("Ringing", { call });
  });
});

story("a second start brings the first one's window back and ends", async (stage) => {
  await onDesktop(stage, {}, async ({ bob, desktop, dir }) => {
    await desktop.closeWindow(await desktop.window("Mailcall"));
    await desktop.untilNoWindow("Mailcall");
    assert.equal(await NativeApp.startAgain(desktop, bob.owner, dir), "exit status 0");
    await desktop.window("Mailcall");
    await until("it has the focus", async () =>
      (await desktop.focused()) === "Mailcall" ? true : undefined,
    );
  });
});

story("where mailcalld already runs, the app says so and ends", async (stage) => {
  const bob = await stage.person("Bob");
  const daemon = await bob.device("server");
  const desktop = await Desktop.start(join(stage.dir, "screen"));
  try {
    const dir = join(stage.dir, "bob-server");
    assert.equal(await NativeApp.startAgain(desktop, bob, dir), "exit status 1");
    assert.match(await readFile(`${dir}.log`, "utf8"), /mailcall: .*another Mailcall/i);
    assert.match((await desktop.notification("Mailcall cannot start")).body, /mailcalld/);
    await daemon.settings();
  } finally {
    await desktop.stop();
  }
});

story("a stranger's call is a quiet notice: it does not ring and offers nothing to accept", async (stage) => {
  await onDesktop(stage, { contacts: false }, async ({ alice, bob, alicePage, desktop }) => {
    const call = await aliceCallsBob({ alice, bob, alicePage });
    const shown = await desktop.notification("Alice wants to call you");
    assert.equal(shown.urgency, "NORMAL");
    await alice.client.untilCall("Sent", { call });
    assert.deepEqual(await desktop.windows("Alice"), [], "no window of a call is opened");
    assert.ok(!(await desktop.notifications()).some(({ summary }) => summary === RINGS));
    await alice.client.command({ type: "HangUp", call });
    await desktop.untilNoNotification();
  });
});

story("Bob quits during the call: Alice is told that he hung up", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop, app }) => {
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await desktop.notification(RINGS);
    await desktop.choose("Accept");
    await alice.client.untilCall("Connected", { call });
    await sees(await app.callPage(), alice.owner.presence);
    assert.equal((await desktop.windows("Alice")).length, 1, "one window, though he was quicker than it");
    assert.equal(await app.quit(), "exit status 0");
    const { state } = await alice.client.untilCall("Ended", { call });
    assert.deepEqual(state.reason, { type: "HungUp", by_peer: true });
    await desktop.untilNoWindow("Alice");
  });
});

story("Bob calls from the native window: the call opens in his browser", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop, app }) => {
    const main = await desktop.window("Mailcall");
    await drawn(desktop, main);
    await until("the native window has the focus", async () =>
      (await desktop.focused()) === "Mailcall" ? true : undefined,
    );
    // The field for the address has the focus when the window opens.
    await desktop.type(alice.owner.address, "Return");
    const { call } = await alice.client.untilCall("Ringing");
    await accept(alicePage);
    await alice.client.untilCall("Connected", { call });
    await Promise.all([
      sees(await app.callPage(), alice.owner.presence),
      sees(alicePage, bob.owner.presence),
    ]);
  });
});

story("Bob closes the page that rings, and a click on the notification brings it back", async (stage) => {
  await onDesktop(stage, {}, async ({ alice, bob, alicePage, desktop, app }) => {
    const call = await aliceCallsBob({ alice, bob, alicePage });
    await desktop.notification(RINGS);
    const rings = await app.callPage();
    await rings
      .getByRole("button", { name: /Accept/ })
      .first()
      .waitFor();
    await app.closeCallPage();
    await desktop.choose("Open Mailcall");
    await accept(await app.callPage());
    await alice.client.untilCall("Connected", { call });
  });
});

story("a link in the native window opens in the user's browser", async (stage) => {
  const bob = await stage.person("Bob");
  const desktop = await Desktop.start(join(stage.dir, "screen"));
  const app = await NativeApp.start(desktop, bob, join(stage.dir, "bob-new"));
  try {
    const main = await desktop.window("Mailcall");
    await drawn(desktop, main);
    await until("the native window has the focus", async () =>
      (await desktop.focused()) === "Mailcall" ? true : undefined,
    );
    // The provider wants an app password: a link to the page where one is made appears before the password.
    await desktop.type("bob@gmail.com", "Tab");
    const visited = await until("the browser is asked for a page", async () => {
      await desktop.type("shift+Tab", "Return");
      return (await desktop.visited())[0];
    });
    assert.match(visited, /^https:\/\/[a-z.]*google\.com\//);
    assert.equal(await app.quit(), "exit status 0");
  } catch (error) {
    await desktop.picture(join(stage.dir, "screen.png")).catch(() => undefined);
    await app.quit().catch(() => undefined);
    throw error;
  } finally {
    await desktop.stop();
  }
});

for (const [scheme, theme] of [
  ["light", "Adwaita"],
  ["dark", "Adwaita:dark"],
] as const) {
  story(`the main window is ${scheme} on a ${scheme} desktop, and never too narrow to use`, async (stage) => {
    await onDesktop(stage, { theme }, async ({ desktop }) => {
      const main = await desktop.window("Mailcall");
      const { brightness } = await drawn(desktop, main);
      assert.ok(scheme === "light" ? brightness > 0.8 : brightness < 0.2, `brightness ${brightness}`);
      await desktop.picture(join(results, "native", `${scheme}.png`));
      assert.deepEqual(await desktop.resize(main, 100, 100), [360, 480]);
    });
  });
}

/** Waits until a window shows more than an empty page. */
async function drawn(desktop: Desktop, window: string): Promise<{ readonly brightness: number }> {
  return until("the page is drawn", async () => {
    const look = await desktop.look(window);
    return look.colours > 150 ? look : undefined;
  });
}
