import type { App } from "../app.svelte";
import type { Shortcut } from "./shortcuts";
import type { Stage } from "./stage.svelte";

/** What buttons and keys do during a call. */
export class CallActions {
  readonly #app: App;
  readonly #stage: Stage;
  fullScreen = $state(document.fullscreenElement !== null);
  /** Phones cannot share their screens. */
  readonly canShare: boolean;

  constructor(app: App, stage: Stage) {
    this.#app = app;
    this.#stage = stage;
    // Absent on a page that is not secure.
    const media = navigator.mediaDevices as MediaDevices | undefined;
    this.canShare = media !== undefined && "getDisplayMedia" in media;
  }

  get cameraOn(): boolean {
    const camera = this.#app.local?.camera;
    return camera === "on" || camera === "opening";
  }

  mute = (): void => this.#app.desk?.setMuted(!(this.#app.local?.muted ?? false));
  camera = (): void => this.#app.desk?.setCamera(!this.cameraOn);
  hand = (): void => this.#stage.toggleHand();
  share = (): void => {
    this.#stage.toggleSharing().catch(this.#app.fault);
  };
  chat = (): void => this.#stage.toggle("chat");
  people = (): void => this.#stage.toggle("people");
  view = (): void => this.#stage.setMode(this.#stage.mode === "grid" ? "speaker" : "grid");
  full = (): void => {
    // Of the document itself: the event that tells us comes a frame later.
    const isFull = document.fullscreenElement !== null;
    const change = isFull ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    change.catch(this.#app.fault);
  };
  /** What comes after the call has no button to leave it. */
  leaveFull(): void {
    if (document.fullscreenElement !== null) document.exitFullscreen().catch(this.#app.fault);
  }
  list = (): void => {
    this.#stage.dialogue = { type: "keys" };
  };

  /** Does what a key stands for; false if that makes no sense now. */
  press(shortcut: Shortcut, { media, together }: { media: boolean; together: boolean }): boolean {
    const needsMedia = shortcut === "mute" || shortcut === "camera";
    const needsNothing = shortcut === "full" || shortcut === "list";
    if (needsMedia ? !media : !needsNothing && !together) return false;
    if (shortcut === "share" && !this.canShare) return false;
    this[shortcut]();
    return true;
  }
}
