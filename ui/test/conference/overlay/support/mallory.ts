import { toBase64url } from "../../../../src/conference/base64url";
import * as feeds from "../../../../src/conference/documents/entry";
import { clientOf } from "../../../../src/conference/documents/update";
import { makeRenewal, Signed, signedText, type Keys } from "../../../../src/conference/overlay";
import type { ParticipantId } from "../../../../src/conference";
import { update } from "../../documents/support/mallory";
import { entryOf, type Person } from "./person";

type Attack = (mallory: Mallory) => Promise<void>;

/** A member with a device that does what it likes: it takes part, and attacks over all its links. */
export class Mallory {
  readonly person: Person;
  /** Keys of people who do not exist. */
  readonly #puppets: Keys[] = [];
  /** What came over its links. */
  readonly #overheard: string[] = [];
  #seq = 1_000_000;
  #n = 1_000_000;
  #keepsToItself = false;
  #isOver = false;

  constructor(person: Person) {
    this.person = person;
    // Somebody who reaches nobody but Mallory is in a conference with Mallory alone, who may be its organiser.
    person.answersMail = false;
    person.onHear = (from, text) => {
      if (this.#overheard.length < 500) this.#overheard.push(text);
      person.overlay.receive(from, text);
    };
    person.onSend = (_, text) => {
      const isBeat = text.includes('"t":"beat"');
      return this.#keepsToItself && !isBeat && this.#random.chance(0.5) ? null : text;
    };
  }

  /** Attacks now and then, until {@link stop}. */
  start(): void {
    const { time } = this.person.world;
    time.after(this.#random.between(100, 1500), () => {
      if (this.#isOver || this.person.isGone) return;
      const attack = this.#random.pick(ATTACKS);
      time.during(attack(this)).catch((error: unknown) => this.person.faults.push(error));
      this.start();
    });
  }

  stop(): void {
    this.#isOver = true;
    this.#keepsToItself = false;
  }

  get #random(): Person["world"]["random"] {
    return this.person.world.random;
  }

