import { createHash } from "node:crypto";
import { ConferenceDocuments } from "../../../../src/conference/documents/documents";
import type { Batch } from "../../../../src/conference/documents/entry";
import type { Taken } from "../../../../src/conference/overlay/replica";
import { BlobStore, type FileStore, type Transfers } from "../../../../src/conference/files";
import type { ParticipantId } from "../../../../src/conference/types";
import { VirtualClock, settle } from "../../support/clock";

/** The id of somebody in a story; the fake public key is the same text. */
export function idOf(name: string): ParticipantId {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

/** What only the owner of this id can make, as far as these tests go. */
export function fakeSign(id: ParticipantId, text: string): string {
  return createHash("sha256").update(`${id} signs ${text}`).digest("base64url");
}

/** Somebody with a device. What others send waits until the room delivers it. */
export class Person {
  readonly id: ParticipantId;
  readonly documents: ConferenceDocuments;
  readonly inbox: { readonly item: object; readonly from: Person }[] = [];
  readonly taken: Taken[] = [];
  readonly faults: unknown[] = [];
  /** Everything this device handed out of itself. */
  readonly flooded: object[] = [];
  signaturesChecked = 0;
  /** How often it told that it counts otherwise than before. */
  recounts = 0;

  constructor(
    readonly room: Room,
    readonly name: string,
    readonly store: FileStore = new BlobStore(),
  ) {
    this.id = idOf(name);
    this.documents = new ConferenceDocuments({
      self: this.id,
      clock: room.clock,
      date: () => room.clock.now(),
      sign: (text) => Promise.resolve(fakeSign(this.id, text)),
      verify: (key, text, signature) => {
        this.signaturesChecked += 1;
        return Promise.resolve(signature === fakeSign(key, text));
      },
      publicKeyOf: (id) => (room.strangers.has(id) ? null : id),
      lastOf: (id) => room.removedAfter.get(id) ?? null,
      flood: (item) => {
        this.flooded.push(item);
        this.pass(item);
      },
      recounted: () => {
        this.recounts += 1;
      },
      nameOf: (id) => room.people.find((person) => person.id === id)?.name ?? "",
      sendPrivate: (to, line) => {
        const person = room.people.find(({ id }) => id === to);
        if (person === undefined || !room.reaches(this, person)) return false;
        person.documents.takePrivate(this.id, JSON.parse(JSON.stringify(line)));
        return true;
      },
      isPresent: (id) => room.people.some((person) => person.id === id),
      store: this.store,
      fault: (error) => this.faults.push(error),
    });
  }

  get transfers(): Transfers {
    return this.documents.transfers;
  }

  /** The texts of the chat. */
  get chat(): string[] {
    return this.documents.chat.map(({ text }) => text);
  }

  /** Sends to everybody within reach; it crosses the network as text. */
  pass(item: object): void {
    for (const person of this.room.people)
      if (person !== this && this.room.reaches(this, person)) person.send(item, this);
  }

  send(item: object, from: Person): void {
    this.inbox.push({ item: JSON.parse(JSON.stringify(item)) as object, from });
  }

  /** Takes one of what waits. */
  async receive(index = 0): Promise<void> {
    const [next] = this.inbox.splice(index, 1);
    if (next === undefined) return;
    const taken = await this.documents.replica.take(next.item, next.from.id);
    this.taken.push(taken);
    if (taken === "new") this.pass(next.item);
  }

  /** Types into the notes. */
  type(at: number, text: string): void {
    this.documents.editNotes(at, 0, text);
  }
}

/** A conference: everybody reaches everybody unless the network says otherwise. */
export class Room {
  readonly clock = new VirtualClock();
  readonly people: Person[] = [];
  readonly strangers = new Set<ParticipantId>();
  readonly removedAfter = new Map<ParticipantId, number>();
  /** Pairs that do not reach each other. */
  readonly #cut = new Set<string>();

  join(name: string, store?: FileStore): Person {
    const person = new Person(this, name, store);
    this.people.push(person);
    return person;
  }

  leave(person: Person): void {
    this.people.splice(this.people.indexOf(person), 1);
  }

  separate(one: Person, other: Person): void {
    this.#cut.add([one.name, other.name].sort().join());
  }

  connect(one: Person, other: Person): void {
    this.#cut.delete([one.name, other.name].sort().join());
  }

  reaches(one: Person, other: Person): boolean {
    return !this.#cut.has([one.name, other.name].sort().join());
  }

  /** Lets everything on its way arrive. */
  async deliver(): Promise<void> {
    this.clock.advance(100);
    await settle();
    for (let busy = true; busy;) {
      busy = false;
      for (const person of this.people) {
        if (person.inbox.length === 0) continue;
        busy = true;
        await person.receive();
      }
      await settle();
    }
  }

  /** Heartbeats: everybody compares digests with everybody in reach, until they are equal or nothing changes. */
  async reconcile(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      await this.deliver();
      const before = JSON.stringify(this.digests());
      for (const person of this.people)
        for (const other of this.people)
          if (person !== other && this.reaches(person, other)) sync(person, other);
      await this.deliver();
      if (JSON.stringify(this.digests()) !== before) continue;
      // What made documents anew lately does so again after a rest.
      this.clock.advance(2000);
      await this.deliver();
      return;
    }
    throw new Error("they never agree");
  }

  digests(): string[] {
    return this.people.map(({ documents }) => JSON.stringify(documents.replica.digest()));
  }
}

/** `from` sends what `to` lacks, as after a comparison of digests. */
export function sync(from: Person, to: Person): void {
  const theirs = JSON.parse(JSON.stringify(to.documents.replica.digest())) as unknown;
  for (const item of from.documents.replica.missing(theirs)) to.send(item, from);
}

/** The last batch a person handed out. */
export function lastBatch(person: Person): Batch {
  return person.flooded.at(-1) as Batch;
}
