import { beforeEach, describe, expect, test } from "vitest";
import { Party, type Guest } from "./support/party";

/** Alice to Paul. */
const NAMES = [
  ...["Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi"],
  ...["Ivan", "Judy", "Karl", "Lena", "Mia", "Niko", "Olga", "Paul"],
];

/** How long until who is gone without a word is not shown any more, in ms. */
const GONE = 20_000;

const nameOf = ({ page }: Guest): string => page.name;

/** Whom everybody hears. */
function heard(party: Party): Record<string, string> {
  return Object.fromEntries(party.present.map((guest) => [nameOf(guest), party.hears(guest).join(" ")]));
}

/** The same, if all hear all. */
function all(party: Party): Record<string, string> {
  const names = party.present.map(nameOf);
  const others = (name: string): string =>
    names
      .filter((other) => other !== name)
      .sort()
      .join(" ");
  return Object.fromEntries(names.map((name) => [name, others(name)]));
}

/** Everybody who is shown to somebody, whether there or not. */
function shown(party: Party): Record<string, string> {
  const names = (guest: Guest): string =>
    party
      .others(guest)
      .map(({ name }) => name)
      .sort()
      .join(" ");
  return Object.fromEntries(party.present.map((guest) => [nameOf(guest), names(guest)]));
}

describe.each([10, 16])("%i people", (size) => {
  let party: Party;

  beforeEach(async () => {
    party = await Party.of(...NAMES.slice(0, size));
  });

  test("all hear each other over one link for each pair", () => {
    expect(heard(party)).toEqual(all(party));
    const links = party.present.map((one) =>
      party.present.map((other) => (one === other ? 0 : party.between(one, other).length)),
    );
    expect(links.map((row) => row.join(""))).toEqual(
      party.present.map((_, i) => "1".repeat(i) + "0" + "1".repeat(size - 1 - i)),
    );
    expect(party.present.flatMap(({ page }) => page.faults)).toEqual([]);
  });

  test("Bob's screen goes to those who look at it, and no camera to anybody", async () => {
    const bob = party.guest("Bob");
    for (const { page } of party.present) page.local.turnCamera(true);
    bob.page.local.share(true);
    await party.lives(1000);
    const names = party.present.map(nameOf).filter((name) => name !== "Bob");
    const [looking, away] = [names.slice(0, 4), names.slice(4)];
    for (const name of names) {
      const { page, call } = party.guest(name);
      const key = party.others(party.guest(name)).find((other) => other.name === "Bob")?.key ?? "";
      page.session.room(call)?.show(key, "camera", { width: 640, height: 360 });
      page.session
        .room(call)
        ?.show(key, "screen", looking.includes(name) ? { width: 1280, height: 720 } : null);
    }
    await party.lives(3000);
    const sends = (section: number, to: string): boolean =>
      party.between(bob, party.guest(to)).some(({ transceivers }) => {
        const sender = transceivers[section]?.sender;
        return sender?.track != null && sender.encodings.every(({ active }) => active);
      });
    expect(looking.filter((name) => sends(SCREEN, name))).toEqual(looking);
    expect(away.filter((name) => sends(SCREEN, name))).toEqual([]);
    expect(names.filter((name) => sends(CAMERA, name))).toEqual([]);
    for (const name of looking)
      expect(party.others(party.guest(name)).find((other) => other.name === "Bob")?.screen).not.toBeNull();
  });

  test("Alice, who called them all, leaves: the others still hear each other", async () => {
    await party.leaves("Alice");
    await party.lives(2000);
    expect([heard(party), shown(party)]).toEqual([all(party), all(party)]);
  });

  test("Carol's device is switched off: the others still hear each other, and do not wait for her for ever", async () => {
    await party.crashes("Carol");
    expect(heard(party)).toEqual(all(party));
    await party.lives(GONE);
    expect([heard(party), shown(party)]).toEqual([all(party), all(party)]);
  });
});

describe("sixteen people, and no more", () => {
  test("the seventeenth is told that it is full, and nobody hears of it", async () => {
    const party = await Party.of(...NAMES);
    const quinn = await party.invites("Alice", "Quinn");
    expect(quinn.page.removed).toEqual([[quinn.call, "full"]]);
    expect(party.expelled("Alice")).toEqual([quinn.call]);
    expect(party.others(party.guest("Bob")).map(({ name }) => name)).not.toContain("Quinn");
  });

  test("when one has left there is room for another", async () => {
    const party = await Party.of(...NAMES);
    await party.leaves("Paul");
    await party.lives(1000);
    const quinn = await party.invites("Bob", "Quinn");
    await party.lives(1000);
    expect(party.hears(quinn)).toEqual(NAMES.slice(0, 15).sort());
    expect(heard(party)).toEqual(all(party));
  });
});

describe("a locked conference", () => {
  test("whom Bob calls into it is told that only the organiser lets people in, and Bob's call with them ends", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    party.page("Alice").session.room(party.guest("Alice").call)?.setLocked(true);
    await party.lives(500);
    const dave = await party.invites("Bob", "Dave");
    expect(dave.page.removed).toEqual([[dave.call, "locked"]]);
    expect(party.expelled("Bob")).toEqual([dave.call]);
    expect(party.hears(party.guest("Bob"))).toEqual(["Alice", "Carol"]);
  });

  test("whom Bob lets in while Alice locks it hears so, too, and Bob's call with them ends", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    party.slow(60);
    const lock = (): void =>
      void party.page("Alice").session.room(party.guest("Alice").call)?.setLocked(true);
    const dave = await party.invites("Bob", "Dave", { after: 30, happens: lock });
    await party.lives(2000);
    expect([dave.page.removed, party.expelled("Bob")]).toEqual([[], []]);
    expect(party.others(party.guest("Bob")).map(({ name }) => name)).toEqual(["Alice", "Carol"]);
    await party.lives(5000);
    expect([dave.page.removed, party.expelled("Bob")]).toEqual([[[dave.call, "locked"]], [dave.call]]);
  });

  test("whom Alice, its organiser, calls into it is in", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    party.page("Alice").session.room(party.guest("Alice").call)?.setLocked(true);
    await party.lives(500);
    const dave = await party.invites("Alice", "Dave");
    await party.lives(1000);
    expect(party.hears(dave)).toEqual(["Alice", "Bob", "Carol"]);
  });
});

/** The places of the sections of a link. */
const CAMERA = 1;
const SCREEN = 2;
