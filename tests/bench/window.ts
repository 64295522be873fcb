import { pathToFileURL } from "node:url";

import type { Page } from "playwright-core";

import type { ClientMessage } from "../../ui/src/bindings/ClientMessage.ts";
import { PATIENCE_MS, until, within } from "../harness/wait.ts";
import type { MeasuredBackend } from "./backend.ts";
import { type LaunchOptions, type MeasuredBrowser, launch } from "./browser.ts";

/** What the page tells us as it happens. */
const FRAME = "__benchFirstFrame";

declare global {
  var __benchFirstFrame: () => Promise<void>;
  var __benchCaptures: MediaStreamTrack[];
}

/** Runs in the page before its own scripts: watches peer connections and captures, changes nothing. */
function watch(): void {
  const firstFrame = async (track: MediaStreamTrack): Promise<void> => {
    // Newer than the DOM library of TypeScript.
    const Processor = (globalThis as unknown as { MediaStreamTrackProcessor: TrackProcessor })
      .MediaStreamTrackProcessor;
    const reader = new Processor({ track }).readable.getReader();
    const { value } = await reader.read();
    if (value === undefined) return;
    value.close();
    await globalThis.__benchFirstFrame();
    await reader.cancel();
  };
  const Peer = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("track", ({ track }) => {
        if (track.kind === "video") void firstFrame(track);
      });
    }
  };
  globalThis.__benchCaptures = [];
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return;
  const capture = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    const stream = await capture(constraints);
    globalThis.__benchCaptures.push(...stream.getTracks());
    return stream;
  };
}

type TrackProcessor = new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };

/** A real page of Mailcall in a Chromium of its own, and the moments that count. */
export class MeasuredWindow {
  readonly #frames: number[] = [];
  readonly #opened: number[] = [];
  #wake = new Set<() => void>();

  private constructor(
    private readonly own: MeasuredBrowser,
    readonly page: Page,
  ) {}

  static async open(
    backend: MeasuredBackend,
    prepare: (page: Page) => void | Promise<void> = () => undefined,
    options: LaunchOptions = {},
  ): Promise<MeasuredWindow> {
    const own = await launch(options);
    try {
      const context = await own.browser.newContext({ viewport: { width: 640, height: 480 } });
      const page = await context.newPage();
      const window = new MeasuredWindow(own, page);
      await window.#listen();
      await prepare(page);
      const answer = await backend.client.command({ type: "OpenPage", route: "/" });
      if (answer.type !== "PageFile") throw new Error(`OpenPage answered ${answer.type}`);
      await page.goto(pathToFileURL(answer.path).href);
      await page.waitForURL((url) => url.href.startsWith(`${backend.url}#`) && !url.href.includes("key="));
      // It has said Hello once it shows anything to call with.
      await page.getByRole("combobox").first().waitFor();
      return window;
    } catch (error) {
      await own.server.close();
      throw error;
    }
  }

  /** When the page told its backend that the control channel is open, the first time after a moment. */
  async channelOpens(since: number): Promise<number> {
    return this.#first("the control channel opens", this.#opened, since);
  }

  /** When the first remote frame had been decoded, the first time after a moment. */
  async frameComes(since: number): Promise<number> {
    return this.#first("the first remote frame is decoded", this.#frames, since);
  }

  /** When the first frames of so many remote pictures had been decoded, of those that began after a moment. */
  async framesCome(since: number, pictures: number): Promise<number> {
    return this.#first(`${pictures} remote pictures begin`, this.#frames, since, pictures);
  }

  async show(route: string): Promise<void> {
    await this.page.evaluate((hash) => (location.hash = hash), `#${route}`);
  }

  /** Waits until camera and microphone are open, or closed. */
  async captures(open: boolean): Promise<void> {
    await until(`camera and microphone are ${open ? "open" : "closed"}`, async () => {
      const live = await this.page.evaluate(
        () => globalThis.__benchCaptures.filter(({ readyState }) => readyState === "live").length,
      );
      return (open ? live >= 2 : live === 0) ? true : undefined;
    });
  }

  async close(): Promise<void> {
    await this.own.server.close();
  }

  /** Ends its browser with -9, all of its processes. */
  async kill(): Promise<void> {
    await this.own.server.kill();
  }

  async #listen(): Promise<void> {
    const { page } = this;
    await page.exposeFunction(FRAME, () => this.#note(this.#frames));
    // tsx names every function through a helper that the page does not have.
    await page.addInitScript("globalThis.__name = (named) => named");
    await page.addInitScript(watch);
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => {
        const text = payload.toString();
        // The first text is the page's key.
        if (!text.startsWith("{")) return;
        const { command } = JSON.parse(text) as ClientMessage;
        if (command.type === "LinkState" && command.state === "Open") this.#note(this.#opened);
      });
    });
  }

  #note(moments: number[]): void {
    moments.push(performance.now());
    for (const wake of this.#wake) wake();
  }

  async #first(what: string, moments: readonly number[], since: number, nth = 1): Promise<number> {
    let wake = (): void => undefined;
    const found = new Promise<number>((resolve) => {
      wake = () => {
        const moment = moments.filter((at) => at > since)[nth - 1];
        if (moment !== undefined) resolve(moment);
      };
      this.#wake.add(wake);
      wake();
    });
    try {
      return await within(PATIENCE_MS, what, found);
    } finally {
      this.#wake.delete(wake);
    }
  }
}
