import { assumedUplink } from "./plan";
import { Uplink, type LinkLoad } from "./uplink";

type Loads = ReadonlyMap<unknown, LinkLoad>;

/** One conference's part of the way out. */
export interface UplinkShare {
  /** How many links the conference has now. */
  has(links: number): void;
  /** What it measured, about once a second; `now` in milliseconds. */
  take(loads: Loads, now: number): void;
  /** Bits per second for all its links together; null: as if it were alone, and nothing limited it. */
  readonly estimate: number | null;
  /** The conference is over: the others have it all. */
  close(): void;
}

/** The way out of this device, which all its conferences share: each has as much of it as it has of the links. */
export class SharedUplink {
  readonly #uplink = new Uplink();
  readonly #shares = new Set<Share>();

  share(): UplinkShare {
    const share = new Share({
      estimateFor: (links) => this.#estimateFor(links),
      took: (one, now) => this.#took(one, now),
      closed: (one) => this.#shares.delete(one),
    });
    this.#shares.add(share);
    return share;
  }

  /** All are looked at together, as often as the oldest of those that have links looks. */
  #took(share: Share, now: number): void {
    const leader = [...this.#shares].find(({ loads }) => loads.size > 0) ?? share;
    if (leader !== share) return;
    this.#uplink.take(new Map([...this.#shares].flatMap(({ loads }) => [...loads])), now);
  }

  #estimateFor(links: number): number | null {
    const all = [...this.#shares].reduce((sum, share) => sum + share.links, 0);
    if (all === links) return this.#uplink.estimate;
    return ((this.#uplink.estimate ?? assumedUplink(all)) * links) / all;
  }
}

class Share implements UplinkShare {
  links = 0;
  loads: Loads = new Map();

  constructor(
    private readonly ports: {
      estimateFor(links: number): number | null;
      took(share: Share, now: number): void;
      closed(share: Share): void;
    },
  ) {}

  get estimate(): number | null {
    return this.ports.estimateFor(this.links);
  }

  has(links: number): void {
    this.links = links;
  }

  take(loads: Loads, now: number): void {
    this.loads = loads;
    this.ports.took(this, now);
  }

  close(): void {
    this.ports.closed(this);
  }
}
