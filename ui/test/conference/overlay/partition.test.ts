import { describe, expect, test, vi } from "vitest";
import { disagreement } from "./support/agreement";
import { four, guest, organiserOf } from "./support/story";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

describe("a partition", () => {
  test("each half goes on with its own organiser, and the halves become one again", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(15_000);
    expect([organiserOf(bob), organiserOf(dave)]).toEqual(["Alice", "Carol"]);
    expect([bob.sees, dave.sees]).toEqual([["Alice"], ["Carol"]]);
    world.heal();
    await world.time.pass(3000);
    expect(disagreement([alice, bob, carol, dave])).toBeNull();
    expect(organiserOf(dave)).toBe("Alice");
  });

  test("what was written and who was let in on one side comes to the other, once", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(15_000);
    await alice.write("here");
    await dave.write("there");
    const erin = await world.invite(carol, "Erin");
    world.split([alice, bob], [carol, dave, erin]);
    await world.time.pass(3000);
    world.heal();
    await world.time.pass(3000);
    expect(disagreement([alice, bob, carol, dave, erin])).toBeNull();
    expect(alice.list.lines).toHaveLength(2);
    const sent = alice.overlay.counters.sent;
    await world.time.pass(10_000);
    // Nothing but renewed entries, of all five, to at most four others.
    expect(alice.overlay.counters.sent - sent).toBeLessThanOrEqual(20);
  });

  test("after a long one, a single link joins the halves", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(60_000);
    expect(bob.wires.size).toBe(1);
    world.heal();
    world.connect(bob, dave);
    const before = world.time.now();
    const isOne = await world.time.until(() => disagreement([alice, bob, carol, dave]) === null, 10_000);
    expect(isOne).toBe(true);
    expect(world.time.now() - before).toBeLessThan(3000);
    await world.time.pass(2000);
    expect(alice.wires.size).toBe(3);
  });

  test("the topic that an organiser for a while has set is void when the organiser is back", async () => {
    const { world, alice, bob, carol, dave } = await four();
    alice.overlay.setRules({ topic: "Budget" });
    await world.time.pass(500);
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(15_000);
    expect(dave.overlay.view.topic).toBe("Budget");
    carol.overlay.setRules({ topic: "Lunch" });
    await world.time.pass(500);
    expect(dave.overlay.view.topic).toBe("Lunch");
    world.heal();
    await world.time.pass(3000);
    expect([bob, carol, dave].map(({ overlay }) => overlay.view.topic)).toEqual([
      "Budget",
      "Budget",
      "Budget",
    ]);
  });

  test("an old topic does not come back when its organiser takes over again", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(15_000);
    carol.overlay.setRules({ topic: "Lunch" });
    world.heal();
    await world.time.pass(3000);
    alice.overlay.setRules({ topic: "Budget" });
    await bob.leave();
    await world.time.pass(4000);
    await alice.leave();
    await world.time.pass(500);
    expect([carol, dave].map(({ overlay }) => overlay.view.topic)).toEqual(["Budget", "Budget"]);
    expect(organiserOf(dave)).toBe("Carol");
  });

  test("somebody cut off from all others is the organiser of nobody", async () => {
    const { world, alice, bob, dave } = await four();
    world.split([], [dave]);
    await world.time.pass(15_000);
    expect([dave.sees, organiserOf(dave), alice.sees]).toEqual([[], "Dave", ["Bob", "Carol"]]);
    world.heal();
    await world.time.pass(3000);
    expect([organiserOf(dave), bob.sees]).toEqual(["Alice", ["Alice", "Carol", "Dave"]]);
  });

  test("with a newcomer in every part all are one in the end", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([alice], [bob], [carol], [dave]);
    await world.time.pass(40_000);
    world.heal();
    await world.time.pass(30_000);
    const erin = await guest(world, dave, "Erin");
    expect(disagreement([alice, bob, carol, dave, erin])).toBeNull();
  });
});
