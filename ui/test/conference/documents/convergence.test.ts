import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Seen } from "../../../src/conference/documents/entry";
import { clientOf } from "../../../src/conference/documents/update";
import { settle } from "../support/clock";
import { Mallory, type Place } from "./support/mallory";
import { Room, idOf, type Person } from "./support/room";

/** Numbers that a run draws on for everything that is left to chance. */
type Chance = (below: number) => number;

const NAMES = ["Alice", "Bob", "Carol", "Dave"];

/** What somebody does with the documents. */
function edit(person: Person, chance: Chance): void {
  const { documents } = person;
  const at = chance(documents.notes.length + 1);
  if (chance(4) === 0) documents.say(`${person.name} ${chance(1000)}`);
  else if (chance(3) === 0) documents.editNotes(at, chance(5), "");
  else documents.editNotes(at, chance(3), "abc😀defgh".slice(0, chance(9)));
}

/** Takes one of what waits, whichever; at times twice. */
async function receive(person: Person, chance: Chance): Promise<void> {
  const index = chance(person.inbox.length);
  const copy = person.inbox[index];
  if (copy !== undefined && chance(5) === 0) person.inbox.push(copy);
  await person.receive(index);
}

function expectAgreement(people: readonly Person[]): void {
  const [first, ...others] = people.map(({ documents: { chat, notes } }) => ({ chat, notes }));
  for (const other of others) expect(other).toEqual(first);
  for (const { faults } of people) expect(faults).toEqual([]);
}

/** Places in sequences that exist, and some that do not. */
function anywhere(chance: Chance): Place | null {
  const name = [...NAMES, "Mallory", "Nobody"][chance(6)] ?? "";
  return chance(5) === 0 ? null : [clientOf(idOf(name)), chance(12)];
}

/** Says of each that so much was seen, or more than is there; never less than before. */
function claims(seen: Map<string, number>, chance: Chance): Seen {
  const news = NAMES.map((name) => [idOf(name), (seen.get(name) ?? 0) + chance(3), name] as const);
  const fresh = news.filter(([, entry, name]) => entry > (seen.get(name) ?? 0));
  for (const [, entry, name] of fresh) seen.set(name, entry);
  return fresh.map(([id, entry]) => [id, entry]);
}

const draws = fc.infiniteStream(fc.nat(0x7fffffff)).map((stream): Chance => {
  return (below) => (below === 0 ? 0 : (stream.next().value as number) % below);
});

describe("everybody ends with the same documents, and so does who joins last", () => {
  test("whoever edits what, and in whatever order and however often it arrives", async () => {
    await fc.assert(
      fc.asyncProperty(draws, async (chance) => {
        const room = new Room();
        const people = NAMES.map((name) => room.join(name));
        for (let step = 0; step < 60; step += 1) {
          const person = people[chance(people.length)];
          if (person === undefined) continue;
          if (chance(2) === 0) edit(person, chance);
          else await receive(person, chance);
          room.clock.advance(chance(40));
          await settle();
        }
        room.join("Erin");
        await room.reconcile();
        expectAgreement(room.people);
      }),
      { numRuns: 40 },
    );
  }, 240_000);

  test("also with Mallory, who claims what she likes and tells people different things", async () => {
    await fc.assert(
      fc.asyncProperty(draws, async (chance) => {
        const room = new Room();
        const people = NAMES.map((name) => room.join(name));
        let faces = [{ mallory: new Mallory(), seen: new Map<string, number>() }];
        const forkAt = chance(80);
        for (let step = 0; step < 60; step += 1) {
          const person = people[chance(people.length)];
          const face = faces[chance(faces.length)];
          if (person === undefined || face === undefined) continue;
          if (step === forkAt) {
            const other = { mallory: face.mallory.twin(), seen: new Map(face.seen) };
            faces = [face, other];
          }
          const what = chance(5);
          if (what < 2) edit(person, chance);
          else if (what < 4) await receive(person, chance);
          else {
            const { mallory, seen } = face;
            const saw = claims(seen, chance);
            const entry =
              chance(3) === 0
                ? mallory.line(`M${step}`, anywhere(chance), saw)
                : mallory.note("MMM".slice(chance(3)), anywhere(chance), anywhere(chance), saw);
            person.send(mallory.publish(entry), person);
          }
          room.clock.advance(chance(40));
          await settle();
        }
        room.join("Erin");
        await room.reconcile();
        expectAgreement(room.people);
        expect(new Set(room.digests()).size).toBe(1);
      }),
      { numRuns: 60 },
    );
  }, 240_000);
});
