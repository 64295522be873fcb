import { describe, expect, test } from "vitest";
import { World } from "./support/world";

describe("joining", () => {
  test("Alice invites Bob and Carol: everybody sees everybody, and all are linked", async () => {
    const world = new World(1);
    const alice = await world.found("Alice");
    const bob = await world.invite(alice, "Bob");
    await world.time.pass(1000);
    const carol = await world.invite(alice, "Carol");
    await world.time.pass(1000);
    expect([alice.sees, bob.sees, carol.sees]).toEqual([
      ["Bob", "Carol"],
      ["Alice", "Carol"],
      ["Alice", "Bob"],
    ]);
    expect([...bob.wires.keys()].sort()).toEqual([alice.id, carol.id].sort());
  });
});
