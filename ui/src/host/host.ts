import type { Answer } from "../bindings/Answer";
import type { CertificateView } from "../bindings/CertificateView";
import type { Command } from "../bindings/Command";
import type { CommandError } from "../bindings/CommandError";
import type { ErrorCode } from "../bindings/ErrorCode";
import type { Event } from "../bindings/Event";

/** What runs this page. */
export type HostKind = "tauri" | "loopback" | "fake";

/** `connecting`: not yet, or not again, with the backend; `open`: snapshot and events come. */
export type HostStatus = "connecting" | "open";

/** A code of the backend, or one of the way to it. */
export type FailureCode = ErrorCode | "disconnected";

/** Stops what it was returned for. */
export type Unsubscribe = () => void;

/** The backend, wherever it runs. */
export interface Host {
  readonly kind: HostKind;
  /** Rejects with a {@link CommandFailed}, with nothing else. */
  send(command: Command): Promise<Answer>;
  /** Events in the order in which they happened. A `Snapshot` comes first and after every new connection. */
  onEvent(listener: (event: Event) => void): Unsubscribe;
  /** Tells the present status at once and every change. */
  onStatus(listener: (status: HostStatus) => void): Unsubscribe;
  /** Ends the whole program, politely; null where the page is only its guest. */
  readonly quit: (() => Promise<void>) | null;
  /** Ends the connection for good. */
  close(): void;
}

/** Why a command was not done. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly code: FailureCode;
  /** The server's or the system's words, for a details line; may be empty. */
  readonly detail: string;
  readonly certificate: CertificateView | null;

  constructor(error: Omit<CommandError, "code"> & { code: FailureCode }) {
    super(`command failed: ${error.code}`);
    this.code = error.code;
    this.detail = error.detail;
    this.certificate = error.certificate;
  }

  static disconnected(): CommandFailed {
    return new CommandFailed({ code: "disconnected", detail: "", certificate: null });
  }
}

/** A set of listeners; one that throws does not keep the others from hearing. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
