/// <reference types="node" />
import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decode, encode, toSdp, type Role } from "../../src/conference/description";
import { bundlePage } from "./support/bundle";
import { BLUE, driven, launchChromium, newPerson } from "./support/chromium";
import { Firefox } from "./support/firefox";
import { Person, connect } from "./support/person";
import { servePage, type PageServer } from "./support/server";

let server: PageServer;
let chromium: Browser;
let firefox: Firefox;
/** At Firefox. */
let alice: Person;
/** At Chromium. */
let bob: Person;

beforeAll(async () => {
  server = await servePage(await bundlePage());
  [chromium, firefox] = await Promise.all([launchChromium(BLUE), Firefox.launch()]);
});

afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
  await server.close();
});

beforeEach(async () => {
  alice = await Person.at(firefox, server.url);
  bob = await Person.at(driven(await newPerson(chromium, true)), server.url);
});

describe("Alice at Firefox and Bob at Chromium", () => {
  test.each([
    ["Alice calls Bob", true],
    ["Bob calls Alice", false],
  ])("%s: the channel opens, and each sees the other", async (_, aliceCalls) => {
    const [caller, callee] = aliceCalls ? [alice, bob] : [bob, alice];
    await connect(caller, callee, "link");
    await Promise.all([callee.takeCall("link", true, false), caller.takeCall("link", true, true)]);
    await bob.picture();
    await alice.seesColour("blue");
    expect([await alice.faults(), await bob.faults()]).toEqual([[], []]);
  });

  test.each([
    ["Alice calls, and Firefox restarts", true, "b"],
    ["Alice calls, and Chromium restarts", true, "0"],
    ["Bob calls, and Firefox restarts", false, "b"],
    ["Bob calls, and Chromium restarts", false, "0"],
  ])("a network change does not end the picture: %s", async (_, aliceCalls, alicesId) => {
    alice = await Person.at(firefox, `${server.url}?${alicesId}`);
    bob = await Person.at(driven(await newPerson(chromium, true)), `${server.url}?a`);
    const [caller, callee] = aliceCalls ? [alice, bob] : [bob, alice];
    await connect(caller, callee, "link");
    await Promise.all([callee.takeCall("link", true, false), caller.takeCall("link", true, true)]);
    await Promise.all([alice.picture(), bob.picture()]);
    const ufrag = `page.session.stats("link").then((report) =>
      [...report.values()].find(({ type }) => type === "transport").iceLocalUsernameFragment)`;
    const before = await bob.evaluate<string>(ufrag);
    await alice.evaluate("page.session.networkChanged()");
    await bob.evaluate(`(async () => {
      while ((await ${ufrag}) === ${JSON.stringify(before)}) await new Promise((resolve) => setTimeout(resolve, 10));
    })()`);
    await Promise.all([alice.picture(), bob.picture()]);
    expect([await alice.faults(), await bob.faults()]).toEqual([[], []]);
  });
});

/** Takes an expanded description the way a link does: an offer at once, an answer after an offer of one's own. */
const TAKE = `(async (type, sdp) => {
  const peer = new RTCPeerConnection();
  peer.createDataChannel("control", { negotiated: true, id: 0 });
  if (type === "answer") await peer.setLocalDescription();
  await peer.setRemoteDescription({ type, sdp });
  if (type === "offer") await peer.setLocalDescription();
  const taken = peer.signalingState;
  peer.close();
  return taken;
})`;

test("both browsers take the expanded descriptions of both", async () => {
  const text = await readFile(new URL("fixtures/sdps.json", import.meta.url), "utf8");
  const recorded = JSON.parse(text) as Record<string, Record<Role, string>>;
  for (const sdps of Object.values(recorded)) {
    for (const role of ["offer", "answer"] as const) {
      const expanded = JSON.stringify(toSdp(decode(encode(sdps[role], role))));
      for (const person of [alice, bob]) {
        expect(await person.evaluate(`${TAKE}("${role}", ${expanded})`)).toBe("stable");
      }
    }
  }
});
