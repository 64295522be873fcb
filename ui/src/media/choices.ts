import type { SoundProcessing, Thrift } from "./types";

/** What the user chose about sound and pictures, remembered in the browser's storage. */
export class Choices {
  readonly #storage: Pick<Storage, "getItem" | "setItem">;
  #processing: SoundProcessing;
  #thrift: Thrift;

  constructor(storage: Pick<Storage, "getItem" | "setItem">) {
    this.#storage = storage;
    this.#processing = toProcessing(recall(storage, PROCESSING));
    this.#thrift = toThrift(recall(storage, THRIFT));
  }

  get processing(): SoundProcessing {
    return this.#processing;
  }

  set processing(processing: SoundProcessing) {
    this.#processing = processing;
    this.#remember(PROCESSING, processing);
  }

  get thrift(): Thrift {
    return this.#thrift;
  }

  set thrift(thrift: Thrift) {
    this.#thrift = thrift;
    this.#remember(THRIFT, thrift);
  }

  #remember(key: string, value: unknown): void {
    try {
      this.#storage.setItem(key, JSON.stringify(value));
    } catch {
      // A storage that is full or forbidden: the choice holds as long as the page.
    }
  }
}

const PROCESSING = "mailcall.processing";
const THRIFT = "mailcall.thrift";

function recall(storage: Pick<Storage, "getItem">, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** Everything is on unless it was switched off. */
function toProcessing(value: unknown): SoundProcessing {
  const off = (name: keyof SoundProcessing): boolean =>
    typeof value === "object" && value !== null && (value as Record<string, unknown>)[name] === false;
  return {
    echoCancellation: !off("echoCancellation"),
    noiseSuppression: !off("noiseSuppression"),
    autoGainControl: !off("autoGainControl"),
  };
}

function toThrift(value: unknown): Thrift {
  return value === "saver" || value === "audio" ? value : "none";
}
