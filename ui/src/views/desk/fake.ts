import type { CallId } from "../../bindings/CallId";
import type { LinkId } from "../../bindings/LinkId";
import type { PageEvent } from "../../bindings/PageEvent";
import type { Cancel, ConferenceView, Room } from "../../conference";
import { FakeHost } from "../../host/fake";
import { CARRIED, type Scene, scene } from "../../host/scenes";
import {
  browserPlatform,
  type Device,
  type DeviceKind,
  type Devices,
  type DevicesListener,
  type LocalMediaView,
  type Plugged,
  type Quality,
  type SoundProcessing,
  type Thrift,
  watchPlugged,
} from "../../media";
import type { AppPorts } from "../app.svelte";
import type { Desk } from "./desk";
import { portrait } from "./fake-pictures";
import { FakeRoom } from "./fake-room";

/** A page without backend, camera and peer, for tests and for work on the views. */
export function openFake(name: string): AppPorts {
  const played = scene(name, Date.now());
  const params = new URLSearchParams(location.search);
  const host = new FakeHost({ ...played, pace: Number(params.get("pace") ?? 1) });
  if (location.hash === "") location.replace(played.hash);
  Object.assign(window, { fakeHost: host });
  return {
    host,
    canWebrtc: played.canWebrtc ?? true,
    loadDesk: () => {
      if (played.media !== null) {
        queueMicrotask(() => {
          host.emit({ type: "MakeOffer", ...CARRIED });
          if (played.media?.participants === true)
            host.emit({ type: "UseMedia", link: CARRIED.link, video: true, hosts: true, conference: null });
        });
      }
      return Promise.resolve(new FakeDesk(played));
    },
  };
}

/** Pictures are drawn, devices are named, nobody is connected. */
export class FakeDesk implements Desk {
  readonly devices = new FakeDevices();
  /** The calls whose other side was told by this page that they are over. */
  readonly goodbyes: CallId[] = [];
  readonly #scene: Scene;
  readonly #listeners = new Set<() => void>();
  readonly #calls = new Map<LinkId, CallId>();
  readonly #rooms = new Map<CallId, FakeRoom>();
  #processing: SoundProcessing = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  #thrift: Thrift = "none";
  #local: LocalMediaView = { microphone: "off", muted: false, camera: "off", preview: null };

  constructor(played: Scene) {
    this.#scene = played;
    Object.assign(window, { fakeDesk: this, fakeDevices: this.devices });
  }

  local(): LocalMediaView {
    return this.#local;
  }

  setMuted(muted: boolean): void {
    this.#change({ muted });
  }

  setCamera(on: boolean): void {
    if (on && this.#thrift === "audio") this.#thrift = "none";
    this.#change({ camera: on ? "on" : "off", preview: on ? portrait("#31607a", "#d9a679") : null });
  }

  preview(_: CallId, { video }: { video: boolean }): void {
    this.#change({ microphone: "on" });
    if (this.#thrift !== "audio") this.setCamera(video);
  }

  endPreview(): void {
    if (this.#rooms.size > 0) return;
    this.#change({ microphone: "off", muted: false });
    this.setCamera(false);
  }

  conference(call: CallId): ConferenceView | null {
    return this.#rooms.get(call)?.view ?? null;
  }

  room(call: CallId): Room | null {
    return this.#scene.media?.ready === false ? null : (this.#rooms.get(call) ?? null);
  }

  processing(): SoundProcessing {
    return this.#processing;
  }

  setProcessing(processing: SoundProcessing): void {
    this.#processing = processing;
    this.#tell();
  }

  thrift(): Thrift {
    return this.#thrift;
  }

  setThrift(thrift: Thrift): void {
    if (thrift === "audio") this.setCamera(false);
    this.#thrift = thrift;
    this.#tell();
  }

  watchQuality(_: LinkId, tell: (quality: Quality) => void): Cancel {
    const poor = this.#scene.quality === "poor";
    const timer = setTimeout(() =>
      tell({
        grade: poor ? "poor" : "good",
        reason: poor ? "loss" : null,
        path: "direct",
        roundTrip: 40,
        loss: poor ? 0.12 : 0,
        received: 900_000,
        sent: 900_000,
        framesDecoded: 100,
        videoCodec: "VP8",
        width: 640,
        height: 360,
        audioCodec: "opus",
        audioReceived: 32_000,
        audioSent: 32_000,
        concealed: poor ? 0.06 : 0,
      }),
    );
    return () => clearTimeout(timer);
  }

  watchPlugged(tell: (plugged: Plugged) => void): Cancel {
    return watchPlugged(this.devices, browserPlatform().clock, tell);
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  handle(event: PageEvent): void {
    if (event.type === "TakeCourier") return;
    if (event.type === "MakeOffer") this.#calls.set(event.link, event.call);
    if (event.type === "CloseLink") this.#calls.delete(event.link);
    const call = this.#calls.get(event.link);
    if (event.type !== "UseMedia" || call === undefined) return;
    const known = [...this.#rooms.values()].find(
      ({ view: { id } }) => id !== null && id === event.conference,
    );
    if (known !== undefined) {
      this.#rooms.set(call, known);
      return this.#tell();
    }
    const room = new FakeRoom(call, event.link, event.video, this.#scene.media ?? {}, () => this.#tell());
    this.#rooms.set(call, room);
    Object.assign(window, { fakeRoom: room });
    this.preview(call, { video: event.video });
  }

  /** The links that are open. */
  get links(): readonly LinkId[] {
    return [...this.#calls.keys()];
  }

  hangUp(call: CallId): void {
    this.goodbyes.push(call);
  }

  callEnded(call: CallId): void {
    this.#rooms.delete(call);
    this.endPreview();
  }

  configure(): void {}
  networkChanged(): void {}
  close(): void {}

  #change(part: Partial<LocalMediaView>): void {
    this.#local = { ...this.#local, ...part };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Devices that have names only. */
export class FakeDevices implements Devices {
  readonly canChooseSpeaker = true;
  readonly #chosen = new Map<DeviceKind, string>();
  readonly #listeners = new Set<DevicesListener>();
  #all: readonly Device[] = [
    { id: "c1", kind: "camera", label: "Integrated Camera", group: "built-in" },
    { id: "c2", kind: "camera", label: "USB Camera", group: "usb" },
    { id: "m1", kind: "microphone", label: "Built-in Microphone", group: "built-in" },
    { id: "m2", kind: "microphone", label: "Headset", group: "headset" },
    { id: "s1", kind: "speaker", label: "Headset", group: "headset" },
  ];

  list(kind: DeviceKind): readonly Device[] {
    return this.#all.filter((device) => device.kind === kind);
  }

  has(): boolean {
    return true;
  }

  used(kind: DeviceKind): Device | null {
    return this.#all.find(({ id }) => id === this.#chosen.get(kind)) ?? null;
  }

  choose(kind: DeviceKind, id: string | null): void {
    if (id === null) this.#chosen.delete(kind);
    else this.#chosen.set(kind, id);
    for (const listener of this.#listeners) listener([], kind);
  }

  /** A device is plugged in. */
  appear(device: Device): void {
    this.#all = [...this.#all, device];
    for (const listener of this.#listeners) listener([device], null);
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(listener: DevicesListener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {}
}
