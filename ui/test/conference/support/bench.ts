import { createSession, type Person, type Report, type Session } from "../../../src/conference";
import type { KeyStore } from "../../../src/conference/key-store";
import type { Director, DirectorPorts } from "../../../src/conference/types";
import type { KeyRing, Keys } from "../../../src/conference/overlay";
import { FakeRing } from "../overlay/support/keys";
import { Random } from "../overlay/support/random";
import type { PageEvent } from "../../../src/bindings/PageEvent";
import { VirtualClock, settle } from "./clock";
import type { FakeNet } from "./fake-net";
import { FakePeer } from "./fake-peer";
import { FakeSource } from "./fake-source";

/** Of all people here. */
export const ring = new FakeRing(new Random(1));

/** Keys of participants whose ids begin with a digit, for the stories in which their order matters. */
function ringFor(digit: string): KeyRing {
  const create = async (): Promise<Keys> => {
    for (;;) {
      const keys = await ring.create();
      if (keys.id.startsWith(digit)) return keys;
    }
  };
  return { create, verifier: ring.verifier };
}

interface PageOptions {
  readonly clock?: VirtualClock;
  /** How the page calls its user. */
  readonly name?: string;
  /** The first digit of its participant ids. */
  readonly participant?: string;
  readonly iceDiesForGood?: boolean;
  /** Joins its peer connections to those of others; else the test does. */
  readonly net?: FakeNet;
  /** What its user says the own address is. */
  readonly address?: string;
  /** Hears what it tells its backend, too. */
  readonly told?: (report: Report) => void;
  /** What outlives the page; else nothing does. */
  readonly keyStore?: KeyStore | null;
  /** Who decides what is sent; else nobody does. */
  readonly direct?: (page: Page, ports: DirectorPorts) => Director;
}

/** Somebody's page without a browser: a session, its peer connections, and what it told its backend. */
export class Page {
  readonly clock: VirtualClock;
  readonly peers: FakePeer[] = [];
  readonly reports: Report[] = [];
  readonly faults: unknown[] = [];
  readonly local = new FakeSource();
  readonly session: Session;

  /** Calls that it was put out of or not let into, and why. */
  readonly removed: [call: string, why: string][] = [];
  name: string;
  /** For the links to come. */
  call = "call";
  #ids = 0;

  constructor(options: PageOptions = {}) {
    const {
      clock,
      name = "",
      participant = "a",
      iceDiesForGood = false,
      net,
      direct,
      address = "",
      told,
      keyStore = null,
    } = options;
    this.clock = clock ?? new VirtualClock();
    this.name = name;
    const ports = {
      platform: {
        clock: this.clock,
        createPeer: (configuration: RTCConfiguration) => {
          const peer = new FakePeer(configuration, net?.nextName());
          net?.add(peer);
          this.peers.push(peer);
          return peer as unknown as RTCPeerConnection;
        },
        createStream: () => new FakeStream() as unknown as MediaStream,
        randomId: () => (this.#ids++).toString(16).padStart(32, participant),
        iceDiesForGood,
      },
      keyStore,
      direct: (ports: DirectorPorts) => direct?.(this, ports) ?? NOBODY_DIRECTS,
      local: this.local,
      identity: {
        personOf: (): Person | null => null,
        own: () => ({ name: this.name, address, device: "" }),
        prove: () => Promise.resolve(null),
        check: () => Promise.resolve("unknown" as const),
      },
      report: (report: Report) => {
        this.reports.push(report);
        told?.(report);
      },
      removed: (call: string, why: string) => this.removed.push([call, why]),
      fault: (error: unknown) => this.faults.push(error),
    };
    this.session = createSession(ports, { ring: ringFor(participant) });
  }

  /** What its user is called from now on. */
  calls(name: string): void {
    this.name = name;
    this.session.ownChanged();
  }

  /** The newest peer connection. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("no peer connection was made");
    return peer;
  }

  async handle(event: PageEvent): Promise<void> {
    this.session.handle(event);
    await settle();
  }

  description(link = "link"): string {
    const report = this.reports.find((one) => one.type === "Described" && one.link === link);
    if (report?.type !== "Described") throw new Error("not described");
    return report.description;
  }

  states(link = "link"): string[] {
    return this.reports.flatMap((one) => (one.type === "LinkState" && one.link === link ? [one.state] : []));
  }

  /** What it said about links, and not about conferences. */
  get linkReports(): Extract<Report, { readonly link: string }>[] {
    return this.reports.filter((one) => "link" in one);
  }

  signals(): unknown[] {
    return this.reports.flatMap((one) => (one.type === "SignalFromLink" ? [one.signal] : []));
  }

  /** Makes an offer with these candidates. */
  async offer(link = "link", ...candidates: [string, string, number][]): Promise<string> {
    await this.handle({ type: "MakeOffer", call: this.call, link });
    for (const [type, address, port] of candidates) this.peer.gather(type, address, port);
    this.peer.finishGathering();
    return this.description(link);
  }

  async answer(offer: string, link = "link"): Promise<string> {
    await this.handle({ type: "MakeAnswer", call: this.call, link, description: offer });
    this.peer.finishGathering();
    return this.description(link);
  }
}

export const NOBODY_DIRECTS: Director = {
  speaker: null,
  grade: "unknown",
  affordable: (wants) => wants,
  replan: () => undefined,
  begin: () => undefined,
  resume: () => undefined,
  close: () => undefined,
};

/** Opens a link between two pages: what one says on its channel, the other hears. */
export async function join(caller: Page, callee: Page, link = "link"): Promise<void> {
  const answer = await callee.answer(await caller.offer(link), link);
  await caller.handle({ type: "UseAnswer", link, description: answer });
  caller.peer.channel.other = callee.peer.channel;
  callee.peer.channel.other = caller.peer.channel;
  for (const { peer } of [caller, callee]) {
    peer.becomes("connected", "connected");
    peer.channel.open();
  }
  await settle();
}

/** The callee takes the call, then the caller hears of it. */
export async function takeCall(caller: Page, callee: Page, link = "link"): Promise<void> {
  await callee.handle({ type: "UseMedia", link, video: true, hosts: false, conference: null });
  await caller.handle({ type: "UseMedia", link, video: true, hosts: true, conference: null });
  await pass(200, caller, callee);
}

/** Time passes for all of them alike, in ms. */
export async function pass(ms: number, ...pages: readonly Page[]): Promise<void> {
  const clocks = new Set(pages.map(({ clock }) => clock));
  for (let passed = 0; passed < ms; passed += STEP) {
    for (const clock of clocks) clock.advance(STEP);
    await settle();
  }
}

const STEP = 20;

class FakeStream {
  readonly tracks: unknown[] = [];
  addTrack(track: unknown): void {
    this.tracks.push(track);
  }
  getTracks(): unknown[] {
    return this.tracks;
  }
}
