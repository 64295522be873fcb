import { describe, expect, test } from "vitest";
import { KEPT_FOR } from "../../src/conference/key-store";
import { OwnSeat } from "../../src/conference/own-seat";
import { FakeRing } from "./overlay/support/keys";
import { Random } from "./overlay/support/random";
import { VirtualClock } from "./support/clock";
import { MemoryKeys } from "./support/memory-keys";
import { readMessage, writeMessage } from "../../src/conference/message";
import { Party, type Guest } from "./support/party";

/** Alice, who called Bob, Carol and Dave, has locked the conference. */
async function locked(...names: string[]): Promise<Party> {
  const party = await Party.of("Alice", ...names);
  room(party.guest("Alice"))?.setTopic("Budget");
  await party.lives(100);
  room(party.guest("Alice"))?.setLocked(true);
  await party.lives(1000);
  return party;
}

const room = ({ page, call }: Guest): ReturnType<typeof page.session.room> => page.session.room(call);

/** What somebody sees of the conference. */
function seen({ page, call }: Guest): unknown {
  const { topic, locked, own, participants = [] } = page.session.conference(call) ?? {};
  const names = participants.map(({ name, organiser }) => `${name}${organiser ? " organises" : ""}`);
  return { topic, locked, organises: own?.organiser, others: names.sort() };
}

function faults(party: Party): unknown[] {
  return party.guests.flatMap(({ page }) => page.faults);
}

describe("Alice and Bob reload their pages at the same time, and meet each other first", () => {
  async function bothReload(party: Party): Promise<void> {
    await party.reloads("Bob", "nobody");
    await party.reloads("Alice", "Bob");
    await party.lives(2000);
  }

  test("they are in again with Carol as soon as she is linked with Alice", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    const carol = party.guest("Carol");
    const conference = carol.page.session.conference(carol.call)?.id ?? null;
    room(party.guest("Alice"))?.setTopic("Budget");
    await party.lives(500);
    await bothReload(party);
    await party.mails("Alice", carol, "link-late", conference);
    await party.lives(4000);
    for (const [name, others] of [
      ["Alice", ["Bob", "Carol"]],
      ["Bob", ["Alice organises", "Carol"]],
      ["Carol", ["Alice organises", "Bob"]],
    ] as const)
      expect(seen(party.guest(name))).toMatchObject({ topic: "Budget", others });
    for (const guest of party.guests) expect(guest.page.session.conference(guest.call)?.id).toBe(conference);
    expect([party.expelled("Alice"), party.expelled("Carol"), faults(party)]).toEqual([[], [], []]);
  });

  test("Carol comes back after a minute: what they have talked since is not lost", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    const carol = party.guest("Carol");
    const before = carol.page.session.conference(carol.call)?.id ?? null;
    await bothReload(party);
    const alice = party.guest("Alice");
    const meanwhile = alice.page.session.conference(alice.call)?.id;
    await party.lives(60_000);
    await party.mails("Alice", carol, "link-late", before);
    await party.lives(4000);
    expect(alice.page.session.conference(alice.call)?.id).toBe(meanwhile);
    expect(party.hears(alice)).toEqual(["Bob"]);
  });
});

