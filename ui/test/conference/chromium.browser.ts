/// <reference types="node" />
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundlePage } from "./support/bundle";
import { BLUE, RED, driven, launchChromium, newPerson } from "./support/chromium";
import { Person, connect } from "./support/person";
import { servePage, type PageServer } from "./support/server";

/** So that a test can have both sides of a link begin something in the same moment. */
const KEEPS_PEERS = `
  globalThis.peers = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      globalThis.peers.push(this);
    }
  };`;

let server: PageServer;
let browsers: Browser[];
let alice: Person;
let bob: Person;
let pages: Page[] = [];

beforeAll(async () => {
  server = await servePage(await bundlePage());
  browsers = await Promise.all([launchChromium(RED), launchChromium(BLUE)]);
});

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.close();
});

beforeEach(async () => {
  await Promise.all(pages.map((page) => page.context().close()));
  pages = await Promise.all(browsers.map((browser) => newPerson(browser, true)));
  await Promise.all(pages.map((page) => page.addInitScript({ content: KEEPS_PEERS })));
  [alice, bob] = (await Promise.all(pages.map((page) => Person.at(driven(page), server.url)))) as [
    Person,
    Person,
  ];
});

async function inACall(options: { video: boolean } = { video: true }): Promise<void> {
  await connect(alice, bob, "link");
  await Promise.all([
    bob.takeCall("link", options.video, false),
    alice.takeCall("link", options.video, true),
  ]);
}

describe("before Bob accepts", () => {
  test("the channel is open, and nobody's camera", async () => {
    await connect(alice, bob, "link");
    for (const person of [alice, bob]) {
      expect(await person.others()).toEqual([]);
      expect(await person.evaluate("[page.local.view.camera, page.local.view.microphone]")).toEqual([
        "off",
        "off",
      ]);
      expect(await person.faults()).toEqual([]);
    }
  });

  test("Alice's media reaches nobody, even if she starts it", async () => {
    await connect(alice, bob, "link");
    await alice.takeCall("link", true, true);
    await alice.until("page.local.cameraOn");
    // The channel keeps the order: what Alice said before this was heard before this.
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
    await bob.evaluate(`page.report("SignalFromLink", "link")`);
    const kinds = "page.session.stats('link').then((report) => [...report.values()].map(({ type }) => type))";
    expect(await bob.evaluate<string[]>(kinds)).not.toContain("inbound-rtp");
  });

  test("Bob hears a cancel, and no other signal", async () => {
    await connect(alice, bob, "link");
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "accept", video: true } });
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "no_answer" } });
    await bob.evaluate(`page.report("SignalFromLink", "link")`);
    const heard = (await bob.reports()).filter(({ type }) => type === "SignalFromLink");
    expect(heard).toEqual([
      { type: "SignalFromLink", link: "link", signal: { type: "cancel", reason: "no_answer" } },
    ]);
  });
});

