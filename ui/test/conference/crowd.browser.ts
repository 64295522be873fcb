/// <reference types="node" />
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlePage } from "./support/bundle";
import { driven, launchChromium, newPerson } from "./support/chromium";
import { Person, connect } from "./support/person";
import { servePage, type PageServer } from "./support/server";

const NAMES = ["Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi", "Ivan"];

/** Nine pages with 36 links take a while on a small machine, in ms. */
const PATIENCE = 240_000;

let server: PageServer;
let browser: Browser;

beforeAll(async () => {
  server = await servePage(await bundlePage());
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

interface Member {
  readonly name: string;
  readonly call: string;
  readonly person: Person;
  readonly close: () => Promise<void>;
}

async function sits(name: string, call: string): Promise<Member> {
  const page = await newPerson(browser, true);
  const person = await Person.at(driven(page), server.url);
  await person.evaluate(`page.name = "${name}"`);
  return { name, call, person, close: () => page.context().close() };
}

/** Waits until somebody is connected to all of these and to nobody else. */
async function sees({ person, call, name }: Member, members: readonly Member[]): Promise<void> {
  const others = members.map((one) => one.name).filter((other) => other !== name);
  await person.until(`JSON.stringify(page.session.conference("${call}")?.participants
    .filter(({ connection }) => connection === "connected").map(({ name }) => name).sort())
    === '${JSON.stringify(others.sort())}'`);
}

/** Waits until sound of everybody who is connected has come for some time. */
async function hearsAll({ person, call }: Member): Promise<void> {
  await person.evaluate(`(async () => {
    const packets = async (link) => Math.max(0, ...[...((await page.session.stats(link))?.values() ?? [])]
      .filter(({ type, kind }) => type === "inbound-rtp" && kind === "audio")
      .map(({ packetsReceived }) => packetsReceived));
    for (const { link, connection } of page.session.conference("${call}").participants) {
      if (connection !== "connected") continue;
      const before = await packets(link);
      while ((await packets(link)) < before + 10) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })()`);
}

// Nine browsers take all of two slow cores: see docs/testing.md.
test.skipIf(process.env["MAILCALL_TEST_CROWD"] === undefined)(
  "nine people hear each other, and the others go on when the one who called them all is gone",
  async () => {
    const [first, ...others] = NAMES;
    const alice = await sits(first ?? "", "call-1");
    const members = [alice];
    for (const [i, name] of others.entries()) {
      const member = await sits(name, `call-${i + 1}`);
      const { call, person } = member;
      const into =
        i === 0 ? null : await alice.person.evaluate<string>(`page.session.conference("call-1").id`);
      await connect(alice.person, person, call, call);
      await Promise.all([
        person.takeCall(call, false, false, into),
        alice.person.takeCall(call, false, true, into),
      ]);
      await alice.person.until(`page.session.conference("call-1")?.id`);
      members.push(member);
    }
    await Promise.all(members.map((one) => sees(one, members)));
    await Promise.all(members.map(hearsAll));
    expect(await Promise.all(members.map(({ person }) => person.faults()))).toEqual(members.map(() => []));

    await alice.close();
    const rest = members.slice(1);
    await Promise.all(rest.map((one) => sees(one, rest)));
    await Promise.all(rest.map(hearsAll));
  },
  PATIENCE,
);