describe("in a locked conference", () => {
  test("Bob reloads his page: he is in again, and everybody hears him and sees him once", async () => {
    const party = await locked("Bob", "Carol", "Dave");
    const bob = await party.reloads("Bob");
    await party.lives(2000);
    expect(party.hears(bob)).toEqual(["Alice", "Carol", "Dave"]);
    expect(seen(bob)).toEqual({
      topic: "Budget",
      locked: true,
      organises: false,
      others: ["Alice organises", "Carol", "Dave"],
    });
    for (const name of ["Alice", "Carol", "Dave"]) {
      const guest = party.guest(name);
      expect(party.others(guest).filter((other) => other.name === "Bob")).toHaveLength(1);
      expect(party.hears(guest)).toContain("Bob");
    }
    expect([bob.page.removed, party.expelled("Alice"), faults(party)]).toEqual([[], [], []]);
  });

  test("Bob reloads his page and reaches Carol only, whom he called: she takes him back, who may let in nobody", async () => {
    const party = await Party.of("Alice", "Bob");
    await party.invites("Bob", "Carol");
    await party.lives(1000);
    room(party.guest("Alice"))?.setLocked(true);
    await party.lives(1000);
    const bob = await party.reloads("Bob", "Carol");
    await party.lives(3000);
    expect(party.hears(bob)).toEqual(["Alice", "Carol"]);
    expect([bob.page.removed, party.expelled("Carol"), faults(party)]).toEqual([[], [], []]);
  });

  test("nobody sees nine for eight while Bob comes back", async () => {
    const party = await locked("Bob", "Carol", "Dave");
    party.slow(60);
    const most = new Map<string, number>();
    for (const name of ["Alice", "Carol", "Dave"]) {
      const guest = party.guest(name);
      guest.page.session.subscribe(() => {
        const count = party.others(guest).length;
        most.set(name, Math.max(most.get(name) ?? 0, count));
      });
    }
    await party.reloads("Bob");
    await party.lives(5000);
    expect([...most]).toEqual([
      ["Alice", 3],
      ["Carol", 3],
      ["Dave", 3],
    ]);
  });

  test("Carol, to whom Bob was introduced, keeps his tile", async () => {
    const party = await locked("Bob", "Carol");
    const tile = (): string | undefined =>
      party.others(party.guest("Carol")).find(({ name }) => name === "Bob")?.key;
    const before = tile();
    await party.reloads("Bob");
    await party.lives(2000);
    expect(tile()).toBe(before);
  });

  test("Alice, its organiser, reloads her page: she organises it still, and a stranger stays outside", async () => {
    const party = await locked("Bob", "Carol", "Dave");
    const alice = await party.reloads("Alice");
    await party.lives(2000);
    expect(seen(alice)).toEqual({
      topic: "Budget",
      locked: true,
      organises: true,
      others: ["Bob", "Carol", "Dave"],
    });
    expect(seen(party.guest("Dave"))).toMatchObject({ others: ["Alice organises", "Bob", "Carol"] });
    expect(party.hears(alice)).toEqual(["Bob", "Carol", "Dave"]);
    const erin = await party.invites("Bob", "Erin");
    expect(erin.page.removed).toEqual([[erin.call, "locked"]]);
    const frank = await party.invites("Alice", "Frank");
    await party.lives(1000);
    expect(party.hears(frank)).toEqual(["Alice", "Bob", "Carol", "Dave"]);
    expect(faults(party)).toEqual([]);
  });

  test("Alice reloads her page and reaches Dave only: she organises it still", async () => {
    const party = await locked("Bob", "Carol", "Dave");
    const alice = await party.reloads("Alice", "Dave");
    await party.lives(5000);
    expect(seen(alice)).toMatchObject({ organises: true, others: ["Bob", "Carol", "Dave"] });
    expect(party.hears(alice)).toEqual(["Bob", "Carol", "Dave"]);
  });

  test("Alice, who called all the others, is one participant after a reload, however late they answer", async () => {
    const party = await locked("Bob", "Carol", "Dave");
    party.slow(60);
    const alice = await party.reloads("Alice");
    await party.lives(5000);
    expect(seen(alice)).toMatchObject({ organises: true, others: ["Bob", "Carol", "Dave"] });
    for (const call of ["call-1", "call-2", "call-3"])
      expect(alice.page.session.conference(call)?.own.id).toBe(
        alice.page.session.conference("call-1")?.own.id,
      );
    expect(seen(party.guest("Dave"))).toMatchObject({ others: ["Alice organises", "Bob", "Carol"] });
  });

  test("Bob reloads his page over and over: each time he is in again", async () => {
    const party = await locked("Bob", "Carol");
    for (let times = 0; times < 5; times += 1) await party.reloads("Bob");
    await party.lives(2000);
    expect(party.hears(party.guest("Bob"))).toEqual(["Alice", "Carol"]);
    expect(
      party
        .others(party.guest("Carol"))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["Alice", "Bob"]);
  });

  test("Carol, who was removed and reloads her page, is not in again", async () => {
    const party = await locked("Bob", "Carol");
    const carol = party.others(party.guest("Alice")).find(({ name }) => name === "Carol");
    room(party.guest("Alice"))?.remove(carol?.id ?? "");
    const again = await party.reloads("Carol");
    await party.lives(5000);
    expect(party.expelled("Alice")).toEqual([again.call]);
    expect(seen(party.guest("Bob"))).toMatchObject({ others: ["Alice organises"] });
  });
});

