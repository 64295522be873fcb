import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BULK_AHEAD, Inbox, MAX_BULK, MAX_FRAME, Outbox } from "../../src/conference/frames";
import { MAX_MESSAGE } from "../../src/conference/message";

/** A channel whose network is the test. */
class Line extends EventTarget {
  readyState = "open";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
    this.bufferedAmount += new TextEncoder().encode(text).length;
  }

  drain(): void {
    this.bufferedAmount = 0;
    this.dispatchEvent(new Event("bufferedamountlow"));
  }
}

function pair(): { line: Line; outbox: Outbox; inbox: Inbox; frames: string[] } {
  const line = new Line();
  const frames: string[] = [];
  const outbox = new Outbox(line as unknown as RTCDataChannel);
  return { line, outbox, inbox: new Inbox((frame) => frames.push(frame)), frames };
}

describe("a frame", () => {
  test("of any text arrives as it was sent, in messages that every browser takes whole", () => {
    const text = fc.string({ unit: "binary", maxLength: 40_000, size: "max" });
    fc.assert(
      fc.property(text, fc.constantFrom("control" as const, "bulk" as const), (frame, urgency) => {
        const { line, outbox, inbox, frames } = pair();
        outbox.send(frame, urgency);
        while (line.bufferedAmount >= BULK_AHEAD) line.drain();
        for (const message of line.sent) {
          expect(new TextEncoder().encode(message).length).toBeLessThanOrEqual(MAX_MESSAGE);
          inbox.take(message);
        }
        expect(frames).toEqual([frame]);
      }),
      { numRuns: 60 },
    );
  });

  test("that is urgent arrives between the parts of one that is not", () => {
    const { line, outbox, inbox, frames } = pair();
    outbox.send("x".repeat(200_000), "bulk");
    outbox.send("now", "control");
    while (line.bufferedAmount > 0) {
      for (const message of line.sent.splice(0)) inbox.take(message);
      line.drain();
    }
    expect(frames.map((frame) => frame.length)).toEqual([3, 200_000]);
  });

  test("that never ends is dropped, and the next one is heard", () => {
    const { inbox, frames } = pair();
    for (let sent = 0; sent <= MAX_FRAME; sent += 10_000) inbox.take(`c+${"x".repeat(10_000)}`);
    inbox.take("c.");
    inbox.take("c.hello");
    expect(frames).toEqual(["hello"]);
  });
});

describe("bulk", () => {
  test("waits while the line is full, and goes on when it is free", () => {
    const { line, outbox } = pair();
    outbox.send("x".repeat(1_000_000), "bulk");
    expect(line.bufferedAmount).toBeLessThan(BULK_AHEAD + MAX_MESSAGE);
    const before = line.sent.length;
    line.drain();
    expect(line.sent.length).toBeGreaterThan(before);
  });

  test("is refused when too much of it waits", () => {
    const { outbox } = pair();
    const frame = "x".repeat(MAX_FRAME);
    const taken = Array.from({ length: 20 }, () => outbox.send(frame, "bulk"));
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(MAX_BULK / MAX_FRAME + 1);
    expect(taken.at(-1)).toBe(false);
  });
});

test.each(["{}", "x.hello", "c", "c?hello", ""])("%s is no part of a frame", (message) => {
  expect(pair().inbox.take(message)).toBe(false);
});
