import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";

import type { Person } from "../../ui/test/conference/support/person.ts";
import { call, configure, record } from "./lab/call.ts";
import { type Lab, openLab } from "./lab/lab.ts";
import { IceServer, settings } from "./lab/server.ts";

void describe("Alice behind a cone NAT, Bob behind a symmetric one", { concurrency: true }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({ alice: "cone", bob: "symmetric" });
  });
  after(() => lab?.close());

  void test("two servers see Alice at one port, and Bob at two", async () => {
    assert.equal((await portsSeen(await lab.alice.person("Chromium"))).size, 1);
    assert.equal((await portsSeen(await lab.bob.person("Chromium"))).size, 2);
  });

  for (const [story, aliceHasTurn, state] of [
    ["without TURN it never connects", false, "Lost"],
    ["with TURN on Alice's side it connects", true, "Open"],
  ] as const) {
    void test(`Alice calls Bob: ${story}`, async (context) => {
      const [alice, bob] = await Promise.all([lab.alice.person("Chromium"), lab.bob.person("Chromium")]);
      await configure(alice, settings({ turn: aliceHasTurn }));
      await configure(bob, settings());
      const outcome = await call(alice, bob, { secondsLate: 2 });
      const turn = aliceHasTurn ? "TURN: only Alice" : "no TURN";
      context.diagnostic(await record(`cone/symmetric, ${turn}, Chromium/Chromium, 2 s`, outcome));
      assert.equal(outcome.state, state);
    });
  }
});

/** The ports at which servers at several addresses see one and the same socket of a browser. */
async function portsSeen(person: Person): Promise<Set<number>> {
  const servers = IceServer.ADDRESSES.map((address) => ({ urls: `stun:${address}:3478` }));
  const ports = await person.evaluate<number[]>(`new Promise((resolve) => {
    const peer = new RTCPeerConnection({ iceServers: ${JSON.stringify(servers)} });
    const ports = [];
    peer.createDataChannel("none");
    peer.onicecandidate = ({ candidate }) => {
      if (candidate?.type === "srflx") ports.push(candidate.port);
    };
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== "complete") return;
      peer.close();
      resolve(ports);
    };
    void peer.setLocalDescription();
  })`);
  return new Set(ports);
}
