import { ConferenceDocuments } from "./documents";
import { BlobStore } from "./files";
import { signedText, type Keys, type Overlay, type Verifier } from "./overlay";
import { Shown } from "./shown";
import { type Clock, type LocalSource, type ParticipantId, type Room, type Size, type Wants } from "./types";

export interface RoomPorts {
  readonly clock: Clock;
  readonly overlay: Overlay;
  readonly own: Keys;
  readonly verifier: Verifier;
  readonly local: LocalSource;
  /** Says something to somebody who is linked, and to nobody else. False: there is no link. */
  sayPrivately(to: ParticipantId, line: object): boolean;
  /** What this device calls itself. */
  ownName(): string;
  /** At which size somebody is shown changed: tell them. */
  shownChanged(): void;
  readonly fault: (error: unknown) => void;
}

/** What is in a conference beside sound and pictures, and what the user can do in it. */
export class ConferenceRoom implements Room {
  readonly documents: ConferenceDocuments;
  readonly #ports: RoomPorts;
  readonly #shown: Shown;

  constructor(ports: RoomPorts) {
    this.#ports = ports;
    this.#shown = new Shown(ports.clock, () => ports.shownChanged());
    this.documents = makeDocuments(ports);
    ports.overlay.addReplica(this.documents.replica);
  }

  raiseHand(up: boolean): void {
    this.#ports.overlay.tell({ hand: up });
  }

  setTopic(topic: string): void {
    this.#ports.overlay.setRules({ topic });
  }

  setLocked(locked: boolean): void {
    this.#ports.overlay.setRules({ locked });
  }

  remove(participant: ParticipantId): void {
    this.#ports.overlay.remove(participant);
  }

  shareScreen(): Promise<boolean> {
    return this.#ports.local.startScreen();
  }

  stopSharing(): void {
    this.#ports.local.stopScreen();
  }

  show(key: string, what: "camera" | "screen", size: Size | null): void {
    this.#shown.set(key, what, size);
  }

  /** At which size somebody is shown here; null as long as no view said anything. */
  wantOf(key: string): Wants | null {
    return this.#shown.of(key);
  }

  rosterChanged(keys: ReadonlySet<string>): void {
    this.#shown.keep(keys);
    this.documents.participantsChanged();
  }

  close(): void {
    this.#shown.close();
    this.documents.close();
  }
}

function makeDocuments(ports: RoomPorts): ConferenceDocuments {
  const { clock, overlay, own, verifier, fault } = ports;
  const isPresent = (id: ParticipantId): boolean =>
    overlay.view.participants.some((one) => one.id === id && one.connection === "connected");
  const documents: ConferenceDocuments = new ConferenceDocuments({
    self: own.id,
    clock,
    store: new BlobStore(),
    date: () => Date.now(),
    sign: (text) => own.sign(signedText(overlay.id, text)),
    verify: (key, text, signature) => verifier.verify(key, signedText(overlay.id, text), signature),
    publicKeyOf: (id) => overlay.publicKeyOf(id),
    lastOf: (id) => overlay.lastOf(id),
    nameOf: (id) =>
      id === own.id
        ? ports.ownName()
        : (overlay.view.participants.find((one) => one.id === id)?.entry.name ?? ""),
    isPresent,
    sendPrivate: (to, line) => ports.sayPrivately(to, line),
    flood: (item) => overlay.flood(documents.replica.name, item),
    recounted: () => overlay.touch(documents.replica.name),
    fault,
  });
  return documents;
}
