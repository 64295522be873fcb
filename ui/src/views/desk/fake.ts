import type { CallId } from "../../bindings/CallId";
import type { LinkId } from "../../bindings/LinkId";
import type { PageEvent } from "../../bindings/PageEvent";
import type { Cancel, ConferenceView, Room } from "../../conference";
import { FakeHost } from "../../host/fake";
import { CARRIED, type Scene, scene } from "../../host/scenes";
import type {
  Device,
  DeviceKind,
  Devices,
  LocalMediaView,
  Quality,
  SoundProcessing,
  Thrift,
} from "../../media";
import type { AppPorts } from "../app.svelte";
import type { Desk } from "./desk";

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
            host.emit({ type: "UseMedia", link: CARRIED.link, video: true });
        });
      }
      return Promise.resolve(new FakeDesk(played));
    },
  };
}

/** Pictures are drawn, devices are named, nobody is connected. */
class FakeDesk implements Desk {
  readonly devices = new FakeDevices();
  readonly #scene: Scene;
  readonly #listeners = new Set<() => void>();
  readonly #calls = new Map<LinkId, CallId>();
  readonly #conferences = new Map<CallId, ConferenceView>();
  #local: LocalMediaView = { microphone: "off", muted: false, camera: "off", preview: null };

  constructor(played: Scene) {
    this.#scene = played;
  }

  local(): LocalMediaView {
    return this.#local;
  }

  setMuted(muted: boolean): void {
    this.#change({ muted });
  }

  setCamera(on: boolean): void {
    this.#change({ camera: on ? "on" : "off", preview: on ? picture("#31607a", "#d9a679") : null });
  }

  preview(_: CallId, { video }: { video: boolean }): void {
    this.#change({ microphone: "on" });
    this.setCamera(video);
  }

  endPreview(): void {
    if (this.#conferences.size > 0) return;
    this.#change({ microphone: "off", muted: false });
    this.setCamera(false);
  }

  conference(call: CallId): ConferenceView | null {
    return this.#conferences.get(call) ?? null;
  }

  room(): Room | null {
    return null;
  }

  processing(): SoundProcessing {
    return { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  }

  setProcessing(): void {}

  thrift(): Thrift {
    return "none";
  }

  setThrift(): void {}

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
      }),
    );
    return () => clearTimeout(timer);
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  handle(event: PageEvent): void {
    if (event.type === "MakeOffer") this.#calls.set(event.link, event.call);
    const call = this.#calls.get(event.link);
    if (event.type !== "UseMedia" || call === undefined) return;
    const { camera = true, muted = false } = this.#scene.media ?? {};
    this.#conferences.set(call, {
      call,
      id: null,
      topic: "",
      locked: false,
      own: { id: "0".repeat(32), hand: null, organiser: true, screen: null },
      speaker: null,
      participants: [
        {
          key: "peer",
          address: "bob@example.test",
          proof: "proven",
          introducedBy: "",
          device: "laptop",
          screen: null,
          hand: null,
          organiser: false,
          link: event.link,
          id: null,
          name: "Bob",
          stream: picture("#4a3a63", "#c99a78"),
          muted,
          camera: camera && event.video,
          connection: "connected",
        },
      ],
    });
    this.preview(call, { video: event.video });
  }

  callEnded(call: CallId): void {
    this.#conferences.delete(call);
    this.endPreview();
  }

  configure(): void {}
  networkChanged(): void {}
  close(): void {}

  #change(part: Partial<LocalMediaView>): void {
    this.#local = { ...this.#local, ...part };
    for (const listener of this.#listeners) listener();
  }
}

class FakeDevices implements Devices {
  readonly canChooseSpeaker = true;
  readonly #chosen = new Map<DeviceKind, string>();
  readonly #listeners = new Set<(appeared: readonly Device[]) => void>();
  readonly #all: readonly Device[] = [
    { id: "c1", kind: "camera", label: "Integrated Camera" },
    { id: "c2", kind: "camera", label: "USB Camera" },
    { id: "m1", kind: "microphone", label: "Built-in Microphone" },
    { id: "m2", kind: "microphone", label: "Headset" },
    { id: "s1", kind: "speaker", label: "Headset" },
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
    for (const listener of this.#listeners) listener([]);
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(listener: (appeared: readonly Device[]) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {}
}

/** Head and shoulders in two colours, as a stream. */
function picture(ground: string, skin: string): MediaStream {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext("2d");
  if (context === null) return new MediaStream();
  const draw = () => {
    context.fillStyle = ground;
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = "#20304a";
    context.beginPath();
    context.ellipse(320, 400, 150, 140, 0, 0, 7);
    context.fill();
    context.fillStyle = skin;
    context.beginPath();
    context.ellipse(320, 175, 72, 92, 0, 0, 7);
    context.fill();
  };
  draw();
  setInterval(draw, 200);
  return canvas.captureStream(10);
}
