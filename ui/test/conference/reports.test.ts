import { expect, test } from "vitest";
import { Reports } from "../../src/conference/reports";
import type { Out, RosterView } from "../../src/conference/overlay";
import type { ParticipantView, Report } from "../../src/conference";
import { VirtualClock } from "./support/clock";

/** What Alice's page tells her backend, who has a call that leads into the conference. */
class Alice {
  readonly told: Report[] = [];
  readonly #out = new Map<string, Out>();
  readonly #reports = new Reports({
    clock: new VirtualClock(),
    calls: new Set(["call-1"]),
    idOf: () => null,
    ownAddress: () => "alice@example.test",
    out: () => this.#out,
    isGone: () => false,
    isOpen: () => true,
    refuse: () => undefined,
    report: (report) => this.told.push(report),
  });

  /** Bob has proven to have his address under all of these. */
  sees(...ids: string[]): void {
    const proof = "proven";
    const tiles = ids.map((id) => ({ id, address: "bob@example.test", proof }) as ParticipantView);
    const view = { id: "budget", topic: "", standing: "in", out: this.#out, participants: [], absent: [] };
    this.#reports.follow(view as unknown as RosterView, [], tiles);
  }

  removes(id: string): void {
    this.#out.set(id, "removed");
  }

  /** Whose calls her backend takes without ringing. */
  get proven(): readonly string[] | undefined {
    return this.told.flatMap((one) => (one.type === "Conference" ? [one.proven] : [])).at(-1);
  }
}

test("Bob, who was in with two devices and is removed under one id, comes back under no other without ringing", () => {
  const alice = new Alice();
  alice.sees("b1", "b2");
  expect(alice.proven).toEqual(["bob@example.test"]);
  alice.removes("b1");
  alice.sees("b2");
  expect(alice.proven).toEqual([]);
});