describe("in a conference that is open", () => {
  test("Bob reloads his page: he is senior to Carol still", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    await party.reloads("Bob");
    await party.lives(2000);
    await party.leaves("Alice");
    await party.lives(2000);
    expect(seen(party.guest("Carol"))).toMatchObject({ others: ["Bob organises"] });
  });

  test("Alice's page, which both others called from, counts nobody twice for her backend", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    await party.reloads("Bob");
    await party.lives(5000);
    for (const { page } of party.guests) {
      const counts = page.reports.flatMap((one) => (one.type === "Conference" ? [one.others] : []));
      expect(Math.max(...counts)).toBe(1);
    }
  });
});

describe("a hello", () => {
  const hello = { type: "hello", key: "k", sig: "s", conference: null, running: false } as const;

  test("says how a seat came to its key", () => {
    const said = { ...hello, renewals: [{ key: "a", body: "{}", sig: "b" }] };
    expect(readMessage(writeMessage(said))).toEqual(said);
  });

  test.each([[Array(33).fill({})], [[]], ["renewals"], [null]])(
    "is read without what is no such list: %j",
    (renewals) => {
      expect(readMessage(JSON.stringify({ v: 1, ...hello, renewals }))).toEqual(hello);
    },
  );
});

describe("what is kept", () => {
  test("is the key of the conference, as long as Bob is in", async () => {
    const party = await Party.of("Alice", "Bob");
    const bob = party.guest("Bob");
    const id = bob.page.session.conference(bob.call)?.id;
    expect([...bob.keys.kept.keys()]).toEqual([id]);
    await party.leaves("Bob");
    expect(bob.keys.kept.size).toBe(0);
  });

  test("is put again from time to time, so that it is not too old in a long conference", async () => {
    const party = await Party.of("Alice", "Bob");
    const bob = party.guest("Bob");
    bob.keys.kept.clear();
    for (let hour = 0; hour < 6; hour += 1) bob.page.clock.advance(KEPT_FOR / 24 + 1000);
    await party.lives(20);
    expect(bob.keys.kept.size).toBe(1);
  });

  test("is the new key before anybody hears of it, so that the next reload renews that one", async () => {
    const [store, ring, clock] = [new MemoryKeys(), new FakeRing(new Random(5)), new VirtualClock()];
    const [first, second] = [await ring.create(), await ring.create()];
    await store.put("conference", { keys: first, renewals: [] });
    const ports = { clock, store, keys: Promise.resolve(second), fault: () => undefined };
    const renewals = await new OwnSeat(ports, "conference").renewals;
    expect(renewals.map(({ key }) => key)).toEqual([first.publicKey]);
    expect(store.kept.get("conference")).toEqual({ keys: second, renewals });
  });

  test("goes when Alice removes Carol", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    const carol = party.others(party.guest("Alice")).find(({ name }) => name === "Carol");
    room(party.guest("Alice"))?.remove(carol?.id ?? "");
    await party.lives(5000);
    expect(party.guest("Carol").keys.kept.size).toBe(0);
  });
});

describe("a browser that keeps nothing", () => {
  test("makes Bob a stranger by a reload: in again while it is open, as the junior", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    party.keepsKeys = false;
    const bob = await party.reloads("Bob");
    await party.lives(15_000);
    expect(party.hears(bob)).toEqual(["Alice", "Carol"]);
    await party.leaves("Alice");
    await party.lives(2000);
    expect(seen(bob)).toMatchObject({ organises: false, others: ["Carol organises"] });
  });

  test.each(["fails", "hangs"] as const)("or %s, loses Bob his place and nothing else", async (mood) => {
    const party = await Party.of("Alice", "Bob", "Carol");
    party.guest("Bob").keys.mood = mood;
    const bob = await party.reloads("Bob");
    await party.lives(4000);
    expect(party.hears(bob)).toEqual(["Alice", "Carol"]);
    expect(bob.page.faults.length).toBeGreaterThan(0);
  });

  test("lets nobody in while it is locked: Bob is told so", async () => {
    const party = await locked("Bob", "Carol");
    party.keepsKeys = false;
    const bob = await party.reloads("Bob");
    await party.lives(20_000);
    // Alice, the organiser, may let him in, and does.
    expect(party.hears(bob)).toEqual(["Alice", "Carol"]);
    const alice = await party.reloads("Alice");
    await party.lives(2000);
    expect(alice.page.removed[0]?.[1]).toBe("locked");
  });
});
