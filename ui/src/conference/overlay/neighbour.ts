import { spaced } from "../spaced";
import type { Cancel, Clock, ParticipantId } from "../types";
import { Bucket } from "./bucket";
import { readFrame, writeFrame, type Frame, type ItemGroup } from "./frame";

/** `control` goes before `bulk` that still waits. */
export type Urgency = "control" | "bulk";

export type SendText = (text: string, urgency: Urgency) => void;

/** A neighbour who has said nothing for so long is taken for lost, in milliseconds. */
export const SILENCE = 2500;
/** What a neighbour may say: a burst of frames, and after it so many a second. */
const FRAMES = { burst: 3000, perSecond: 500 } as const;
/** How much nonsense is overlooked; who says more is not listened to for a while. */
const NONSENSE = { burst: 32, perSecond: 2 } as const;
/** What waits to be examined, in frames and UTF-16 units. */
const MAX_QUEUED = 2048;
const MAX_QUEUED_LENGTH = 8 * 1024 * 1024;
/** How long the examination of one frame may hold up the next ones, in milliseconds. */
const PATIENCE = 5000;
/** Items wait so long for others that go the same way, unless none went lately; in milliseconds. */
const GATHER = 20;
/** Items that nobody waits for wait so long, in milliseconds. */
const GATHER_PATIENT = 150;
/** About how long a frame of items gets, in UTF-16 units: it fits into one message of a channel. */
const FRAME_LENGTH = 12 * 1024;

interface Gathered {
  readonly replica: string;
  readonly origin: ParticipantId | null;
  readonly item: object;
  readonly urgency: Urgency;
}

export interface NeighbourPorts {
  readonly clock: Clock;
  /** Examines one frame; the next one waits for it. */
  take(from: Neighbour, frame: Frame): Promise<void>;
  sent(frame: Frame): void;
  /** Somebody taken for lost has said something. */
  revived(neighbour: Neighbour): void;
  readonly fault: (error: unknown) => void;
}

/** A participant at the other end of a link. */
export class Neighbour {
  readonly id: ParticipantId;
  /** When the link came up. */
  readonly since: number;
  readonly #ports: NeighbourPorts;
  readonly #send: SendText;
  readonly #frames: Bucket;
  readonly #nonsense: Bucket;
  readonly #flushes: ReturnType<typeof spaced>;
  #patient: Cancel | null = null;
  #heardAt: number;
  #isSilent = false;
  #queue: string[] = [];
  #queuedLength = 0;
  #isBusy = false;
  #isGone = false;
  #gathered: Gathered[] = [];

  constructor(ports: NeighbourPorts, id: ParticipantId, send: SendText) {
    const { clock } = ports;
    this.id = id;
    this.since = clock.now();
    this.#heardAt = this.since;
    this.#ports = ports;
    this.#send = send;
    this.#frames = new Bucket(clock, FRAMES);
    this.#nonsense = new Bucket(clock, NONSENSE);
    this.#flushes = spaced(clock, GATHER, () => this.#flush());
  }

  get isAlive(): boolean {
    return !this.#isSilent && !this.#isGone;
  }

  /** True if it has just fallen silent. */
  listen(): boolean {
    if (this.#isSilent || this.#ports.clock.now() - this.#heardAt <= SILENCE) return false;
    this.#isSilent = true;
    return true;
  }

  /** A frame came, in order with the others of this link. */
  receive(text: string): void {
    if (this.#isGone) return;
    this.#heardAt = this.#ports.clock.now();
    if (this.#isSilent) {
      this.#isSilent = false;
      this.#ports.revived(this);
    }
    const isTooMuch =
      this.#queue.length >= MAX_QUEUED || this.#queuedLength + text.length > MAX_QUEUED_LENGTH;
    if (isTooMuch || !this.#frames.take() || this.#nonsense.isEmpty) return;
    this.#queue.push(text);
    this.#queuedLength += text.length;
    if (!this.#isBusy) this.#examine().catch(this.#ports.fault);
  }

  /** It has said something that no honest neighbour says. */
  blame(): void {
    this.#nonsense.take();
  }

  send(frame: Frame, urgency: Urgency = "control"): void {
    if (frame.t === "msg") this.#flush();
    this.#write(frame, urgency);
  }

  /** Sends an item soon, together with others. */
  offer(
    replica: string,
    origin: ParticipantId | null,
    item: object,
    how: { readonly mayWait: boolean; readonly urgency: Urgency },
  ): void {
    this.#gathered.push({ replica, origin, item, urgency: how.urgency });
    if (how.mayWait) this.#patient ??= this.#ports.clock.after(GATHER_PATIENT, () => this.#flush());
    else this.#flushes.request();
  }

  /** Sends many items, in as few frames as fit; the last says whether there are `more`, if that is known. */
  sendAll(replica: string, items: Iterable<object>, urgency: Urgency, more?: boolean): void {
    let batch: object[] = [];
    let length = 0;
    const write = (said: { readonly more?: boolean }): void => {
      this.#write({ t: "items", groups: [{ replica, origin: null, items: batch, ...said }] }, urgency);
      batch = [];
      length = 0;
    };
    for (const item of items) {
      const size = JSON.stringify(item).length;
      if (length > 0 && length + size > FRAME_LENGTH) write({});
      batch.push(item);
      length += size;
    }
    if (more !== undefined) write({ more });
    else if (length > 0) write({});
  }

  /** The link is no more. */
  close(): void {
    this.#flush();
    this.#isGone = true;
    this.#queue = [];
    this.#flushes.cancel();
  }

  #flush(): void {
    this.#patient?.();
    this.#patient = null;
    const gathered = this.#gathered.splice(0);
    for (const urgency of ["control", "bulk"] as const)
      this.#sendGathered(
        gathered.filter((one) => one.urgency === urgency),
        urgency,
      );
  }

  #sendGathered(gathered: readonly Gathered[], urgency: Urgency): void {
    let groups: { replica: string; origin: ParticipantId | null; items: object[] }[] = [];
    let length = 0;
    for (const { replica, origin, item } of gathered) {
      const size = JSON.stringify(item).length;
      if (length > 0 && length + size > FRAME_LENGTH) {
        this.#write({ t: "items", groups: groups satisfies ItemGroup[] }, urgency);
        groups = [];
        length = 0;
      }
      length += size;
      const last = groups.at(-1);
      if (last?.replica === replica && last.origin === origin) last.items.push(item);
      else groups.push({ replica, origin, items: [item] });
    }
    if (groups.length > 0) this.#write({ t: "items", groups }, urgency);
  }

  #write(frame: Frame, urgency: Urgency): void {
    if (this.#isGone) return;
    this.#ports.sent(frame);
    try {
      this.#send(writeFrame(frame), urgency);
    } catch (error) {
      this.#ports.fault(error);
    }
  }

  async #examine(): Promise<void> {
    this.#isBusy = true;
    for (let text = this.#queue.shift(); text !== undefined; text = this.#queue.shift()) {
      this.#queuedLength -= text.length;
      const frame = readFrame(text);
      if (frame === null) this.blame();
      else await this.#patiently(frame);
    }
    this.#isBusy = false;
  }

  /** Resolves when the frame has been taken, whatever came of it, and at the latest when patience is over. */
  #patiently(frame: Frame): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.after(PATIENCE, resolve);
      this.#ports
        .take(this, frame)
        .catch(this.#ports.fault)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }
}
