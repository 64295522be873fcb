import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ClientMessage } from "../../src/bindings/ClientMessage";
import type { Event } from "../../src/bindings/Event";
import { LoopbackHost } from "../../src/host/loopback";
import { scene } from "../../src/host/scenes";

const PAGE = "cd".repeat(16);

/** The page's end of a WebSocket whose other end is the test. */
class FakeSocket {
  static readonly made: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: ClientMessage[] = [];
  key: string | undefined;
  closed = false;

  constructor() {
    FakeSocket.made.push(this);
  }

  send(text: string): void {
    if (this.key === undefined) this.key = text;
    else this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.closed = true;
    this.onclose?.();
  }

  /** The backend answers hello. */
  greet(): void {
    this.onopen?.();
    const hello = this.sent[0];
    this.onmessage?.({ data: JSON.stringify({ reply: hello?.id, result: { ok: { type: "Done" } } }) });
  }
}

function open(): LoopbackHost {
  const connect = () => new FakeSocket() as unknown as WebSocket;
  return new LoopbackHost({ url: "ws://127.0.0.1:1/ws", key: "key", page: PAGE, canWebrtc: false, connect });
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

const made = () => FakeSocket.made.length;
const last = () => {
  const socket = FakeSocket.made.at(-1);
  if (socket === undefined) throw new Error("no socket was made");
  return socket;
};

test("every socket begins with the key of the page", async () => {
  const host = open();
  last().greet();
  last().close();
  await vi.advanceTimersByTimeAsync(1000);
  last().greet();

  expect(FakeSocket.made.map((socket) => socket.key)).toEqual(["key", "key"]);
  host.close();
});

test("after a break the same page says hello again", async () => {
  open();
  last().greet();
  last().onclose?.();
  await vi.advanceTimersByTimeAsync(100);
  last().onopen?.();
  expect(made()).toBe(2);
  expect(last().sent[0]?.command).toEqual({ type: "Hello", page: PAGE, can_webrtc: false });
});

test("while nobody answers it tries less and less often, at most every five seconds", async () => {
  open();
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    const before = Date.now();
    last().onclose?.();
    const count = made();
    while (made() === count) await vi.advanceTimersByTimeAsync(50);
    times.push(Date.now() - before);
  }
  expect(times).toEqual([100, 250, 500, 1000, 2000, 5000, 5000, 5000]);
});

test("four attempts fit into the five seconds in which a page may come back", async () => {
  open();
  last().greet();
  const start = Date.now();
  last().onclose?.();
  for (let i = 2; i <= 5; i++) {
    while (made() < i) await vi.advanceTimersByTimeAsync(10);
    if (i < 5) last().onclose?.();
  }
  expect(Date.now() - start).toBeLessThan(5000);
});

test("a page that comes into view does not wait for the next attempt", () => {
  const host = open();
  last().onclose?.();
  host.retryNow();
  expect(made()).toBe(2);
});

test("a page that is connected makes no second connection", () => {
  const host = open();
  last().greet();
  host.retryNow();
  expect(made()).toBe(1);
});

test("a page in a browser is a guest: it cannot end the program", () => {
  expect(open().quit).toBeNull();
});

test("events come in order", () => {
  const host = open();
  const seen: string[] = [];
  host.onEvent(({ type }) => seen.push(type));
  const tell = (event: Event) => last().onmessage?.({ data: JSON.stringify({ event }) });
  last().greet();
  tell({ type: "Snapshot", ...scene("main", 0).snapshot });
  tell({ type: "AccountRemoved", account: 7 });
  expect(seen).toEqual(["Snapshot", "AccountRemoved"]);
});

test("a closed host stays closed", async () => {
  const host = open();
  last().greet();
  host.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(made()).toBe(1);
  expect(last().closed).toBe(true);
});
