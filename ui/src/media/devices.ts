import type { Cancel } from "../conference";
import type { Device, DeviceKind, Devices, DevicesListener } from "./types";

export interface DevicesPorts {
  /** `navigator.mediaDevices`; null on a page that is not secure. */
  readonly media: Pick<MediaDevices, "enumerateDevices" | "addEventListener" | "removeEventListener"> | null;
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly canChooseSpeaker: boolean;
}

export function createDevices(ports: DevicesPorts): Devices {
  return new SystemDevices(ports);
}

/** The devices of this browser, remembered in its local storage. */
export function browserDevices(): Devices {
  return createDevices({
    media: navigator.mediaDevices ?? null,
    storage: localStorage,
    canChooseSpeaker: "setSinkId" in HTMLMediaElement.prototype,
  });
}

const KINDS: Record<string, DeviceKind> = {
  videoinput: "camera",
  audioinput: "microphone",
  audiooutput: "speaker",
};

interface Choice {
  readonly id: string;
  readonly label: string;
}

class SystemDevices implements Devices {
  readonly #ports: DevicesPorts;
  readonly #listeners = new Set<DevicesListener>();
  readonly #onChange = (): void => void this.refresh();
  #devices: readonly Device[] = [];
  /** Kinds of which there is one, named or not. */
  #kinds: ReadonlySet<DeviceKind> = new Set();
  /** The system told them at least once. */
  #isKnown = false;

  constructor(ports: DevicesPorts) {
    this.#ports = ports;
    ports.media?.addEventListener("devicechange", this.#onChange);
  }

  get canChooseSpeaker(): boolean {
    return this.#ports.canChooseSpeaker;
  }

  list(kind: DeviceKind): readonly Device[] {
    return this.#devices.filter((device) => device.kind === kind);
  }

  has(kind: DeviceKind): boolean {
    return this.#kinds.has(kind);
  }

  used(kind: DeviceKind): Device | null {
    const choice = this.#recall(kind);
    if (choice === null) return null;
    const devices = this.list(kind);
    // Browsers give a device a new id when the user clears the site's data; its name stays.
    const byLabel = (device: Device): boolean => choice.label !== "" && device.label === choice.label;
    return devices.find(({ id }) => id === choice.id) ?? devices.find(byLabel) ?? null;
  }

  choose(kind: DeviceKind, id: string | null): void {
    const device = this.list(kind).find((one) => one.id === id);
    if (device === undefined) this.#ports.storage.removeItem(keyOf(kind));
    else this.#ports.storage.setItem(keyOf(kind), JSON.stringify({ id: device.id, label: device.label }));
    this.#tell([], kind);
  }

  async refresh(): Promise<void> {
    const { found, kinds, isTold } = await this.#enumerate();
    const isSame = (a: Device, b: Device): boolean => a.kind === b.kind && a.id === b.id;
    const isNew = (device: Device): boolean =>
      // Without a permission nothing has an id: what gets one when it is given was there before.
      !(this.has(device.kind) && this.list(device.kind).length === 0) &&
      !this.#devices.some((known) => isSame(known, device));
    const nameless = [...kinds]
      .filter((kind) => !this.has(kind) && !found.some((device) => device.kind === kind))
      .map((kind): Device => ({ id: "", kind, label: "", group: "" }));
    const appeared = this.#isKnown ? [...found.filter(isNew), ...nameless] : [];
    const unchanged =
      kinds.size === this.#kinds.size &&
      [...kinds].every((kind) => this.#kinds.has(kind)) &&
      found.length === this.#devices.length &&
      found.every((device, i) => {
        const known = this.#devices[i];
        return known !== undefined && isSame(known, device) && known.label === device.label;
      });
    this.#devices = found;
    this.#kinds = kinds;
    this.#isKnown = isTold;
    if (!unchanged) this.#tell(appeared, null);
  }

  subscribe(listener: DevicesListener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#ports.media?.removeEventListener("devicechange", this.#onChange);
    this.#listeners.clear();
  }

  async #enumerate(): Promise<{ found: Device[]; kinds: Set<DeviceKind>; isTold: boolean }> {
    try {
      const infos = (await this.#ports.media?.enumerateDevices()) ?? [];
      const all = infos.flatMap(({ kind, deviceId, label, groupId }) => {
        const ours = KINDS[kind];
        return ours === undefined ? [] : [{ id: deviceId, kind: ours, label, group: groupId }];
      });
      // "default" and "communications" are Chromium's second names for devices that are listed anyway.
      const isNamed = ({ id }: Device): boolean => id !== "" && id !== "default" && id !== "communications";
      return { found: all.filter(isNamed), kinds: new Set(all.map(({ kind }) => kind)), isTold: true };
    } catch {
      // Forbidden by the system or a policy: there is nothing to choose.
      return { found: [], kinds: new Set(), isTold: false };
    }
  }

  #recall(kind: DeviceKind): Choice | null {
    try {
      const value: unknown = JSON.parse(this.#ports.storage.getItem(keyOf(kind)) ?? "null");
      if (typeof value !== "object" || value === null || !("id" in value) || !("label" in value)) return null;
      const { id, label } = value;
      return typeof id === "string" && typeof label === "string" ? { id, label } : null;
    } catch {
      return null;
    }
  }

  #tell(appeared: readonly Device[], chosen: DeviceKind | null): void {
    for (const listener of this.#listeners) listener(appeared, chosen);
  }
}

function keyOf(kind: DeviceKind): string {
  return `mailcall.${kind}`;
}

/** Lets an element play on a speaker, where the browser can; null: the system's default. Never rejects. */
export async function playOn(element: HTMLMediaElement, speaker: Device | null): Promise<void> {
  if (!("setSinkId" in element)) return;
  // A speaker that has just been unplugged: the element goes on playing on the default.
  await element.setSinkId(speaker?.id ?? "").catch(() => undefined);
}
