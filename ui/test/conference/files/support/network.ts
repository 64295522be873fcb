import {
  Transfers,
  BlobStore,
  type FileChannel,
  type FileLink,
  type FileStore,
} from "../../../../src/conference/files";
import type { ParticipantId } from "../../../../src/conference/types";
import { VirtualClock } from "../../support/clock";

/** How many bytes a channel of these tests holds before it delivers. */
const CAPACITY = 1024 * 1024;

/** Whoever has an end of a channel. */
export interface Endpoint {
  readonly id: ParticipantId;
  readonly transfers: Transfers;
}

/** One end of a channel between two devices; what is sent waits until the network moves it. */
export class Wire implements FileChannel {
  readonly sent: (string | ArrayBuffer)[] = [];
  link: FileLink | null = null;
  isOpen = true;
  /** Changes what is sent from here. */
  tamper: (data: string | ArrayBuffer) => string | ArrayBuffer | null = (data) => data;

  constructor(
    readonly network: Network,
    readonly owner: Endpoint,
    readonly peer: Endpoint,
  ) {}

  get bufferedAmount(): number {
    return this.sent.reduce(
      (sum, data) => sum + (typeof data === "string" ? data.length : data.byteLength),
      0,
    );
  }

  send(data: string | ArrayBuffer): void {
    if (!this.isOpen) throw new Error("closed");
    const size = typeof data === "string" ? data.length : data.byteLength;
    if (size >= 16 * 1024 || this.bufferedAmount > CAPACITY) throw new Error("too much");
    this.network.mostBuffered = Math.max(this.network.mostBuffered, this.bufferedAmount + size);
    this.sent.push(data);
  }

  close(): void {
    this.network.cut(this.owner, this.peer);
  }
}

/** Somebody who shares and fetches files. */
export class Device implements Endpoint {
  readonly transfers: Transfers;
  readonly faults: unknown[] = [];
  readonly completed: string[] = [];
  /** Who says to have what. */
  readonly holders: Map<string, ParticipantId[]>;

  constructor(
    network: Network,
    readonly id: ParticipantId,
    readonly store: FileStore = new BlobStore(),
  ) {
    this.holders = network.holders;
    this.transfers = new Transfers({
      clock: network.clock,
      store,
      holders: (file) => this.holders.get(file) ?? [],
      completed: (file) => {
        this.completed.push(file);
        network.announce(file, id);
      },
      changed: () => {},
      fault: (error) => this.faults.push(error),
    });
  }
}

/** Devices and the channels between them. */
export class Network {
  readonly holders = new Map<string, ParticipantId[]>();
  readonly #wires: Wire[] = [];
  readonly #devices: Device[] = [];
  mostBuffered = 0;

  constructor(readonly clock = new VirtualClock()) {}

  join(id: ParticipantId, store?: FileStore): Device {
    const device = new Device(this, id, store);
    this.#devices.push(device);
    return device;
  }

  announce(file: string, id: ParticipantId): void {
    this.holders.set(file, [...(this.holders.get(file) ?? []), id]);
    for (const { transfers } of this.#devices) transfers.go();
  }

  connect(one: Endpoint, other: Endpoint): void {
    const wires = [new Wire(this, one, other), new Wire(this, other, one)];
    this.#wires.push(...wires);
    for (const wire of wires) wire.link = wire.owner.transfers.linked(wire.peer.id, wire);
  }

  cut(one: Endpoint, other: Endpoint): void {
    for (const wire of this.#between(one, other)) {
      wire.isOpen = false;
      this.#wires.splice(this.#wires.indexOf(wire), 1);
      if (wire.link !== null) wire.owner.transfers.unlinked(wire.link);
    }
  }

  /** What `from` sends to `to`. */
  wire(from: Endpoint, to: Endpoint): Wire {
    const wire = this.#wires.find(({ owner, peer }) => owner === from && peer === to);
    if (wire === undefined) throw new Error("not connected");
    return wire;
  }

  /** Moves one message on every wire. */
  step(): void {
    for (const wire of [...this.#wires]) {
      const data = wire.sent.shift();
      if (data === undefined) continue;
      const arrived = wire.tamper(data);
      const other = this.#wires.find(({ owner, peer }) => owner === wire.peer && peer === wire.owner);
      if (arrived !== null) other?.link?.message(arrived);
      wire.link?.low();
    }
  }

  /** Moves messages until something holds. */
  async until(holds: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error("it never happens");
      this.step();
      // Hashing and blobs take turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #between(one: Endpoint, other: Endpoint): Wire[] {
    return this.#wires.filter(
      ({ owner, peer }) => (owner === one && peer === other) || (owner === other && peer === one),
    );
  }
}

/** A file whose every piece is different. */
export function fileOf(bytes: number): Blob {
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) content[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff;
  return new Blob([content]);
}
