import { describe, expect, test, vi } from "vitest";
import { createKeys, createVerifier, participantIdOf } from "../../../src/conference/overlay";
import { disagreement } from "./support/agreement";
import { play } from "./support/run";
import { four, organiserOf } from "./support/story";
import { CALM, ROUGH } from "./support/world";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

describe("real keys", () => {
  test("sign so that others can check it, and nothing else is taken", async () => {
    const [alice, bob] = [await createKeys(), await createKeys()];
    const verifier = createVerifier();
    const signature = await alice.sign("hello");
    expect(await verifier.verify(alice.publicKey, "hello", signature)).toBe(true);
    expect(await verifier.verify(alice.publicKey, "jello", signature)).toBe(false);
    expect(await verifier.verify(bob.publicKey, "hello", signature)).toBe(false);
    expect(await verifier.verify(alice.publicKey, "hello", signature.replace(/^../, "AA"))).toBe(false);
  });

  test.each(["", "x", "not base64url!", "A".repeat(43), "A".repeat(4000)])(
    "a malformed key or signature (%#) is wrong, and no error",
    async (garbage) => {
      const alice = await createKeys();
      const verifier = createVerifier();
      const signature = await alice.sign("hello");
      expect(await verifier.verify(garbage, "hello", signature)).toBe(false);
      expect(await verifier.verify(alice.publicKey, "hello", garbage)).toBe(false);
    },
  );

  test("make the id: the first half of the hash of the key", async () => {
    const alice = await createKeys();
    expect(participantIdOf(alice.publicKey)).toBe(alice.id);
    expect(alice.id).toMatch(/^[0-9a-f]{32}$/);
    expect(participantIdOf("garbage")).toBeNull();
    // SHA-256 over 32 zero bytes.
    expect(participantIdOf("A".repeat(43))).toBe("66687aadf862bd776c8fc18b8e9f8e20");
  });

  test("carry a conference: joining, a partition, the organiser leaving", async () => {
    const { world, alice, bob, carol, dave } = await four({ ...CALM, crypto: "real" });
    await bob.write("one");
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(12_000);
    await dave.write("two");
    world.heal();
    await world.time.pass(3000);
    expect(disagreement([alice, bob, carol, dave])).toBeNull();
    await alice.leave();
    await world.time.pass(1000);
    expect([organiserOf(dave), dave.list.lines.length]).toEqual(["Bob", 2]);
  });

  test.each([2, 4, 5, 7, 8])("carry a random life of a conference (seed %i)", async (seed) => {
    const options = { ...ROUGH, crypto: "real" } as const;
    const { wrong } = await play({ seed, people: 5, events: 8, isAttacked: true, options });
    expect(wrong).toEqual([]);
  });
});
