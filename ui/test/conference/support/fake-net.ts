import type { Clock } from "../../../src/conference";
import type { FakePeer } from "./fake-peer";

/** The network between peer connections: joins any two that have each other's newest description. */
export class FakeNet {
  /** How long everything is on its way, in ms of this clock; null: no time at all. */
  delay: { readonly clock: Clock; readonly ms: number } | null = null;
  /** Whether every router lets in only whom somebody inside has sent to: who has a new address finds nobody by itself. */
  isGuarded = false;
  readonly #peers: FakePeer[] = [];
  /** Nothing gets through between peer connections that this tells apart. */
  #isApart: (one: FakePeer, another: FakePeer) => boolean = () => false;
  /** Ways that nothing gets through any more, by the ufrags of both ends. */
  readonly #cut = new Set<string>();
  /** Peer connections whose restarts lead nowhere either. */
  readonly #walled = new Set<FakePeer>();
  /** Of addresses that are no more. */
  readonly #gone = new Set<string>();
  #made = 0;

  /** A name for a peer connection that is to be joined with others. */
  nextName(): string {
    this.#made += 1;
    return this.#made.toString(36).padStart(4, "x");
  }

  add(peer: FakePeer): void {
    this.#peers.push(peer);
    let strangers = 0;
    peer.strangers = () => (strangers += this.#peers.some((one) => this.#checksInVain(one, peer)) ? 1 : 0);
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

  /** The same, and no other way is free; a peer connection that is made later may find one. */
  wall(peer: FakePeer): void {
    this.#walled.add(peer);
    this.cut(peer);
  }

  /** Nothing gets through between those that are told apart, also of those made later, and nobody is told. */
  split(isApart: (one: FakePeer, another: FakePeer) => boolean): void {
    this.#isApart = isApart;
    for (const peer of [...this.#peers]) {
      const other = this.otherOf(peer);
      if (other !== null && isApart(peer, other)) this.cut(peer);
    }
  }

  /** Everything gets through again, and whoever still tries finds a way. */
  unite(): void {
    this.#isApart = () => false;
    for (const peer of [...this.#peers]) this.#join(peer);
  }

  /** The device of these peer connections has another address in place of its only one, and nobody is told. */
  moves(peers: readonly FakePeer[]): void {
    for (const peer of peers) {
      this.#gone.add(peer.ufrag);
      for (const one of [peer, this.otherOf(peer)])
        if (one !== null) for (const channel of [one.channel, one.files]) channel.held ??= [];
    }
  }

  /** Something gets through again on the way that was cut, whatever was said of it meanwhile; `ends` are both its ends. */
  heal(ends: readonly FakePeer[]): void {
    this.#cut.clear();
    this.#walled.clear();
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

  /** One finds the other from where it is now, and the other does not know it. */
  #checksInVain(one: FakePeer, other: FakePeer): boolean {
    return !this.isGuarded && this.#finds(one, other) && other.otherUfrag !== one.ufrag;
  }

  #finds(one: FakePeer, other: FakePeer): boolean {
    const [from, to] = [one.ufrag, one.otherUfrag];
    if (one === other || to === null) return false;
    if ([one, other].some((peer) => peer.isClosed || !this.#peers.includes(peer))) return false;
    if (this.#walled.has(one) || this.#walled.has(other) || this.#isApart(one, other)) return false;
    const isThere = to === other.ufrag || other.earlierUfrags.includes(to);
    return isThere && ![from, to].some((end) => this.#gone.has(end)) && !this.#cut.has(`${from} ${to}`);
  }

  /** Who checks this one, which knows it by now although nothing it said has come. */
  #wentAlongWith(peer: FakePeer): FakePeer | null {
    const finds = (one: FakePeer): boolean =>
      this.#finds(one, peer) && peer.otherUfrag === one.ufrag && one.otherUfrag !== peer.ufrag;
    return peer.signalingState === "stable" ? (this.#peers.find(finds) ?? null) : null;
  }

  #join(peer: FakePeer): void {
    const other = this.otherOf(peer) ?? this.#wentAlongWith(peer);
    if (other === null || peer.isClosed || !this.#peers.includes(peer)) return;
    const isSettled = peer.signalingState === "stable" && other.signalingState === "stable";
    if (!isSettled && this.#wentAlongWith(peer) === null) return;
    if ([peer, other].some((end) => this.#gone.has(end.ufrag) || this.#walled.has(end))) return;
    if (this.#cut.has(`${peer.ufrag} ${other.ufrag}`) || this.#isApart(peer, other)) return;
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
