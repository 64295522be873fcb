import type { Cancel, Clock, ConferenceId, ParticipantId } from "../types";
import { Bucket } from "./bucket";
import { countOf, fieldsOf, idOf, textOf, type Fields } from "./fields";
import { MAX_HOPS, type Frame } from "./frame";
import type { Keys, Verifier } from "./keys";
import { Claim, MAX_BODY, Signed } from "./signed";
import { Window } from "./window";

/** How long the other end has to confirm each attempt, in milliseconds; then another path is tried. */
const PATIENCE = 800;
/** Each attempt has so many times as long as the one before. */
const PATIENCE_GROWS = 1.6;
/** How long a message is tried for, in milliseconds. */
const GIVE_UP = 12_000;
/** How long a confirmation waits for a message to go with, in milliseconds. */
const CONFIRM_AFTER = 100;
/** What one participant may send through another: a burst of messages, and after it so many a second. */
const MESSAGES = { burst: 300, perSecond: 50 } as const;
/** Messages wait so long for their sender's admission, which may be on its way; in milliseconds. */
const HOLD = 2000;
/** For how long the way that a message came is a way back, in milliseconds. */
const WAY_BACK = 5000;
const MAX_ATTEMPTS = 8;
const MAX_HELD = 64;
const MAX_PENDING = 256;
const MAX_KIND = 32;
const MAX_CONFIRMED = 64;
const SEEN = 1024;
/** The most senders whose messages are told apart. */
const MAX_SENDERS = 1024;

export interface RouterPorts {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly verifier: Verifier;
  readonly conference: ConferenceId;
  isMember(id: ParticipantId): boolean;
  /** From this device, both ends included; null if there is none. */
  path(to: ParticipantId, avoiding: ReadonlySet<ParticipantId>): readonly ParticipantId[] | null;
  /** False if there is no live link to it. */
  forward(to: ParticipantId, frame: Frame): boolean;
  deliver(from: ParticipantId, kind: string, body: Fields): void;
  readonly fault: (error: unknown) => void;
}

interface Message {
  readonly t: "msg";
  readonly to: ParticipantId;
  readonly n: number;
  /** From 0. Signed with the rest: whoever is on the path of one attempt has no other to make others tired of. */
  readonly attempt: number;
  /** Empty: only confirms. */
  readonly kind: string;
  readonly body: Fields;
  /** Messages of the other end that have come. */
  readonly confirms: readonly number[];
}

interface Pending {
  readonly message: Omit<Message, "attempt">;
  readonly until: number;
  /** Who was on paths that did not do. */
  readonly tried: Set<ParticipantId>;
  /** That of the newest attempt; null: there was none. */
  path: readonly ParticipantId[] | null;
  /** The path is only the way back of a message. */
  isGuess: boolean;
  attempt: number;
  cancel: Cancel;
}

interface Sender {
  /** The neighbour over whom its newest message came, and when. */
  back: { readonly over: ParticipantId; readonly at: number } | null;
  readonly delivered: Window;
  readonly passed: Window;
  readonly bucket: Bucket;
}

/**
 * Takes signed messages from one participant to another over others. The sender chooses the path; if the other end
 * does not confirm in time, it chooses another that avoids everybody on the first. Each message is delivered at most
 * once; the order is kept as long as the path is.
 */
