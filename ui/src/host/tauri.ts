import { invoke } from "@tauri-apps/api/core";
import { getCurrentWebviewWindow } from "@tauri-apps/api/webviewWindow";

import type { Answer } from "../bindings/Answer";
import type { Command } from "../bindings/Command";
import type { Event } from "../bindings/Event";
import type { PageId } from "../bindings/PageId";
import type { ServerMessage } from "../bindings/ServerMessage";
import { Exchange } from "./exchange";
import type { Host, HostStatus, Unsubscribe } from "./host";

/**
 * The backend in the process of this native window: the command `dispatch { message: ClientMessage }` gives, the
 * event `mailcall` brings `ServerMessage`s for this window, replies among them.
 */
export class TauriHost implements Host {
  readonly kind = "tauri";
  readonly quit = (): Promise<void> => invoke("quit");
  readonly #exchange: Exchange;
  #unlisten: Unsubscribe = () => undefined;

  private constructor(page: PageId, canWebrtc: boolean) {
    this.#exchange = new Exchange(page, canWebrtc);
  }

  static async open(page: PageId, canWebrtc: boolean): Promise<TauriHost> {
    const host = new TauriHost(page, canWebrtc);
    host.#unlisten = await getCurrentWebviewWindow().listen<ServerMessage>("mailcall", ({ payload }) =>
      host.#exchange.received(payload),
    );
    // Each is a task of its own there: without waiting, one could overtake the other.
    let last = Promise.resolve();
    host.#exchange.opened((message) => {
      last = last.then(() => invoke<void>("dispatch", { message })).catch(() => host.#exchange.lost());
    });
    return host;
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

  close(): void {
    this.#unlisten();
    this.#exchange.closed();
  }
}
