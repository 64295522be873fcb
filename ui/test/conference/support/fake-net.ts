import type { Clock } from "../../../src/conference";
import type { FakePeer } from "./fake-peer";

/** The network between peer connections: joins any two that have each other's newest description. */
export class FakeNet {
  /** How long everything is on its way, in ms of this clock; null: no time at all. */
  delay: { readonly clock: Clock; readonly ms: number } | null = null;
  readonly #peers: FakePeer[] = [];
  /** Ways that nothing gets through any more, by the ufrags of both ends. */
  readonly #cut = new Set<string>();
  #made = 0;

  /** A name for a peer connection that is to be joined with others. */
  nextName(): string {
    this.#made += 1;
    return this.#made.toString(36).padStart(4, "x");
  }

  add(peer: FakePeer): void {
    this.#peers.push(peer);
    peer.addEventListener("signalingstatechange", () => queueMicrotask(() => this.#join(peer)));
  }

  /** Nothing gets through the way between two any more, and nobody is told; another way is free. */
  cut(peer: FakePeer): void {
    const other = this.otherOf(peer);
    if (other === null) throw new Error("not joined");
    for (const [one, another] of [
      [peer, other],
      [other, peer],
    ] as const) {
      this.#cut.add(`${one.ufrag} ${another.ufrag}`);
      one.channel.held ??= [];
      one.files.held ??= [];
    }
  }

  /** Something gets through again on the way that was cut, whatever was said of it meanwhile; `ends` are both its ends. */
  heal(ends: readonly FakePeer[]): void {
    this.#cut.clear();
    for (const { channel, files } of ends) for (const one of [channel, files]) one.release();
  }

  /** The device of these peer connections is gone without a word, and the browsers of the others notice. */
  vanish(peers: readonly FakePeer[]): void {
    for (const peer of peers) {
      const other = this.otherOf(peer);
      for (const one of [peer, other]) if (one !== null) one.channel.held = one.files.held = [];
      this.#peers.splice(this.#peers.indexOf(peer), 1);
      other?.becomes("disconnected", "disconnected");
    }
  }

  /** The other end of a peer connection; null: it has none (yet). */
  otherOf(peer: FakePeer): FakePeer | null {
    const isOther = (one: FakePeer): boolean =>
      one !== peer && !one.isClosed && one.ufrag === peer.otherUfrag && one.otherUfrag === peer.ufrag;
    return this.#peers.find(isOther) ?? null;
  }

  #join(peer: FakePeer): void {
    const other = this.otherOf(peer);
    if (other === null || peer.isClosed) return;
    if (peer.signalingState !== "stable" || other.signalingState !== "stable") return;
    if (this.#cut.has(`${peer.ufrag} ${other.ufrag}`)) return;
    const both = [peer, other] as const;
    const isFresh = peer.channel.other === null;
    for (const [one, another] of [both, [other, peer] as const]) {
      one.channel.isJoined = true;
      const { delay } = this;
      if (delay !== null) one.channel.later = (arrives) => void delay.clock.after(delay.ms, arrives);
      one.channel.other = another.channel;
      one.files.other = another.files;
    }
    for (const one of both) {
      if (one.connectionState !== "connected") one.becomes("connected", "connected");
      one.channel.release();
      one.files.release();
    }
    if (isFresh) for (const one of both) for (const channel of [one.channel, one.files]) channel.open();
  }
}
