import type { Cancel, Clock, ParticipantId } from "../types";
import type { FileId } from "./pieces";
import type { Sink, Uploads } from "./uploads";
import { readFrame, readMessage, type Message } from "./wire";

/** A reliable ordered channel to one participant, for files only. */
export interface FileChannel {
  /** Does nothing, or throws, once it is closed. */
  send(data: string | ArrayBuffer): void;
  /** In bytes. */
  readonly bufferedAmount: number;
  close(): void;
}

/** What became of a request. `wrong`: not what was asked for. `late`: nothing came for too long. */
export type Answer =
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "refused" | "wrong" | "late" | "cut" };

interface Request {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly done: (answer: Answer) => void;
  received: number;
  /** When it is late. */
  deadline: number;
  timer: Cancel;
}

/** More waits in a channel only if it is less than this, in bytes. */
const HIGH = 128 * 1024;
/** The most requests on one link at once. */
const MAX_REQUESTS = 4;
/** How long the first part of an answer may take, while others are served, and then each further one, in ms. */
const FIRST = 60_000;
const NEXT = 20_000;

/** One participant's channel for files, both ways. */
export class FileLink implements Sink {
  readonly participant: ParticipantId;
  readonly #channel: FileChannel;
  readonly #uploads: Uploads;
  readonly #clock: Clock;
  readonly #requests = new Map<number, Request>();
  #asked = 0;
  #closed = false;

  constructor(participant: ParticipantId, channel: FileChannel, uploads: Uploads, clock: Clock) {
    this.participant = participant;
    this.#channel = channel;
    this.#uploads = uploads;
    this.#clock = clock;
  }

  get isDrained(): boolean {
    return !this.#closed && this.#channel.bufferedAmount < HIGH;
  }

  /** Whether more may be asked for. */
  get isFree(): boolean {
    return !this.#closed && this.#requests.size < MAX_REQUESTS;
  }

  send(data: string | ArrayBuffer): void {
    if (this.#closed) return;
    try {
      this.#channel.send(data);
    } catch {
      // It is closing; whoever holds the channel says so in a moment.
    }
  }

  /** Asks for a piece of so many bytes. `done` is called once, unless cancelled. */
  request(file: FileId, piece: number, length: number, done: (answer: Answer) => void): Cancel {
    const r = (this.#asked += 1);
    const deadline = this.#clock.now() + FIRST;
    const request = { bytes: new Uint8Array(length), done, received: 0, deadline, timer: () => {} };
    this.#requests.set(r, request);
    this.#watch(r, request);
    this.#write({ t: "get", r, file, piece });
    return () => {
      if (this.#take(r) !== null) this.#write({ t: "stop", r });
    };
  }

  /** Something came; of any shape. */
  message(data: unknown): void {
    if (this.#closed) return;
    if (typeof data === "string") this.#said(readMessage(data));
    else if (data instanceof ArrayBuffer) this.#came(data);
  }

  /** The channel is no longer full. */
  low(): void {
    this.#uploads.drained(this);
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#uploads.closed(this);
    for (const r of [...this.#requests.keys()]) this.#take(r)?.done({ type: "cut" });
  }

  close(): void {
    this.closed();
    this.#channel.close();
  }

  #write(message: Message): void {
    this.send(JSON.stringify(message));
  }

  #said(message: Message | null): void {
    switch (message?.t) {
      case "get":
        this.#uploads.asked(this, message.r, message.file, message.piece);
        break;
      case "stop":
        this.#uploads.stopped(this, message.r);
        break;
      case "no":
        this.#take(message.r)?.done({ type: "refused" });
        break;
      case "end":
        // It would be gone if everything had come.
        this.#take(message.r)?.done({ type: "wrong" });
        break;
      case undefined:
        break;
    }
  }

  #came(data: ArrayBuffer): void {
    const frame = readFrame(data);
    const request = frame && this.#requests.get(frame.r);
    if (!frame || !request) return;
    if (request.received + frame.bytes.length > request.bytes.length) {
      this.#take(frame.r)?.done({ type: "wrong" });
      return;
    }
    request.bytes.set(frame.bytes, request.received);
    request.received += frame.bytes.length;
    request.deadline = this.#clock.now() + NEXT;
    if (request.received < request.bytes.length) return;
    this.#take(frame.r)?.done({ type: "bytes", bytes: request.bytes });
  }

  #watch(r: number, request: Request): void {
    const left = request.deadline - this.#clock.now();
    if (left <= 0) {
      this.#take(r)?.done({ type: "late" });
      this.#write({ t: "stop", r });
    } else {
      request.timer = this.#clock.after(Math.min(left, NEXT), () => this.#watch(r, request));
    }
  }

  #take(r: number): Request | null {
    const request = this.#requests.get(r);
    if (request === undefined) return null;
    this.#requests.delete(r);
    request.timer();
    return request;
  }
}
