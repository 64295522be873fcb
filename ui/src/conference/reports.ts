import type { CallId } from "../bindings/CallId";
import type { Out, RosterParticipant, RosterView } from "./overlay";
import type { Clock, ParticipantId, ParticipantView, Report } from "./types";

/**
 * While halves of a conference become one, and until all that was stated is here, somebody may seem to be out for a
 * moment, and who is gone says so in its call or has no link soon; in milliseconds.
 */
const OUT_HOLDS: Readonly<Record<Out | "gone", number>> = {
  removed: 3000,
  dropped: 6000,
  locked: 6000,
  gone: 6000,
};

/** How many addresses one list of a report has: whoever fills the roster with names does not mute the report. */
const MAX_ADDRESSES = 32;

export interface ReportsPorts {
  readonly clock: Clock;
  /** Those that lead into the conference. */
  readonly calls: ReadonlySet<CallId>;
  /** Who is at the other end of a call, once that is known. */
  idOf(call: CallId): ParticipantId | null;
  /** The address of this device in the conference. */
  ownAddress(): string;
  /** Who is out now, and why. */
  out(): RosterView["out"];
  /** Whether somebody has left, or has another id now. */
  isGone(id: ParticipantId): boolean;
  /** Whether the link of a call with somebody is open. */
  isOpen(call: CallId, id: ParticipantId): boolean;
  /** The other end of a call is to hear that the conference is locked. */
  refuse(call: CallId): void;
  readonly report: (report: Report) => void;
}

function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{C}<>()[\],;:\\"@]+@[^\s\p{C}<>()[\],;:\\"@]+$/u.test(text);
}

/** What the backend is told of a conference: which one its calls lead into, and with whom there is to be none. */
export class Reports {
  readonly #ports: ReportsPorts;
  /** What the backend was last told of each call. */
  readonly #told = new Map<CallId, string>();
  /** Calls with people who were put out, or not let in. */
  readonly #expelled = new Set<CallId>();
  readonly #suspected = new Set<CallId>();
  /** Whose address was proven. */
  readonly #proven = new Map<ParticipantId, string>();

  constructor(ports: ReportsPorts) {
    this.#ports = ports;
  }

  /** `shown`: those whose tiles are there; `tiles`: what these say. */
  follow(view: RosterView, shown: readonly RosterParticipant[], tiles: readonly ParticipantView[]): void {
    if (view.standing === "in") this.#expelOut();
    for (const { id, address, proof } of tiles)
      if (id !== null && proof === "proven") this.#proven.set(id, address);
    this.#tell(view, shown);
  }

  /** Somebody is to be mailed something. */
  post(address: string, text: string): void {
    const [call] = this.#ports.calls;
    if (call !== undefined) this.#ports.report({ type: "Courier", call, address, text });
  }

  /** A call is over. */
  forget(call: CallId): void {
    this.#told.delete(call);
  }

  /** There is to be no call with whoever is at its other end. */
  expel(call: CallId): void {
    if (this.#expelled.has(call)) return;
    this.#expelled.add(call);
    this.#ports.report({ type: "Expel", call });
  }

  /** Which conference the calls belong to, and how many would be left without each. */
  #tell(view: RosterView, participants: readonly RosterParticipant[]): void {
    const { id, topic, out } = view;
    const ways = this.#addresses([...view.participants, ...view.absent].map(({ entry }) => entry.address));
    // Whoever is out under one id comes back under no other without ringing.
    const outside = new Set([...this.#proven].flatMap(([one, address]) => (out.has(one) ? [address] : [])));
    const proven = this.#addresses([...this.#proven.values()].filter((address) => !outside.has(address)));
    for (const call of this.#ports.calls) {
      const other = this.#ports.idOf(call);
      const others = participants.filter(({ ids }) => other === null || !ids.includes(other)).length;
      const people = participants.map(({ entry }) => entry.name).filter((name) => name !== "");
      const conference = { id, topic, people };
      const report = { type: "Conference" as const, call, conference, others, ways, proven };
      const text = JSON.stringify(report);
      if (this.#told.get(call) === text) continue;
      this.#told.set(call, text);
      this.#ports.report(report);
    }
  }

  /** Each once, those of others; what is no address would make the whole report be refused. */
  #addresses(all: readonly string[]): string[] {
    const others = [...new Set(all)].filter((one) => isAddress(one) && one !== this.#ports.ownAddress());
    return others.slice(0, MAX_ADDRESSES);
  }

  /** Nobody keeps a call with somebody who is out, once that has held for a while. */
  #expelOut(): void {
    const { calls, clock } = this.#ports;
    for (const call of calls) {
      const suspicion = this.#whyOut(call);
      if (suspicion === null || this.#suspected.has(call)) continue;
      this.#suspected.add(call);
      clock.after(OUT_HOLDS[suspicion], () => {
        this.#suspected.delete(call);
        const why = calls.has(call) ? this.#whyOut(call) : null;
        if (why === null) return;
        // Who is gone says so in the call, and one that broke may be that of a page that is reloaded.
        if (why === "gone" && !this.#isOpen(call)) return this.#expelOut();
        // Who was removed sees that itself.
        if (why === "locked") this.#ports.refuse(call);
        this.expel(call);
      });
    }
  }

  #whyOut(call: CallId): Out | "gone" | null {
    const id = this.#ports.idOf(call);
    if (id === null) return null;
    return this.#ports.out().get(id) ?? (this.#ports.isGone(id) ? "gone" : null);
  }

  #isOpen(call: CallId): boolean {
    const id = this.#ports.idOf(call);
    return id !== null && this.#ports.isOpen(call, id);
  }
}
