/// <reference types="node" />
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundlePage } from "./support/bundle";
import { driven, launchChromium, newPerson } from "./support/chromium";
import { Person, connect } from "./support/person";
import { servePage, type PageServer } from "./support/server";

let server: PageServer;
let browser: Browser;
let pages: Page[] = [];
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  server = await servePage(await bundlePage());
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(async () => {
  await Promise.all(pages.map((page) => page.context().close()));
  pages = await Promise.all([1, 2, 3].map(() => newPerson(browser, true)));
  const people = await Promise.all(pages.map((page) => Person.at(driven(page), server.url)));
  [alice, bob, carol] = people as [Person, Person, Person];
  for (const [index, name] of ["Alice", "Bob", "Carol"].entries())
    await people[index]?.evaluate(`page.name = "${name}"`);
});

/** `from` calls `to`, who takes it. */
async function calls(from: Person, to: Person, call: string, into: string | null = null): Promise<void> {
  await connect(from, to, call, call);
  await Promise.all([to.takeCall(call, true, false, into), from.takeCall(call, true, true, into)]);
}

/** The same, as an invitation into the conference of another call of `from`. */
async function invites(from: Person, to: Person, call: string, running: string): Promise<void> {
  await from.until(`page.session.conference("${running}")?.id`);
  const id = await from.evaluate<string>(`page.session.conference("${running}").id`);
  await calls(from, to, call, id);
}

/** Waits until somebody sees these, and no others, and the pictures of all of them move. */
async function sees(person: Person, call: string, ...names: string[]): Promise<void> {
  const wanted = JSON.stringify(names.sort());
  await person.until(`JSON.stringify(page.session.conference("${call}")?.participants
    .filter(({ connection }) => connection === "connected").map(({ name }) => name).sort()) === '${wanted}'`);
  await person.evaluate(`(async () => {
    const connected = page.session.conference("${call}").participants
      .filter(({ connection }) => connection === "connected");
    for (const { link } of connected)
      for (let frames = 0; frames < 3; )  {
        const report = [...((await page.session.stats(link))?.values() ?? [])];
        frames = Math.max(0, ...report.map(({ framesDecoded }) => framesDecoded ?? 0));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
  })()`);
}

describe("three people", () => {
  beforeEach(async () => {
    await calls(alice, bob, "ab");
    await invites(alice, carol, "ac", "ab");
  });

  test("all see each other, though Bob and Carol never called each other", async () => {
    await sees(alice, "ab", "Bob", "Carol");
    await sees(bob, "ab", "Alice", "Carol");
    await sees(carol, "ac", "Alice", "Bob");
    expect([await alice.faults(), await bob.faults(), await carol.faults()]).toEqual([[], [], []]);
  });

  test("Alice, who invited them, is gone: Bob and Carol go on", async () => {
    await sees(carol, "ac", "Alice", "Bob");
    await pages[0]?.close();
    await sees(bob, "ab", "Carol");
    await sees(carol, "ac", "Bob");
  });

  test("what Bob writes all can read, and a private line only Carol", async () => {
    await sees(bob, "ab", "Alice", "Carol");
    await bob.evaluate(`page.session.room("ab").documents.say("hello")`);
    await bob.evaluate(`page.session.room("ab").documents.say("psst",
      page.session.conference("ab").participants.find(({ name }) => name === "Carol").id)`);
    await carol.until(`page.session.room("ac")?.documents.chat.length === 2`);
    await alice.until(`page.session.room("ab").documents.chat.some(({ text }) => text === "hello")`);
    expect(await alice.evaluate(`page.session.room("ab").documents.chat.map(({ text }) => text)`)).toEqual([
      "hello",
    ]);
  });

  test("a file that Bob shares is with Carol, byte for byte", async () => {
    await sees(carol, "ac", "Alice", "Bob");
    await bob.evaluate(`page.session.room("ab").documents.share(
      new File([Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7) % 251)], "numbers.bin"))`);
    await carol.until(`page.session.room("ac").documents.files.length === 1`);
    await carol.evaluate(
      `page.session.room("ac").documents.fetch(page.session.room("ac").documents.files[0].id)`,
    );
    await carol.until(`page.session.room("ac").documents.files[0].state.type === "here"`);
    const check = await carol.evaluate(`(async () => {
      const { documents } = page.session.room("ac");
      const blob = await documents.read(documents.files[0].id);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return [bytes.length, bytes.every((byte, i) => byte === (i * 7) % 251), documents.files[0].name];
    })()`);
    expect(check).toEqual([700_000, true, "numbers.bin"]);
  });

  test("hands are in order, and everybody sees the same one", async () => {
    await sees(carol, "ac", "Alice", "Bob");
    await carol.evaluate(`page.session.room("ac").raiseHand(true)`);
    await bob.until(
      `page.session.conference("ab").participants.some(({ name, hand }) => name === "Carol" && hand === 1)`,
    );
    await bob.evaluate(`page.session.room("ab").raiseHand(true)`);
    await alice.until(`JSON.stringify(page.session.conference("ab").participants.map(({ name, hand }) => [name, hand]).sort())
      === '[["Bob",2],["Carol",1]]'`);
  });

  test("Alice, the organiser, removes Carol: she is told, and the others go on", async () => {
    await sees(bob, "ab", "Alice", "Carol");
    await alice.evaluate(`page.session.room("ab").remove(
      page.session.conference("ab").participants.find(({ name }) => name === "Carol").id)`);
    await carol.until(`page.removed.includes("ac")`);
    await alice.until(`page.expelled.includes("ac")`);
    await sees(bob, "ab", "Alice");
  });

  test("Alice, the organiser, reloads her page while it is locked: she is back, and is the organiser", async () => {
    await sees(bob, "ab", "Alice", "Carol");
    await alice.evaluate(`page.session.room("ab").setLocked(true)`);
    await bob.until(`page.session.conference("ab").locked`);
    const id = await alice.evaluate<string>(`page.session.conference("ab").id`);
    await alice.open(server.url);
    await alice.evaluate(`page.name = "Alice"`);
    await connect(alice, bob, "again", "ab");
    await Promise.all([bob.takeCall("again", true, false, id), alice.takeCall("again", true, true, id)]);
    await sees(alice, "ab", "Bob", "Carol");
    await sees(carol, "ac", "Alice", "Bob");
    await carol.until(
      `page.session.conference("ac").participants.some(({ name, organiser }) => name === "Alice" && organiser)`,
    );
    expect(await carol.evaluate(`page.session.conference("ac").participants.length`)).toBe(2);
    expect(await bob.evaluate(`page.session.conference("ab").locked`)).toBe(true);
    expect([await alice.faults(), await bob.faults(), await carol.faults()]).toEqual([[], [], []]);
  });

  test("Bob, who is not the organiser, removes nobody", async () => {
    await sees(bob, "ab", "Alice", "Carol");
    await bob.evaluate(`page.session.room("ab").remove(
      page.session.conference("ab").participants.find(({ name }) => name === "Carol").id)`);
    await bob.evaluate(`page.session.room("ab").documents.say("still here?")`);
    await carol.until(`page.session.room("ac").documents.chat.length === 1`);
    await sees(bob, "ab", "Alice", "Carol");
  });
});
