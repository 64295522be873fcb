import { expect, test } from "vitest";
import { Party } from "./support/party";

/** How long everything that is said takes, in ms. */
const SLOW = 60;

test.each([20, 60, 80, 100, 140])(
  "a newcomer hears everybody soon, also if who let it in says something else %i ms later",
  async (after) => {
    const party = await Party.of("Alice", "Bob", "Carol");
    party.slow(SLOW);
    const happens = (): void => party.page("Alice").local.turnCamera(true);
    const dave = await party.invites("Alice", "Dave", { after, happens });
    // There and back some times: hellos, what is known, an offer and an answer by way of Alice, hellos.
    await party.lives(10 * SLOW);
    expect(party.hears(dave)).toEqual(["Alice", "Bob", "Carol"]);
  },
);

test("who let somebody in is said also when that one has left", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  const carol = (): string[] =>
    party.others(party.guest("Bob")).map(({ name, introducedBy }) => `${name} by ${introducedBy}`);
  expect(carol()).toContain("Carol by Alice");
  await party.leaves("Alice");
  await party.lives(15_000);
  expect(carol()).toContain("Carol by Alice");
});
