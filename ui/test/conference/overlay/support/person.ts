import {
  Overlay,
  type Fields,
  type Keys,
  type OverlayPorts,
  type OwnEntry,
  type RosterParticipant,
  signedText,
  type SignedWire,
} from "../../../../src/conference/overlay";
import type { ParticipantId } from "../../../../src/conference";
import { ConferenceDocuments } from "../../../../src/conference/documents";
import { BlobStore } from "../../../../src/conference/files";
import { Search } from "../../../../src/conference/search";
import { List } from "./list";
import type { Wire } from "./wire";
import type { World } from "./world";

export function entryOf(name: string): OwnEntry {
  return {
    name,
    address: `${name.toLowerCase()}@example.test`,
    proof: "",
    device: "Laptop",
    muted: false,
    camera: true,
    sharing: false,
    quality: "good",
    hand: false,
  };
}

/** One device in the virtual world, with what stands for its link layer. */
export class Person {
  readonly name: string;
  readonly keys: Keys;
  readonly world: World;
  /** Said, and to whom; what others receive must be among it. */
  readonly said: string[] = [];
  readonly heard: { readonly from: ParticipantId; readonly text: string }[] = [];
  readonly faults: unknown[] = [];
  /** What it has written into the list. */
  readonly written: string[] = [];
  readonly wires = new Map<ParticipantId, Wire>();
  /** Those whose calls it took or who took its calls: it can always reach them by mail. */
  readonly calls = new Set<Person>();
  /** Whom the overlay wanted to be linked to. */
  readonly asked = new Set<ParticipantId>();
  /** Switched off, or its part in the conference is over. */
  isGone = false;
  /** Takes what comes instead of the overlay. */
  onHear: ((from: ParticipantId, text: string) => void) | null = null;
  /** Sees and may replace what the overlay sends; null: it is not sent. */
  onSend: ((to: ParticipantId, text: string) => string | null) | null = null;
  /** Whether it begins links by itself. */
  beginsLinks = true;
  /** Whether a link to it can be made by mail. */
  answersMail = true;
  /** Who let it in. */
  admittedBy: Person | null = null;
  /** The same one before the page was reloaded. */
  former: Person | null = null;
  /** What led from its first key to this one: what it says when a link opens. */
  renewals: readonly SignedWire[] = [];
  /** Who heard that it is back. */
  readonly tookBack = new Set<Person>();
  #overlay: Overlay | null = null;
  #list: List | null = null;
  #documents: ConferenceDocuments | null = null;
  #search: Search | null = null;
  /** Whom its overlay gave up a link to. */
  readonly givenUp: ParticipantId[] = [];
  onGiveUp: ((id: ParticipantId) => void) | null = null;
  /** The newest attempt to link to somebody. */
  readonly #attempts = new Map<ParticipantId, string>();

  constructor(world: World, name: string, keys: Keys) {
    this.world = world;
    this.name = name;
    this.keys = keys;
  }

  get id(): ParticipantId {
    return this.keys.id;
  }