  get #conference(): string {
    return this.person.overlay.id;
  }

  get #victims(): Person[] {
    return this.person.world.people.filter((person) => person !== this.person);
  }

  #sendAll(text: string): void {
    for (const wire of this.person.wires.values()) wire.send(this.person, text);
  }

  #push(replica: string, ...items: object[]): void {
    const groups = [{ replica, origin: this.#random.pick(this.#victims).id, items }];
    this.#sendAll(JSON.stringify({ t: "items", groups }));
  }

  #sign(body: object, keys: Keys = this.person.keys): Promise<Signed> {
    return Signed.make(keys, this.#conference, body);
  }

  #entry(body: object): object {
    this.#seq += 1;
    const links = [...this.person.wires.keys()];
    return { t: "entry", seq: this.#seq, ...entryOf(this.person.name), hand: null, links, ...body };
  }

  /** The first line of somebody's feed, signed by Mallory. */
  async #line(author: ParticipantId, text: string): Promise<feeds.Batch> {
    const value = JSON.stringify({ text, name: "Mallory", at: 0 });
    const bytes = update([{ client: clientOf(author), clock: 0, value, parent: "chat" }]);
    const entry: feeds.Entry = ["chat", toBase64url(bytes), []];
    const prev = feeds.rootOf(author);
    const proof = signedText(this.#conference, feeds.signedText(1, feeds.hashAfter(prev, entry)));
    return { author, first: 1, prev, entries: [entry], sig: await this.person.keys.sign(proof) };
  }

  #everybody(): ParticipantId[] {
    return this.#victims.map(({ id }) => id);
  }

  static readonly attacks: Readonly<Record<string, Attack>> = {
    forgesEntries: async (mallory) => {
      const victim = this.#pick(mallory);
      const body = JSON.stringify(mallory.#entry({ name: "Forged", seq: 2 ** 40 }));
      const { sig } = await mallory.#sign({ t: "entry" });
      mallory.#push("roster", { key: victim.keys.publicKey, body, sig });
    },
    forgesFarewells: async (mallory) => {
      const victim = this.#pick(mallory);
      const { sig } = await mallory.#sign({ t: "leave", stands: [] });
      mallory.#push("statements", { key: victim.keys.publicKey, body: '{"t":"leave","stands":[]}', sig });
    },
    forgesLines: async (mallory) => {
      const { sig } = await mallory.#sign({ t: "line", text: "forged" });
      const key = this.#pick(mallory).keys.publicKey;
      mallory.#push("list", { key, body: JSON.stringify({ t: "line", text: "forged" }), sig });
    },
    forgesChat: async (mallory) => {
      mallory.#push("feeds", await mallory.#line(this.#pick(mallory).id, "forged"));
    },
    tellsEachAnotherLine: async (mallory) => {
      for (const wire of [...mallory.person.wires.values()]) {
        const items = [await mallory.#line(mallory.person.id, mallory.#random.hex(8))];
        const groups = [{ replica: "feeds", origin: mallory.person.id, items }];
        wire.send(mallory.person, JSON.stringify({ t: "items", groups }));
      }
    },
    forgesMessages: async (mallory) => {
      const [from, to] = [this.#pick(mallory), this.#pick(mallory)];
      mallory.#n += 1;
      const text = {
        to: to.id,
        n: mallory.#n,
        attempt: 0,
        kind: "words",
        body: { text: "forged" },
        confirms: [0, 1, 2],
      };
      const { body, sig } = await mallory.#sign({ t: "msg", ...text });
      const msg = { key: from.keys.publicKey, body, sig };
      mallory.#sendAll(JSON.stringify({ t: "msg", msg, via: [] }));
    },
    replays: (mallory) => {
      for (let times = 0; times < 20 && mallory.#overheard.length > 0; times += 1)
        mallory.#sendAll(mallory.#random.pick(mallory.#overheard));
      return Promise.resolve();
    },
    evicts: async (mallory) => {
      const victim = this.#pick(mallory);
      mallory.#push(
        "statements",
        (await mallory.#sign({ t: "remove", id: victim.id, keeps: [], last: 0 })).wire,
      );
    },
    rules: async (mallory) => {
      const version = mallory.#random.between(1, 2 ** 31);
      const locked = mallory.#random.chance(0.5) ? [mallory.person.id] : null;
      const signed = await mallory.#sign({ t: "rules", version, topic: "Mallory's", locked });
      mallory.#push("statements", signed.wire);
    },
    letsPuppetsIn: async (mallory) => {
      const puppet = await mallory.person.world.createKeys();
      mallory.#puppets.push(puppet);
      const rank = mallory.#random.between(1, 3000);
      const body = { t: "admit", key: puppet.publicKey, rank, name: "Puppet", address: "" };
      const { wire } = await mallory.#sign(body);
      const entry = await mallory.#sign(mallory.#entry({ links: [mallory.person.id] }), puppet);
      mallory.#push("statements", wire);
      mallory.#push("roster", entry.wire);
      const links = [mallory.person.id, ...mallory.#puppets.map(({ id }) => id)].slice(1);
      mallory.#push("roster", (await mallory.#sign(mallory.#entry({ links }))).wire);
    },
    letsACrowdIn: async (mallory) => {
      for (let n = 0; n < 20; n += 1) {
        const puppet = await mallory.person.world.createKeys();
        const by = mallory.#random.chance(0.5) ? mallory.person.keys : mallory.#puppets.at(-1);
        const body = { t: "admit", key: puppet.publicKey, rank: 100 + n, name: "Puppet", address: "" };
        mallory.#push("statements", (await mallory.#sign(body, by)).wire);
        mallory.#puppets.push(puppet);
      }
    },
    letsOthersInAgain: async (mallory) => {
      const key = this.#pick(mallory).keys.publicKey;
      const rank = mallory.#random.between(1, 3000);
      mallory.#push(
        "statements",
        (await mallory.#sign({ t: "admit", key, rank, name: "", address: "" })).wire,
      );
    },
    forgesRenewals: async (mallory) => {
      const [victim, other] = [this.#pick(mallory), this.#pick(mallory)];
      const puppet = mallory.#puppets.at(-1) ?? mallory.person.keys;
      const { body, sig } = await makeRenewal(mallory.person.keys, puppet, mallory.#conference);
      // In the name of others, and of keys that never wanted to be hers.
      mallory.#push("statements", { key: victim.keys.publicKey, body, sig });
      for (const key of [victim.keys.publicKey, other.keys.publicKey])
        mallory.#push("statements", (await mallory.#sign({ t: "renew", key, sig })).wire);
      const consent = mallory.#overheard.find((text) => text.includes('\\"renew\\"'));
      if (consent !== undefined) mallory.#sendAll(consent);
    },
    renewsPuppetsAnyhow: async (mallory) => {
      const keys = [...mallory.#puppets.slice(-6), mallory.person.keys];
      const own = mallory.person.keys;
      for (let times = 0; times < 4; times += 1) {
        const [from, to] = [mallory.#random.pick(keys), mallory.#random.pick(keys)];
        // Under her own key she is to go on.
        if (from === to || from === own) continue;
        mallory.#push("statements", (await makeRenewal(from, to, mallory.#conference)).wire);
      }
    },
    renewsHerselfTwice: async (mallory) => {
      const isOut = mallory.person.overlay.view.standing === "removed";
      if (!isOut && mallory.#random.chance(0.9)) return;
      for (let times = 0; times < 2; times += 1) {
        const puppet = await mallory.person.world.createKeys();
        mallory.#puppets.push(puppet);
        const { wire } = await makeRenewal(mallory.person.keys, puppet, mallory.#conference);
        // Each hears of another one first.
        mallory.#random
          .pick([...mallory.person.wires.values(), null])
          ?.send(
            mallory.person,
            JSON.stringify({ t: "items", groups: [{ replica: "statements", origin: null, items: [wire] }] }),
          );
        mallory.#push("roster", (await mallory.#sign(mallory.#entry({}), puppet)).wire);
      }
    },
    puppetsStateAnything: async (mallory) => {
      for (const puppet of mallory.#puppets.slice(-5)) {
        const id = this.#pick(mallory).id;
        const stands = [mallory.#random.hex(16)];
        mallory.#push(
          "statements",
          (await mallory.#sign({ t: "remove", id, keeps: [], last: 0 }, puppet)).wire,
          (await mallory.#sign({ t: "rules", version: 7, topic: "Puppets'", locked: [] }, puppet)).wire,
          (await mallory.#sign({ t: "leave", stands }, puppet)).wire,
          (await mallory.#sign({ t: "leave", stands: [] }, puppet)).wire,
        );
      }
    },
    routesAnyhow: async (mallory) => {
      const to = this.#pick(mallory).id;
      const n = (mallory.#n += 1);
      const detours = mallory.#everybody().slice(0, 32);
      for (const via of [detours, [...detours].reverse(), [mallory.person.id], [to]])
        for (let attempt = 0; attempt < 8; attempt += 1) {
          const body = { to, n, attempt, kind: "nothing", body: {}, confirms: [] };
          const { wire } = await mallory.#sign({ t: "msg", ...body });
          mallory.#sendAll(JSON.stringify({ t: "msg", msg: wire, via }));
        }
    },
    liesAboutLinks: async (mallory) => {
      const links = mallory.#random.chance(0.5) ? mallory.#everybody().slice(0, 64) : [];
      mallory.#push("roster", (await mallory.#sign(mallory.#entry({ links }))).wire);
    },
    tellsEachSomethingElse: async (mallory) => {
      const seq = (mallory.#seq += 1);
      for (const wire of mallory.person.wires.values()) {
        const name = `Mallory ${mallory.#random.hex(4)}`;
        const signed = await mallory.#sign(mallory.#entry({ seq, name, hand: 2 ** 31 }));
        const groups = [{ replica: "roster", origin: mallory.person.id, items: [signed.wire] }];
        wire.send(mallory.person, JSON.stringify({ t: "items", groups }));
      }
    },
    floods: async (mallory) => {
      for (let times = 0; times < 60; times += 1) {
        mallory.#push("roster", (await mallory.#sign(mallory.#entry({ name: String(times) }))).wire);
        mallory.#sendAll(JSON.stringify({ t: "digest", digests: { statements: {}, roster: {} }, ask: true }));
      }
    },
    sendsGarbage: (mallory) => {
      for (const text of GARBAGE) mallory.#sendAll(text);
      const real = mallory.#overheard.length > 0 ? mallory.#random.pick(mallory.#overheard) : "{}";
      const at = mallory.#random.between(0, real.length);
      mallory.#sendAll(real.slice(0, at) + mallory.#random.hex(4) + real.slice(at + 4));
      return Promise.resolve();
    },
    keepsThingsToItself: (mallory) => {
      mallory.#keepsToItself = !mallory.#keepsToItself;
      return Promise.resolve();
    },
  };

  static #pick(mallory: Mallory): Person {
    return mallory.#random.pick(mallory.#victims);
  }
}

const ATTACKS = Object.values(Mallory.attacks);

const GARBAGE: readonly string[] = [
  "",
  "null",
  "[]",
  "{",
  '{"t":"beat","prints":null}',
  '{"t":"beat","prints":{"roster":7}}',
  '{"t":"beat","prints":{"__proto__":"x","roster":"0"}}',
  '{"t":"digest","digests":{"statements":{"has":7},"roster":{"__proto__":"1.0"},"__proto__":{}},"ask":true}',
  '{"t":"digest","digests":{"roster":{"constructor":[],"toString":null},"list":null},"ask":true}',
  '{"t":"items","groups":[{"replica":"roster","origin":7,"items":[null,7,"",[],{}]}]}',
  '{"t":"items","groups":[{"replica":"statements","items":[{"key":"","body":"","sig":""}]}]}',
  '{"t":"items","groups":[{"replica":"toString","items":[{}]}]}',
  '{"t":"msg","msg":{"key":7},"via":[]}',
  '{"t":"msg","msg":null,"via":["x"]}',
  `{"t":"items","groups":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  "x".repeat(300_000),
];
