import type { FileState } from "../documents/types";
import type { Cancel, Clock, ParticipantId } from "../types";
import { Download } from "./download";
import type { EarlyChannel } from "./early";
import { FileLink, type FileChannel } from "./link";
import { countOf, hashPieces, idOf, type Content, type FileId } from "./pieces";
import type { FileStore } from "./store";
import { Uploads } from "./uploads";
import { LIST } from "./wire";

export interface TransferPorts {
  readonly clock: Clock;
  readonly store: FileStore;
  /** Who else says to have the whole of a file; some of them may be gone, or lie. */
  holders(file: FileId): Iterable<ParticipantId>;
  /** The whole of a file has come. */
  completed(file: FileId): void;
  /** A state changed. */
  changed(): void;
  readonly fault: (error: unknown) => void;
}

interface Whole {
  readonly key: string;
  readonly hashes: Uint8Array<ArrayBuffer>;
}

/** Brings files from whoever has them to whoever wants them. */
export class Transfers {
  readonly #ports: TransferPorts;
  readonly #uploads: Uploads;
  readonly #links = new Map<ParticipantId, FileLink>();
  /** Files that are here, for others. */
  readonly #whole = new Map<FileId, Whole>();
  readonly #downloads = new Map<string, Download>();

  constructor(ports: TransferPorts) {
    this.#ports = ports;
    this.#uploads = new Uploads(ports.clock, (file, piece) => this.#read(file, piece), ports.fault);
  }

  /** The channel for files to a participant is open; another to the same one takes its place. */
  linked(participant: ParticipantId, channel: FileChannel): FileLink {
    const before = this.#links.get(participant);
    const link = new FileLink(participant, channel, this.#uploads, this.#ports.clock);
    this.#links.set(participant, link);
    before?.close();
    this.go();
    return link;
  }

  /** The channel is closed. */
  unlinked(link: FileLink): void {
    if (this.#links.get(link.participant) === link) this.#links.delete(link.participant);
    link.closed();
  }

  /** Goes on with what waits; call when somebody else has a file. */
  go(): void {
    for (const download of this.#downloads.values()) download.go();
  }

  /** Makes a file of this device available. Rejects if it cannot be read. */
  async add(file: Blob): Promise<Content> {
    const hashes = await hashPieces(file);
    const content = { id: await idOf(hashes), size: file.size };
    const key = keyOf(content);
    this.#downloads.get(key)?.cancel();
    this.#downloads.delete(key);
    await this.#ports.store.adopt(key, file);
    this.#whole.set(content.id, { key, hashes });
    return content;
  }

  state(content: Content): FileState {
    if (this.#whole.get(content.id)?.key === keyOf(content)) return { type: "here" };
    return this.#downloads.get(keyOf(content))?.state ?? { type: "offered" };
  }

  /** Starts, or starts again what failed. */
  fetch(content: Content): void {
    const key = keyOf(content);
    const { type } = this.state(content);
    if (type !== "offered" && type !== "failed") return;
    const download: Download = new Download(content, key, {
      clock: this.#ports.clock,
      store: this.#ports.store,
      fault: this.#ports.fault,
      holders: () => new Set(this.#ports.holders(content.id)),
      linkTo: (participant) => this.#links.get(participant) ?? null,
      changed: () => this.#moved(content, download),
    });
    this.#downloads.set(key, download);
    download.go();
    this.#ports.changed();
  }

  cancel(content: Content): void {
    const download = this.#downloads.get(keyOf(content));
    if (download === undefined) return;
    this.#downloads.delete(keyOf(content));
    download.cancel();
    this.#ports.changed();
  }

  /** The whole file, without a type; null unless it is here. Rejects if the storage fails. */
  async read(content: Content): Promise<Blob | null> {
    if (this.state(content).type !== "here") return null;
    return this.#ports.store.whole(keyOf(content), countOf(content));
  }

  close(): void {
    for (const link of [...this.#links.values()]) this.unlinked(link);
    for (const download of this.#downloads.values()) download.cancel();
    for (const { key } of this.#whole.values()) this.#ports.store.drop(key);
    this.#downloads.clear();
    this.#whole.clear();
  }

  #moved(content: Content, download: Download): void {
    const key = keyOf(content);
    if (download.state.type === "here" && download.hashes !== null) {
      this.#downloads.delete(key);
      this.#whole.set(content.id, { key, hashes: download.hashes });
      this.#ports.completed(content.id);
    }
    this.#ports.changed();
  }

  async #read(file: FileId, piece: number): Promise<Uint8Array | null> {
    const whole = this.#whole.get(file);
    if (whole === undefined) return null;
    return piece === LIST ? whole.hashes : this.#ports.store.piece(whole.key, piece);
  }
}

function keyOf({ id, size }: Content): string {
  return `${id}-${size}`;
}

/**
 * Binds a data channel to transfers. Returns what unbinds and closes it.
 *
 * The channel is reliable and ordered and carries nothing else.
 */
export function bindChannel(transfers: Transfers, participant: ParticipantId, early: EarlyChannel): Cancel {
  const { channel } = early;
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW_WATER;
  let link: FileLink | null = null;
  const opened = (): void => {
    link = transfers.linked(participant, channel);
    for (const text of early.take()) link.message(text);
  };
  const closed = (): void => {
    if (link !== null) transfers.unlinked(link);
    link = null;
  };
  channel.addEventListener("open", opened);
  channel.addEventListener("close", closed);
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => link?.message(data));
  channel.addEventListener("bufferedamountlow", () => link?.low());
  if (channel.readyState === "open") opened();
  return () => {
    channel.removeEventListener("open", opened);
    closed();
    channel.close();
  };
}

/** A channel says that it is low below this, in bytes. */
const LOW_WATER = 64 * 1024;