  get overlay(): Overlay {
    if (this.#overlay === null) throw new TypeError(`${this.name} is in no conference`);
    return this.#overlay;
  }

  get list(): List {
    if (this.#list === null) throw new TypeError(`${this.name} is in no conference`);
    return this.#list;
  }

  get documents(): ConferenceDocuments {
    if (this.#documents === null) throw new TypeError(`${this.name} has no documents`);
    return this.#documents;
  }

  /** Says something to all in the chat, or changes the notes somewhere: writes, or crosses out as well. */
  scribble(text: string): void {
    const { random } = this.world;
    const { documents } = this;
    if (random.chance(0.5)) {
      this.written.push(text);
      documents.say(text);
    } else {
      const at = random.between(0, documents.notes.length);
      documents.editNotes(at, random.chance(0.4) ? random.between(1, 30) : 0, text);
    }
  }

  /** The texts of the chat. */
  get chat(): string[] {
    return this.documents.chat.map(({ text }) => text);
  }

  /** Takes part, and has not been put out. */
  get isIn(): boolean {
    return !this.isGone && this.#overlay !== null && this.overlay.view.standing === "in";
  }

  /** Wants to take part, and has not learned yet that somebody let it in. */
  get isJoining(): boolean {
    return !this.isGone && this.#overlay !== null && this.overlay.view.standing === "joining";
  }

  get others(): readonly RosterParticipant[] {
    return this.overlay.view.participants;
  }

  /** The names of those it sees connected, in order. */
  get sees(): string[] {
    const here = this.others.filter(({ connection }) => connection === "connected");
    return here.map(({ entry }) => entry.name).sort();
  }

  async found(): Promise<void> {
    this.#use(await this.world.time.during(Overlay.found(this.#ports(), entryOf(this.name))));
  }

  join(conference: string): void {
    this.#use(Overlay.join(this.#ports(), entryOf(this.name), conference));
  }

  async write(text: string): Promise<void> {
    this.written.push(text);
    const item = await this.world.time.during(this.list.write(this.keys, text));
    this.overlay.flood(this.list.name, item);
  }

  /** Was let in, or taken back, by somebody who did not vanish before the others heard of it. */
  get isAwaited(): boolean {
    if (this.former !== null) return !this.isGone && [...this.tookBack].some(({ isIn }) => isIn);
    return !this.isGone && this.admittedBy !== null && this.admittedBy.isIn;
  }

  /** Before the first reload. */
  get first(): Person {
    return this.former?.first ?? this;
  }

  say(to: Person, text: string): boolean {
    this.said.push(`${to.id} ${text}`);
    return this.overlay.send(to.id, "words", { text });
  }

  async leave(): Promise<void> {
    await this.world.time.during(this.overlay.leave());
    this.isGone = true;
    this.world.time.after(100, () => this.#closeWires());
  }

  /** Switched off; the others' link layers notice later. */
  crash(): void {
    this.overlay.close();
    this.isGone = true;
    this.world.time.after(this.world.random.between(2000, 12_000), () => this.#closeWires());
  }

  link(wire: Wire): void {
    const other = wire.other(this);
    this.wires.get(other.id)?.close(true);
    this.wires.set(other.id, wire);
    if (this.isGone) return;
    this.overlay.linkUp(other.id, (text, urgency) => {
      const said = this.onSend === null ? text : this.onSend(other.id, text);
      if (said !== null) wire.send(this, said, urgency);
    });
  }

  unlink(wire: Wire, silently: boolean): void {
    const { id } = wire.other(this);
    if (this.wires.get(id) !== wire) return;
    this.wires.delete(id);
    if (!silently && !this.isGone) this.overlay.linkDown(id);
  }

  hear(wire: Wire, text: string): void {
    if (this.isGone) return;
    const { id } = wire.other(this);
    if (this.wires.get(id) !== wire) return;
    if (this.onHear === null) this.overlay.receive(id, text);
    else this.onHear(id, text);
  }

  #use(overlay: Overlay): void {
    this.#overlay = overlay;
    this.#search = new Search({
      clock: this.world.time,
      own: this.id,
      write: (id) => this.isIn && this.world.write(this, id),
      changed: () => undefined,
    });
    this.#list = new List({
      conference: overlay.id,
      verifier: this.world.verifier,
      knows: (id) => overlay.knows(id),
    });
    overlay.addReplica(this.#list);
    if (this.world.options.documents !== true) return;
    this.#documents = this.#write(overlay);
    overlay.addReplica(this.#documents.replica);
  }

  #write(overlay: Overlay): ConferenceDocuments {
    const { time, verifier } = this.world;
    const replica = "feeds";
    return new ConferenceDocuments({
      self: this.id,
      clock: time,
      date: () => time.now(),
      store: new BlobStore(),
      sign: (text) => time.during(this.keys.sign(signedText(overlay.id, text))),
      verify: (key, text, signature) => verifier.verify(key, signedText(overlay.id, text), signature),
      publicKeyOf: (id) => overlay.publicKeyOf(id),
      lastOf: (id) => overlay.lastOf(id),
      nameOf: () => this.name,
      sendPrivate: () => false,
      isPresent: () => true,
      flood: (item) => overlay.flood(replica, item),
      recounted: () => overlay.touch(replica),
      fault: (error) => this.faults.push(error),
    });
  }

  #ports(): OverlayPorts {
    const { time, random, verifier } = this.world;
    return {
      clock: time,
      keys: { ...this.keys, sign: (text) => time.during(this.keys.sign(text)) },
      verifier,
      randomId: () => random.hex(32),
      connect: (id) => this.#offer(id),
      disconnect: (id) => this.#drop(id),
      routed: (from, kind, body) => this.#routed(from, kind, body),
      changed: () => {
        this.#documents?.participantsChanged();
        if (!this.isGone) this.#search?.follow(this.overlay.view);
      },
      fault: (error) => this.faults.push(error),
    };
  }

  #offer(to: ParticipantId): void {
    const attempt = this.world.random.hex(8);
    this.asked.add(to);
    if (!this.beginsLinks) return;
    this.#attempts.set(to, attempt);
    this.overlay.send(to, "offer", { attempt });
  }

  #drop(id: ParticipantId): void {
    this.givenUp.push(id);
    this.onGiveUp?.(id);
    this.#attempts.delete(id);
    const wire = this.wires.get(id);
    // What was sent before arrives.
    if (wire !== undefined) this.world.time.after(300, () => wire.close());
  }

  #routed(from: ParticipantId, kind: string, body: Fields): void {
    const { attempt, text } = body;
    const other = this.world.person(from);
    if (kind === "words" && typeof text === "string") this.heard.push({ from, text });
    if (typeof attempt !== "string" || other === null) return;
    if (kind === "offer") this.overlay.send(from, "answer", { attempt });
    if (kind !== "answer" || this.#attempts.get(from) !== attempt) return;
    this.#attempts.delete(from);
    this.world.time.after(this.world.random.between(20, 80), () => this.world.connect(this, other));
  }

  #closeWires(): void {
    for (const wire of [...this.wires.values()]) wire.close();
  }
}
