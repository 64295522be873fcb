import type { Cancel, Clock, ParticipantId } from "../types";
import type { Frame } from "./frame";
import { Neighbour, type SendText } from "./neighbour";

/** How often each neighbour is spoken to, in milliseconds. */
export const BEAT = 1000;
/** The most links. */
const MAX_NEIGHBOURS = 128;

export interface NeighbourhoodPorts {
  readonly clock: Clock;
  take(from: Neighbour, frame: Frame): Promise<void>;
  beat(): Frame;
  /** A link came up or back. */
  up(neighbour: Neighbour): void;
  /** A link is lost, or nothing has come over it for too long. */
  down(neighbour: Neighbour): void;
  /** After both of them, and from time to time. */
  settle(): void;
  readonly fault: (error: unknown) => void;
}

/** The links of this device, as far as the overlay uses them. */
export class Neighbourhood {
  /** What went over the links: everything but beats, and beats. */
  readonly counters = { sent: 0, beats: 0 };
  readonly #ports: NeighbourhoodPorts;
  readonly #all = new Map<ParticipantId, Neighbour>();
  #tick: Cancel;
  #isBeat = false;

  constructor(ports: NeighbourhoodPorts) {
    this.#ports = ports;
    this.#tick = ports.clock.after(BEAT / 2, () => this.#beat());
  }

  all(): Iterable<Neighbour> {
    return this.#all.values();
  }

  /** Null if there is no link that anything comes over. */
  alive(id: ParticipantId): Neighbour | null {
    const neighbour = this.#all.get(id);
    return neighbour?.isAlive === true ? neighbour : null;
  }

  /** `silent`: there is one, and nothing comes over it. */
  linkTo(id: ParticipantId): "alive" | "silent" | null {
    const neighbour = this.#all.get(id);
    if (neighbour === undefined) return null;
    return neighbour.isAlive ? "alive" : "silent";
  }

  linkUp(id: ParticipantId, send: SendText): void {
    if (!this.#all.has(id) && this.#all.size >= MAX_NEIGHBOURS) return;
    this.#all.get(id)?.close();
    const ports = this.#ports;
    const neighbour: Neighbour = new Neighbour(
      {
        clock: ports.clock,
        take: (from, frame) => ports.take(from, frame),
        fault: ports.fault,
        sent: ({ t }) => {
          this.counters[t === "beat" ? "beats" : "sent"] += 1;
        },
        revived: () => {
          ports.up(neighbour);
          ports.settle();
        },
      },
      id,
      send,
    );
    this.#all.set(id, neighbour);
    ports.up(neighbour);
    ports.settle();
  }

  linkDown(id: ParticipantId): void {
    const neighbour = this.#all.get(id);
    if (neighbour === undefined) return;
    neighbour.close();
    this.#all.delete(id);
    this.#ports.down(neighbour);
    this.#ports.settle();
  }

  receive(from: ParticipantId, text: string): void {
    this.#all.get(from)?.receive(text);
  }

  close(): void {
    this.#tick();
    for (const neighbour of this.#all.values()) neighbour.close();
    this.#all.clear();
  }

  /** Silent ones are spoken to as well: the path may be back, and the other side has to hear it. */
  #beat(): void {
    this.#tick = this.#ports.clock.after(BEAT / 2, () => this.#beat());
    this.#isBeat = !this.#isBeat;
    const beat = this.#isBeat && this.#all.size > 0 ? this.#ports.beat() : null;
    for (const neighbour of [...this.#all.values()]) {
      if (beat !== null) neighbour.send(beat);
      if (neighbour.listen()) this.#ports.down(neighbour);
    }
    this.#ports.settle();
  }
}