export class Router {
  readonly #ports: RouterPorts;
  readonly #senders = new Map<ParticipantId, Sender>();
  readonly #pending = new Map<number, Pending>();
  readonly #confirms = new Map<ParticipantId, { numbers: number[]; cancel: Cancel }>();
  #held: { readonly from: ParticipantId; readonly frame: Frame & { t: "msg" }; readonly until: number }[] =
    [];
  #n = 0;
  #signing: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(ports: RouterPorts) {
    this.#ports = ports;
  }

  /** False if there is no path, or too much is on its way; nothing is sent then. */
  send(to: ParticipantId, kind: string, body: Fields): boolean {
    if (this.#isOver || kind === "" || kind.length > MAX_KIND) return false;
    if (this.#pending.size >= MAX_PENDING || this.#path(to, NOBODY) === null) return false;
    if (JSON.stringify(body).length > MAX_BODY - 4096) return false;
    this.#say(to, kind, body);
    return true;
  }

  async take(from: ParticipantId, frame: Frame & { t: "msg" }): Promise<boolean> {
    const claim = Claim.read(frame.msg);
    const message = claim && readMessage(claim.fields);
    if (claim === null || message === null) return false;
    const { keys, verifier, conference } = this.#ports;
    if (claim.by === keys.id) return true;
    if (!this.#ports.isMember(claim.by)) {
      this.#hold(from, frame);
      return true;
    }
    const isForMe = message.to === keys.id;
    const sender = this.#sender(claim.by);
    const number = message.n * MAX_ATTEMPTS + message.attempt;
    if (sender.passed.has(number)) return true;
    const signed = await Signed.check(verifier, conference, claim);
    if (signed === null) return false;
    if (!sender.passed.take(number) || !sender.bucket.take()) return true;
    sender.back = { over: from, at: this.#ports.clock.now() };
    if (isForMe) this.#deliver(signed.by, sender, message);
    else this.#pass(from, signed, frame, message.to);
    return true;
  }

  /** Somebody has become a member: what it sent may count now. */
  membersChanged(): void {
    const now = this.#ports.clock.now();
    const held = this.#held;
    this.#held = [];
    for (const { from, frame, until } of held)
      if (until >= now) this.take(from, frame).catch(this.#ports.fault);
  }

  /** Links broke or came up: messages whose path is no more, or that had none, are sent again at once. */
  pathsChanged(isLinked: (a: ParticipantId, b: ParticipantId) => boolean): void {
    for (const pending of this.#pending.values()) {
      const { path, message } = pending;
      const isWhole = path?.every((id, at) => at === 0 || isLinked(path[at - 1] ?? id, id)) === true;
      if (path !== null && pending.isGuess && isLinked(this.#ports.keys.id, path[1] ?? message.to)) continue;
      if (!isWhole && this.#path(message.to, NOBODY) !== null) this.#try(pending);
    }
  }

  close(): void {
    this.#isOver = true;
    for (const { cancel } of this.#pending.values()) cancel();
    for (const { cancel } of this.#confirms.values()) cancel();
    this.#pending.clear();
    this.#confirms.clear();
    this.#held = [];
  }

  #say(to: ParticipantId, kind: string, body: Fields): void {
    const n = this.#n;
    this.#n += 1;
    const message = { t: "msg", to, n, kind, body, confirms: this.#takeConfirms(to) } as const;
    const until = this.#ports.clock.now() + GIVE_UP;
    const tried = new Set<ParticipantId>();
    const pending: Pending = {
      message,
      until,
      tried,
      path: null,
      isGuess: false,
      attempt: 0,
      cancel: () => undefined,
    };
    if (kind !== "") this.#pending.set(n, pending);
    this.#try(pending);
  }

  #try(pending: Pending): void {
    pending.cancel();
    const { message, tried, attempt } = pending;
    const { clock } = this.#ports;
    if (attempt >= MAX_ATTEMPTS || clock.now() >= pending.until) {
      this.#pending.delete(message.n);
      return;
    }
    for (const id of pending.path?.slice(1, -1) ?? []) tried.add(id);
    pending.path = this.#path(message.to, tried) ?? this.#path(message.to, NOBODY);
    pending.isGuess = this.#ports.path(message.to, NOBODY) === null;
    const [, next, ...via] = pending.path ?? [];
    if (next !== undefined) {
      pending.attempt += 1;
      this.#send(next, { ...message, attempt }, via.slice(0, -1));
    }
    if (this.#pending.has(message.n))
      pending.cancel = clock.after(PATIENCE * PATIENCE_GROWS ** attempt, () => this.#try(pending));
  }

  /** One after the other, so that messages leave in order. */
  #send(next: ParticipantId, message: Message, via: readonly ParticipantId[]): void {
    this.#signing = this.#signing
      .then(async () => {
        const { wire } = await Signed.make(this.#ports.keys, this.#ports.conference, message);
        if (!this.#isOver) this.#ports.forward(next, { t: "msg", msg: wire, via });
      })
      .catch(this.#ports.fault);
  }

  /** Somebody may be heard of before its links are: then the way back is the way its message came. */
  #path(to: ParticipantId, avoiding: ReadonlySet<ParticipantId>): readonly ParticipantId[] | null {
    const known = this.#ports.path(to, avoiding);
    const back = this.#senders.get(to)?.back ?? null;
    if (known !== null || back === null || avoiding.has(back.over)) return known;
    const isRecent = this.#ports.clock.now() - back.at < WAY_BACK;
    return isRecent ? [...new Set([this.#ports.keys.id, back.over, to])] : null;
  }

  #pass(from: ParticipantId, signed: Signed, frame: Frame & { t: "msg" }, to: ParticipantId): void {
    const [next = to, ...rest] = frame.via;
    const msg = signed.wire;
    if (next !== from && this.#ports.forward(next, { t: "msg", msg, via: rest })) return;
    const detour = this.#path(to, new Set([from, signed.by, next]));
    const first = detour?.[1];
    if (detour === null || first === undefined || detour.length > MAX_HOPS) return;
    this.#ports.forward(first, { t: "msg", msg, via: detour.slice(2, -1) });
  }

  #deliver(from: ParticipantId, sender: Sender, { n, kind, body, confirms }: Message): void {
    for (const confirmed of confirms) {
      const pending = this.#pending.get(confirmed);
      if (pending?.message.to !== from) continue;
      pending.cancel();
      this.#pending.delete(confirmed);
    }
    if (kind === "") return;
    this.#confirm(from, n);
    if (!sender.delivered.take(n)) return;
    try {
      this.#ports.deliver(from, kind, body);
    } catch (error) {
      this.#ports.fault(error);
    }
  }

  #confirm(to: ParticipantId, n: number): void {
    const known = this.#confirms.get(to);
    if (known !== undefined) {
      if (known.numbers.length < MAX_CONFIRMED) known.numbers.push(n);
      return;
    }
    const cancel = this.#ports.clock.after(CONFIRM_AFTER, () => this.#say(to, "", {}));
    this.#confirms.set(to, { numbers: [n], cancel });
  }

  #takeConfirms(to: ParticipantId): number[] {
    const known = this.#confirms.get(to);
    this.#confirms.delete(to);
    known?.cancel();
    return known?.numbers ?? [];
  }

  #hold(from: ParticipantId, frame: Frame & { t: "msg" }): void {
    const now = this.#ports.clock.now();
    this.#held = this.#held.filter(({ until }) => until >= now);
    if (this.#held.length < MAX_HELD) this.#held.push({ from, frame, until: now + HOLD });
  }

  #sender(id: ParticipantId): Sender {
    const known = this.#senders.get(id);
    if (known !== undefined) return known;
    if (this.#senders.size >= MAX_SENDERS)
      for (const old of this.#senders.keys()) if (!this.#ports.isMember(old)) this.#senders.delete(old);
    const fresh: Sender = {
      back: null,
      delivered: new Window(SEEN),
      passed: new Window(SEEN * MAX_ATTEMPTS),
      bucket: new Bucket(this.#ports.clock, MESSAGES),
    };
    this.#senders.set(id, fresh);
    return fresh;
  }
}

function readMessage(fields: Fields): Message | null {
  const to = idOf(fields["to"]);
  const n = countOf(fields["n"], 2 ** 40);
  const attempt = countOf(fields["attempt"], MAX_ATTEMPTS - 1);
  const kind = textOf(fields["kind"], MAX_KIND);
  const body = fieldsOf(fields["body"]);
  const confirms: unknown = fields["confirms"];
  if (fields["t"] !== "msg" || to === null || n === null || attempt === null) return null;
  if (kind === null || body === null) return null;
  if (!Array.isArray(confirms) || confirms.length > MAX_CONFIRMED) return null;
  return {
    t: "msg",
    to,
    n,
    attempt,
    kind,
    body,
    confirms: confirms.filter((one) => typeof one === "number"),
  };
}

const NOBODY: ReadonlySet<ParticipantId> = new Set();
