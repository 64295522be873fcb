import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { Event } from "../bindings/Event";
import type { PageId } from "../bindings/PageId";
import type { ServerMessage } from "../bindings/ServerMessage";
import { Exchange } from "./exchange";
import type { Host, HostStatus, Unsubscribe } from "./host";

/** Pauses between attempts, in ms; the last one repeats. The first fits into the 5 s a page has to come back. */
const PAUSES_MS = [100, 250, 500, 1000, 2000, 5000];

export interface LoopbackOptions {
  readonly url: string;
  /** What `/enter` gave this page; the first message of every socket. */
  readonly key: string;
  readonly page: PageId;
  readonly canWebrtc: boolean;
  /** Makes a socket; tests bring their own. */
  readonly connect?: (url: string) => WebSocket;
}

/** The backend behind the loopback host: one WebSocket, let in by the cookie that `/enter` set and the key. */
export class LoopbackHost implements Host {
  readonly kind = "loopback";
  readonly quit = null;
  readonly #exchange: Exchange;
  readonly #url: string;
  readonly #key: string;
  readonly #connect: (url: string) => WebSocket;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: LoopbackOptions) {
    this.#exchange = new Exchange(options.page, options.canWebrtc);
    this.#url = options.url;
    this.#key = options.key;
    this.#connect = options.connect ?? ((url) => new WebSocket(url));
    this.#open();
  }

  send(command: Command): Promise<Answer> {
    return this.#exchange.send(command);
  }

  onEvent(listener: (event: Event) => void): Unsubscribe {
    return this.#exchange.onEvent(listener);
  }

  onStatus(listener: (status: HostStatus) => void): Unsubscribe {
    return this.#exchange.onStatus(listener);
  }

  /** Tries at once instead of after the pause; for a page that came back into view. */
  retryNow(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#exchange.closed();
  }

  #open(): void {
    this.#timer = undefined;
    const socket = this.#connect(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(this.#key);
      this.#exchange.opened((message) => socket.send(JSON.stringify(message)));
    };
    socket.onmessage = ({ data }) => {
      // The backend is the only one at the other end; its words are typed by the generated contract.
      const message = JSON.parse(String(data)) as ServerMessage;
      this.#exchange.received(message);
      if (this.#exchange.status === "open") this.#attempt = 0;
    };
    // An error is always followed by a close.
    socket.onclose = () => {
      if (this.#closed) return;
      this.#exchange.lost();
      const pause = PAUSES_MS[Math.min(this.#attempt++, PAUSES_MS.length - 1)];
      this.#timer = setTimeout(() => this.#open(), pause);
    };
  }
}
