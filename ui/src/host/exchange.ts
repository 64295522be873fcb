import type { Answer } from "../bindings/Answer";
import type { ClientMessage } from "../bindings/ClientMessage";
import type { Command } from "../bindings/Command";
import type { Event } from "../bindings/Event";
import type { PageId } from "../bindings/PageId";
import type { ServerMessage } from "../bindings/ServerMessage";
import { CommandFailed, type HostStatus, Listeners, type Unsubscribe } from "./host";

/** How long a command waits for a connection that is not there. */
const PATIENCE_MS = 10_000;

/**
 * Commands that must not be given twice. All others may: reports and calls' ends are deduplicated by the
 * backend, and settings and contacts are whole values.
 */
const ONCE: ReadonlySet<Command["type"]> = new Set(["Call", "SignIn", "SelfTest"]);

interface Waiting {
  readonly message: ClientMessage;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: CommandFailed) => void;
  /** Whether it was written to the present connection. */
  posted: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Matches replies to commands over a connection that comes and goes. The owner of the connection calls
 * {@link opened}, {@link received} and {@link lost}.
 */
export class Exchange {
  readonly #hello: Command;
  readonly #events = new Listeners<Event>();
  readonly #statuses = new Listeners<HostStatus>();
  readonly #waiting = new Map<number, Waiting>();
  #post: ((message: ClientMessage) => void) | undefined;
  #nextId = 1;
  #helloId = 0;
  #status: HostStatus = "connecting";

  constructor(page: PageId, canWebrtc: boolean) {
    this.#hello = { type: "Hello", page, can_webrtc: canWebrtc };
  }

  get status(): HostStatus {
    return this.#status;
  }

  onEvent(listener: (event: Event) => void): Unsubscribe {
    return this.#events.add(listener);
  }

  onStatus(listener: (status: HostStatus) => void): Unsubscribe {
    listener(this.#status);
    return this.#statuses.add(listener);
  }

  send(command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const message = { id: this.#nextId++, command };
      const waiting: Waiting = { message, resolve, reject, posted: false };
      this.#waiting.set(message.id, waiting);
      this.#deliver(waiting);
    });
  }

  /** A connection is up: says hello on it; what waited follows once the backend has answered. */
  opened(post: (message: ClientMessage) => void): void {
    this.#post = post;
    this.#helloId = this.#nextId++;
    post({ id: this.#helloId, command: this.#hello });
  }

  received(message: ServerMessage): void {
    if ("event" in message) {
      this.#events.tell(message.event);
      return;
    }
    if (message.reply === this.#helloId) {
      if ("ok" in message.result) this.#greeted();
      return;
    }
    const waiting = this.#waiting.get(message.reply);
    if (waiting === undefined) return;
    this.#forget(waiting);
    if ("ok" in message.result) waiting.resolve(message.result.ok);
    else waiting.reject(new CommandFailed(message.result.error));
  }

  /** The connection is gone. What may be repeated waits for the next one. */
  lost(): void {
    this.#post = undefined;
    this.#setStatus("connecting");
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.posted && ONCE.has(waiting.message.command.type)) this.#giveUp(waiting);
      else this.#hold(waiting);
    }
  }

  /** There will be no further connection. */
  closed(): void {
    this.lost();
    for (const waiting of [...this.#waiting.values()]) this.#giveUp(waiting);
  }

  #greeted(): void {
    this.#setStatus("open");
    for (const waiting of [...this.#waiting.values()]) this.#deliver(waiting);
  }

  #deliver(waiting: Waiting): void {
    if (this.#post === undefined || this.#status !== "open") {
      this.#hold(waiting);
      return;
    }
    clearTimeout(waiting.timer);
    waiting.posted = true;
    this.#post(waiting.message);
  }

  #hold(waiting: Waiting): void {
    waiting.posted = false;
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#giveUp(waiting), PATIENCE_MS);
  }

  #giveUp(waiting: Waiting): void {
    this.#forget(waiting);
    waiting.reject(CommandFailed.disconnected());
  }

  #forget(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting.message.id);
  }

  #setStatus(status: HostStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#statuses.tell(status);
  }
}
