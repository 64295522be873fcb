import { describe, expect, test, vi } from "vitest";
import { four, guest, organiserOf } from "./support/story";
import { CALM, World } from "./support/world";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

describe("joining", () => {
  test("everybody whom Alice invites sees everybody, and is linked to everybody", async () => {
    const { alice, bob, carol, dave } = await four();
    expect(alice.sees).toEqual(["Bob", "Carol", "Dave"]);
    expect(dave.sees).toEqual(["Alice", "Bob", "Carol"]);
    expect(Array.from(dave.wires.keys()).sort()).toEqual([alice.id, bob.id, carol.id].sort());
  });

  test("whoever is in may let people in, and everybody learns who did", async () => {
    const { world, alice, bob } = await four();
    const erin = await guest(world, bob, "Erin");
    expect(alice.others.find(({ id }) => id === erin.id)?.invitedBy).toBe(bob.id);
    expect(erin.sees).toEqual(["Alice", "Bob", "Carol", "Dave"]);
  });

  test("the founder is the organiser, for those who come later too", async () => {
    const { alice, dave } = await four();
    expect([organiserOf(alice), organiserOf(dave)]).toEqual(["Alice", "Alice"]);
    expect(alice.overlay.view.own.organiser).toBe(true);
  });

  test("a newcomer gets what was written before it came", async () => {
    const { world, alice, bob } = await four();
    for (let n = 0; n < 200; n += 1) await bob.write(`line ${String(n)}`);
    const erin = await guest(world, alice, "Erin");
    expect(erin.list.lines).toHaveLength(200);
  });

  test("what somebody wrote who has left is still there for a newcomer", async () => {
    const { world, alice, bob } = await four();
    await bob.write("Good-bye");
    await world.time.pass(500);
    await bob.leave();
    const erin = await guest(world, alice, "Erin");
    expect(erin.list.text).toBe(`${bob.id} Good-bye`);
  });

  test("a newcomer asks for all its links within two message times of being let in", async () => {
    const world = new World(7, { ...CALM, delay: [50, 50] });
    const alice = await world.found("Alice");
    for (const name of ["Bob", "Carol", "Dave"]) await guest(world, alice, name);
    const erin = await world.invite(alice, "Erin");
    await world.time.until(() => erin.wires.size === 1, 1000, 1);
    const linkedAt = world.time.now();
    await world.time.until(() => erin.asked.size === 3, 1000, 1);
    expect(world.time.now() - linkedAt).toBeLessThanOrEqual(100);
  });

  test("nobody comes in uninvited", async () => {
    const { world, alice, bob } = await four();
    const mallory = await world.uninvited("Mallory");
    world.connect(mallory, alice);
    await world.time.pass(3000);
    expect(mallory.overlay.view).toMatchObject({ standing: "joining", participants: [] });
    expect([alice.sees, bob.sees]).not.toContain("Mallory");
  });

  test("whoever is not in learns nothing of who is", async () => {
    const { world, alice } = await four();
    const mallory = await world.uninvited("Mallory");
    const heard: string[] = [];
    mallory.onHear = (_, text) => heard.push(text);
    const wire = world.connect(mallory, alice);
    const digests = { statements: { has: [] }, roster: {}, list: { has: [] } };
    wire?.send(mallory, JSON.stringify({ t: "digest", digests, ask: true }));
    await world.time.pass(3000);
    expect(heard.join()).not.toMatch(/example\.test|Bob|"items"/);
  });

  test("letting somebody in twice changes nothing", async () => {
    const { world, alice, bob } = await four();
    const sent = alice.overlay.counters.sent;
    await alice.overlay.admit(bob.keys.publicKey, { name: "Robert", address: "" });
    await world.time.pass(100);
    expect(alice.overlay.counters.sent).toBe(sent);
  });

  test("what is no key is not let in", async () => {
    const { alice } = await four();
    await expect(alice.overlay.admit("key", { name: "", address: "" })).rejects.toMatchObject({
      code: "bad_key",
    });
  });

  test("who is not in lets nobody in", async () => {
    const { world, bob } = await four();
    const mallory = await world.uninvited("Mallory");
    const admitted = mallory.overlay.admit(bob.keys.publicKey, { name: "", address: "" });
    await expect(admitted).rejects.toMatchObject({ code: "not_in" });
  });
});
