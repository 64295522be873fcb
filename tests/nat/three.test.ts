import { strict as assert } from "node:assert";
import { after, before, describe, test, type TestContext } from "node:test";

import type { Nat } from "./lab/gateway.ts";
import { type Lab, openLab } from "./lab/lab.ts";
import type { Wishes } from "./lab/server.ts";
import {
  NAMES,
  type Name,
  type Side,
  type Three,
  has,
  meet,
  note,
  reads,
  seesAndHears,
  seesHand,
  sidesOf,
  writes,
} from "./lab/three.ts";

type Nats = Readonly<Record<"alice" | "bob" | "carol", Nat>>;
type Allowed = Partial<Record<Name, Wishes>>;

/** A lab for the stories of one kind of network; each meets in it anew. */
function behind(nats: Nats, stories: (meeting: (wishes: Allowed) => Promise<Three>) => void): void {
  void describe(`Alice, Bob and Carol: ${Object.values(nats).join(", ")}`, () => {
    let lab: Lab<keyof Nats>;
    before(async () => {
      lab = await openLab(nats);
    });
    after(() => lab?.close());
    stories((wishes) => meet(lab, wishes));
  });
}

/** Everybody has everybody, with picture and sound; gives what carries them. */
async function allTogether(three: Three, story: string, context: TestContext): Promise<Side[]> {
  await has(three.Alice, { Bob: "connected", Carol: "connected" });
  await has(three.Bob, { Alice: "connected", Carol: "connected" });
  await has(three.Carol, { Alice: "connected", Bob: "connected" });
  const pairs = NAMES.flatMap((one) => NAMES.filter((other) => other !== one).map((other) => [one, other]));
  await Promise.all(pairs.map(([one, other]) => seesAndHears(three[one as Name], other as Name)));
  context.diagnostic(await note(story, three));
  return sidesOf(three);
}

const pathsOf = (sides: readonly Side[], from: Name): string[] =>
  sides.filter((side) => side.from === from).map(({ path }) => path ?? "none");

behind({ alice: "cone", bob: "cone", carol: "cone" }, (meeting) => {
  void test("without TURN all are linked from router to router", async (context) => {
    const sides = await allTogether(await meeting({}), "cone, cone, cone; no TURN", context);
    for (const { path } of sides) assert.match(path ?? "none", /^(srflx|prflx) – (srflx|prflx), udp$/);
  });
});

behind({ alice: "cone", bob: "cone", carol: "symmetric" }, (meeting) => {
  void test("only Alice has TURN: Bob and Carol are apart, and in one conference over her", async (context) => {
    const three = await meeting({ Alice: { turn: true } });
    const { Alice, Bob, Carol } = three;
    await has(Bob, { Alice: "connected", Carol: "apart" });
    await has(Carol, { Alice: "connected", Bob: "apart" });
    await has(Alice, { Bob: "connected", Carol: "connected" });
    await Promise.all([seesAndHears(Alice, "Bob"), seesAndHears(Alice, "Carol")]);
    await Promise.all([seesAndHears(Bob, "Alice"), seesAndHears(Carol, "Alice")]);
    context.diagnostic(await note("cone, cone, symmetric; TURN: Alice", three));
    await writes(Bob, "I do not see you");
    await reads(Carol, "I do not see you");
    await writes(Carol, "Nor I you");
    await reads(Bob, "Nor I you");
    await Carol.person.evaluate(`page.session.room("${Carol.call}").raiseHand(true)`);
    await Promise.all([seesHand(Alice, "Carol"), seesHand(Bob, "Carol")]);
  });

  void test("Carol has TURN: all are linked, she over it", async (context) => {
    const three = await meeting({ Carol: { turn: true } });
    const sides = await allTogether(three, "cone, cone, symmetric; TURN: Carol", context);
    for (const path of pathsOf(sides, "Carol")) assert.match(path, /^(relay|prflx) – .*, udp$/);
    for (const { path } of sides.filter(({ to }) => to === "Carol")) assert.match(path ?? "none", / – relay/);
  });
});

behind({ alice: "symmetric", bob: "symmetric", carol: "symmetric" }, (meeting) => {
  void test("all have TURN: all are linked over it", async (context) => {
    const turn = { turn: true };
    const three = await meeting({ Alice: turn, Bob: turn, Carol: turn });
    const sides = await allTogether(three, "symmetric, symmetric, symmetric; TURN: all", context);
    for (const { path } of sides) assert.match(path ?? "none", /relay/);
  });
});

behind({ alice: "cone", bob: "cone", carol: "no UDP" }, (meeting) => {
  void test("Carol has TURN over TCP: all are linked, she over TCP to it", async (context) => {
    const three = await meeting({ Carol: { turn: "tcp" } });
    const sides = await allTogether(three, "cone, cone, no UDP; TURN over TCP: Carol", context);
    for (const path of pathsOf(sides, "Carol")) assert.match(path, /^relay – (srflx|prflx), tcp$/);
    for (const path of [...pathsOf(sides, "Alice"), ...pathsOf(sides, "Bob")]) assert.match(path, /, udp$/);
  });
});
