import type { LocalSource, Thrift } from "../../../src/conference/types";

/** Camera and microphone that are what the test says. */
export class FakeSource implements LocalSource {
  microphoneTrack: MediaStreamTrack | null = null;
  cameraTrack: MediaStreamTrack | null = null;
  screenTrack: MediaStreamTrack | null = null;
  screenSoundTrack: MediaStreamTrack | null = null;
  readonly screenStream: MediaStream | null = null;
  muted = false;
  thrift: Thrift = "none";
  readonly calls: string[] = [];
  readonly #listeners = new Set<() => void>();

  get cameraOn(): boolean {
    return this.cameraTrack !== null;
  }

  get sharing(): boolean {
    return this.screenTrack !== null;
  }

  startScreen(): Promise<boolean> {
    this.share(true);
    return Promise.resolve(true);
  }

  stopScreen(): void {
    this.share(false);
  }

  start({ video }: { video: boolean }): Promise<void> {
    this.calls.push(video ? "start with camera" : "start");
    return Promise.resolve();
  }

  stop(): void {
    this.calls.push("stop");
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  turnCamera(on: boolean): void {
    this.cameraTrack = on ? trackOf("video") : null;
    for (const listener of this.#listeners) listener();
  }

  /** A screen with sound. */
  share(on: boolean): void {
    this.screenTrack = on ? trackOf("video") : null;
    this.screenSoundTrack = on ? trackOf("audio") : null;
    for (const listener of this.#listeners) listener();
  }
}

function trackOf(kind: "audio" | "video"): MediaStreamTrack {
  return { kind, getSettings: () => ({}) } as MediaStreamTrack;
}
