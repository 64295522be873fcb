import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { ClientMessage } from "../../src/bindings/ClientMessage";
import { Exchange } from "../../src/host/exchange";
import { CommandFailed } from "../../src/host/host";

const PAGE = "ab".repeat(16);

/** A connection that keeps what was written and answers on demand. */
class Wire {
  readonly written: ClientMessage[] = [];

  constructor(readonly exchange: Exchange) {
    exchange.opened((message) => this.written.push(message));
  }

  commands(): string[] {
    return this.written.map(({ command }) => command.type);
  }

  done(type: string): void {
    const message = this.written.find(({ command }) => command.type === type);
    if (message === undefined) throw new Error(`${type} was not written`);
    this.exchange.received({ reply: message.id, result: { ok: { type: "Done" } } });
  }
}

/** What became of a promise, without waiting for it. */
function outcome(promise: Promise<unknown>): () => unknown {
  let result: unknown = "pending";
  promise.then(
    (value) => (result = value),
    (error: unknown) => (result = error instanceof CommandFailed ? error.code : error),
  );
  return () => result;
}

const dial = { type: "Call", account: 1, address: "bob@example.test", video: true } as const;
const hangUp = { type: "HangUp", call: "1".repeat(32) } as const;

describe("commands over a connection that comes and goes", () => {
  let exchange: Exchange;
  beforeEach(() => {
    vi.useFakeTimers();
    exchange = new Exchange(PAGE, true);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("hello comes first, the rest once the backend has answered it", async () => {
    const answer = outcome(exchange.send(hangUp));
    const wire = new Wire(exchange);
    expect(wire.written).toMatchObject([{ command: { type: "Hello", page: PAGE, can_webrtc: true } }]);
    wire.done("Hello");
    expect(wire.commands()).toEqual(["Hello", "HangUp"]);
    wire.done("HangUp");
    await vi.advanceTimersByTimeAsync(0);
    expect(answer()).toEqual({ type: "Done" });
  });

  test("an error of the backend is a failure with its code, words and certificate", async () => {
    const wire = new Wire(exchange);
    wire.done("Hello");
    const sent = exchange.send(dial);
    const id = wire.written[1]?.id ?? 0;
    const error = { code: "own_address", detail: "x", certificate: null } as const;
    exchange.received({ reply: id, result: { error } });
    await expect(sent).rejects.toMatchObject(error);
  });

  test("a hang-up that was on its way when the connection broke is said again", async () => {
    const first = new Wire(exchange);
    first.done("Hello");
    const answer = outcome(exchange.send(hangUp));
    exchange.lost();
    const second = new Wire(exchange);
    second.done("Hello");
    expect(second.commands()).toEqual(["Hello", "HangUp"]);
    second.done("HangUp");
    await vi.advanceTimersByTimeAsync(0);
    expect(answer()).toEqual({ type: "Done" });
  });

  test("a call that may have been placed already is not placed twice", async () => {
    const first = new Wire(exchange);
    first.done("Hello");
    const answer = outcome(exchange.send(dial));
    exchange.lost();
    const second = new Wire(exchange);
    second.done("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(answer()).toBe("disconnected");
    expect(second.commands()).toEqual(["Hello"]);
  });

  test("a call that was asked for while the connection was away is placed when it is back", () => {
    void exchange.send(dial);
    const wire = new Wire(exchange);
    wire.done("Hello");
    expect(wire.commands()).toEqual(["Hello", "Call"]);
  });

  test("nobody waits for ever for a backend that does not come back", async () => {
    const answer = outcome(exchange.send(dial));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(answer()).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    expect(answer()).toBe("disconnected");
    const wire = new Wire(exchange);
    wire.done("Hello");
    expect(wire.commands()).toEqual(["Hello"]);
  });

  test("a slow answer is waited for as long as the connection is up", async () => {
    const answer = outcome(exchange.send(hangUp));
    const wire = new Wire(exchange);
    wire.done("Hello");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(answer()).toBe("pending");
  });

  test("the status follows the greeting, not the socket", () => {
    const statuses: string[] = [];
    exchange.onStatus((status) => statuses.push(status));
    const wire = new Wire(exchange);
    expect(statuses).toEqual(["connecting"]);
    wire.done("Hello");
    exchange.lost();
    expect(statuses).toEqual(["connecting", "open", "connecting"]);
  });

  test("closing for good fails what waits", async () => {
    const answer = outcome(exchange.send(hangUp));
    exchange.closed();
    await vi.advanceTimersByTimeAsync(0);
    expect(answer()).toBe("disconnected");
  });

  test("a reply to nothing is passed over", () => {
    expect(() => exchange.received({ reply: 4711, result: { ok: { type: "Done" } } })).not.toThrow();
  });
});
