import { createSession, type Report, type Session } from "../../../src/conference";
import type { PageEvent } from "../../../src/bindings/PageEvent";
import { VirtualClock, settle } from "./clock";
import { FakePeer } from "./fake-peer";
import { FakeSource } from "./fake-source";

/** Somebody's page without a browser: a session, its peer connections, and what it told its backend. */
export class Page {
  readonly clock: VirtualClock;
  readonly peers: FakePeer[] = [];
  readonly reports: Report[] = [];
  readonly faults: unknown[] = [];
  readonly local = new FakeSource();
  readonly session: Session;

  constructor(options: { clock?: VirtualClock; participant?: string; iceDiesForGood?: boolean } = {}) {
    this.clock = options.clock ?? new VirtualClock();
    this.session = createSession({
      platform: {
        clock: this.clock,
        createPeer: (configuration) => {
          const peer = new FakePeer(configuration);
          this.peers.push(peer);
          return peer as unknown as RTCPeerConnection;
        },
        createStream: () => new FakeStream() as unknown as MediaStream,
        randomId: () => (options.participant ?? "a").repeat(32),
        iceDiesForGood: options.iceDiesForGood ?? false,
      },
      local: this.local,
      report: (report) => this.reports.push(report),
      fault: (error) => this.faults.push(error),
    });
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

  signals(): unknown[] {
    return this.reports.flatMap((one) => (one.type === "SignalFromLink" ? [one.signal] : []));
  }

  /** Makes an offer with these candidates. */
  async offer(link = "link", ...candidates: [string, string, number][]): Promise<string> {
    await this.handle({ type: "MakeOffer", call: "call", link });
    for (const [type, address, port] of candidates) this.peer.gather(type, address, port);
    this.peer.finishGathering();
    return this.description(link);
  }

  async answer(offer: string, link = "link"): Promise<string> {
    await this.handle({ type: "MakeAnswer", call: "call", link, description: offer });
    this.peer.finishGathering();
    return this.description(link);
  }
}

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

class FakeStream {
  readonly tracks: unknown[] = [];
  addTrack(track: unknown): void {
    this.tracks.push(track);
  }
}
