import { beforeEach, describe, expect, test } from "vitest";
import { Adrift, IMPOLITE_WAITS, POLITE_WAITS } from "../../src/conference/adrift";
import { VirtualClock, settle } from "./support/clock";

/** Between two looks, and a moment, in ms. */
const A_LOOK = 210;

describe("a link with Bob on which Alice hears nothing any more", () => {
  let clock: VirtualClock;
  let did: string[];
  let link: {
    isBroken: boolean;
    isPolite: boolean;
    isRestarting: boolean;
    canDetour: boolean;
    bobsChecks: number;
  };
  let adrift: Adrift;

  beforeEach(async () => {
    clock = new VirtualClock();
    did = [];
    link = { isBroken: true, isPolite: false, isRestarting: false, canDetour: false, bobsChecks: 3 };
    adrift = new Adrift({
      clock,
      isBroken: () => link.isBroken,
      isPolite: () => link.isPolite,
      isRestarting: () => link.isRestarting,
      canDetour: () => link.canDetour,
      knowsRestart: () => !did.includes("goes along"),
      stats: () =>
        Promise.resolve(
          new Map([
            ["1", { type: "candidate-pair", requestsSent: 9, requestsReceived: 9 }],
            ["2", { type: "candidate-pair", requestsSent: 0, requestsReceived: link.bobsChecks }],
          ]),
        ),
      goAlong: () => void did.push("goes along"),
      restart: () => void did.push("asks"),
      restartAlone: () => void did.push("restarts"),
      fault: (error) => void did.push(String(error)),
    });
    await adrift.agreed();
  });

  async function lives(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      clock.advance(10);
      await settle();
    }
  }

  test("she goes along at once if Bob's checks come with a password that she is missing", async () => {
    link.bobsChecks += 1;
    adrift.begin({ knowing: false, asked: false });
    await lives(10);
    expect(did).toEqual(["goes along"]);
  });

  test("checks of an earlier time are no news", async () => {
    adrift.begin({ knowing: false, asked: false });
    await lives(IMPOLITE_WAITS - A_LOOK);
    expect(did).toEqual(["asks"]);
  });

  test("what she hears from Bob may have come one way only: she goes on looking for a while", async () => {
    adrift.begin({ knowing: false, asked: false });
    await lives(10);
    link.isBroken = false;
    await lives(1000);
    link.bobsChecks += 1;
    await lives(A_LOOK);
    expect(did).toEqual(["asks", "goes along"]);
  });

  test("she does not look for ever", async () => {
    adrift.begin({ knowing: false, asked: false });
    await lives(10);
    link.isBroken = false;
    await lives(5000);
    link.bobsChecks += 1;
    await lives(1000);
    expect([did, clock.waiting]).toEqual([["asks"], 0]);
  });

  test("having restarted herself, she leaves it to Bob to give way", async () => {
    link.isRestarting = true;
    adrift.begin({ knowing: false, asked: true });
    link.bobsChecks += 1;
    await lives(5000);
    expect(did).not.toContain("goes along");
  });

  test("being the polite one, she gives way at once", async () => {
    [link.isRestarting, link.isPolite] = [true, true];
    link.bobsChecks += 1;
    adrift.begin({ knowing: false, asked: true });
    await lives(10);
    expect(did).toEqual(["goes along"]);
  });

  test.each([
    ["impolite", false, IMPOLITE_WAITS],
    ["polite", true, POLITE_WAITS],
  ])(
    "if nobody can tell him, the %s one gives Bob his time and then restarts",
    async (_, isPolite, waits) => {
      link.isPolite = isPolite;
      adrift.begin({ knowing: false, asked: false });
      await lives(waits - A_LOOK);
      expect(did).toEqual(["asks"]);
      await lives(2 * A_LOOK);
      expect(did).toEqual(["asks", "restarts"]);
    },
  );

  test("knowing that her own network changed she restarts at once, whoever could tell him", async () => {
    link.canDetour = true;
    adrift.begin({ knowing: true, asked: false });
    await lives(10);
    expect(did).toEqual(["restarts"]);
  });

  test("as long as somebody can tell him she asks again", async () => {
    link.canDetour = true;
    adrift.begin({ knowing: false, asked: false });
    await lives(IMPOLITE_WAITS + A_LOOK);
    expect(did).toEqual(["asks", "asks"]);
  });

  test("where Bob asked already, she does not", async () => {
    link.canDetour = true;
    adrift.begin({ knowing: false, asked: true });
    await lives(IMPOLITE_WAITS - A_LOOK);
    expect(did).toEqual([]);
  });
});