describe("in a call", () => {
  test("each sees the other's picture", async () => {
    await inACall();
    await bob.seesColour("red");
    await alice.seesColour("blue");
    expect([await alice.faults(), await bob.faults()]).toEqual([[], []]);
  });

  test("each hears the other", async () => {
    await inACall();
    for (const person of [alice, bob]) {
      await person.evaluate(`(async () => {
        for (;;) {
          const report = [...(await page.session.stats("link")).values()];
          if (report.some(({ type, kind, totalAudioEnergy }) =>
            type === "inbound-rtp" && kind === "audio" && totalAudioEnergy > 0.001)) return;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })()`);
    }
  });

  test("a name and a mute are shown on the other side", async () => {
    await bob.evaluate(`page.name = "Bob"`);
    await inACall();
    await alice.seesOther(`other.name === "Bob" && !other.muted`);
    await bob.evaluate("page.local.setMuted(true)");
    await alice.seesOther("other.muted");
    await bob.evaluate("page.local.setMuted(false)");
    await alice.seesOther("!other.muted");
  });

  test("a camera goes off, light and all, and on again", async () => {
    await inACall();
    await alice.picture();
    await bob.evaluate("globalThis.before = page.local.cameraTrack");
    await bob.evaluate("page.local.setCamera(false)");
    expect(await bob.evaluate("before.readyState")).toBe("ended");
    await alice.seesOther("!other.camera");
    await bob.evaluate("page.local.setCamera(true)");
    await alice.seesOther("other.camera");
    await alice.seesColour("blue");
  });

  test("a call begun by voice becomes one with pictures", async () => {
    await inACall({ video: false });
    await alice.seesOther("other.stream !== null && !other.camera");
    await bob.evaluate("page.local.setCamera(true)");
    await alice.seesColour("blue");
  });

  test("a changed network gives the link a new path while the picture goes on", async () => {
    await inACall();
    await bob.picture();
    const ufrag = `page.session.stats("link").then((report) =>
      [...report.values()].find(({ type }) => type === "transport").iceLocalUsernameFragment)`;
    const before = await alice.evaluate<string>(ufrag);
    await alice.evaluate("page.session.networkChanged()");
    await alice.evaluate(`(async () => {
      while ((await ${ufrag}) === ${JSON.stringify(before)}) await new Promise((resolve) => setTimeout(resolve, 10));
    })()`);
    await Promise.all([alice.picture(), bob.picture()]);
    const states = (await alice.reports()).filter(({ type }) => type === "LinkState");
    expect(states).toEqual([{ type: "LinkState", link: "link", state: "Open" }]);
    expect([await alice.faults(), await bob.faults()]).toEqual([[], []]);
  });

  test("both networks change in the same moment", async () => {
    await inACall();
    await Promise.all([alice.picture(), bob.picture()]);
    await Promise.all([alice, bob].map((person) => person.evaluate("page.session.networkChanged()")));
    await Promise.all([alice, bob].map((person) => person.evaluate("page.session.networkChanged()")));
    await Promise.all([alice.picture(), bob.picture()]);
    expect([await alice.faults(), await bob.faults()]).toEqual([[], []]);
  });
});

describe("when both look for other paths in the same moment", () => {
  /** In half a second, by the clock that both have. */
  const restart = (at: number): string => `(async () => {
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await pause(${at} - Date.now());
    peers.at(-1).restartIce();
    do await pause(200);
    while (peers.at(-1).signalingState !== "stable");
  })()`;

  test("one takes its offer back, and both pictures go on", async () => {
    await inACall();
    for (let times = 0; times < 5; times += 1) {
      await Promise.all([alice.picture(), bob.picture()]);
      const at = Date.now() + 500;
      await Promise.all([alice, bob].map((person) => person.evaluate(restart(at))));
      await Promise.all(
        [alice, bob].map((person) => person.until("peers.at(-1).signalingState === 'stable'")),
      );
    }
    await Promise.all([alice.picture(), bob.picture()]);
  });
});

describe("the end", () => {
  test("Alice's last word arrives although she closes the link at once", async () => {
    await inACall();
    await alice.evaluate(`(() => {
      page.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
      page.handle({ type: "CloseLink", link: "link" });
    })()`);
    await bob.evaluate(`page.report("SignalFromLink", "link")`);
    expect(await alice.evaluate("[page.local.cameraOn, page.session.conference('call')]")).toEqual([
      false,
      null,
    ]);
    await bob.linkIs("link", "Lost");
  });

  test("Bob's reload is noticed within a second, and a fresh link brings the picture back", async () => {
    await inACall();
    await alice.picture();
    await alice.evaluate("globalThis.camera = page.local.cameraTrack");
    const before = Date.now();
    await bob.open(server.url);
    await alice.linkIs("link", "Lost");
    expect(Date.now() - before).toBeLessThan(1000);
    await alice.handle({ type: "CloseLink", link: "link" });
    await connect(alice, bob, "second");
    await Promise.all([bob.takeCall("second", true, false), alice.takeCall("second", true, true)]);
    await alice.seesColour("blue");
    expect(await alice.evaluate("camera === page.local.cameraTrack")).toBe(true);
  });

  test("a reloaded page says that it has the old link no more", async () => {
    await connect(alice, bob, "link");
    await bob.open(server.url);
    await bob.takeCall("link", true, false);
    await bob.linkIs("link", "Lost");
  });
});
