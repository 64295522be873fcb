import type { LinkId } from "../../../src/bindings/LinkId";
import type { LocalSource, ParticipantView } from "../../../src/conference";
import { MediaDirectors } from "../../../src/media";
import { Page, pass } from "./bench";
import { VirtualClock } from "./clock";
import { FakeNet } from "./fake-net";
import type { FakePeer } from "./fake-peer";
import { MemoryKeys } from "./memory-keys";

/** Somebody in a conference, and the call that led there. */
export interface Guest {
  readonly page: Page;
  readonly call: string;
  /** What outlives the page. */
  readonly keys: MemoryKeys;
}

/** Something else that happens so many ms after both took the call. */
export interface Meanwhile {
  readonly after: number;
  readonly happens: () => void;
}

/** People with real sessions in one virtual network. Everybody but the first was called into the conference by the first. */
export class Party {
  readonly net = new FakeNet();
  readonly #clock = new VirtualClock();
  readonly guests: Guest[] = [];
  readonly #gone = new Set<Guest>();
  /** Those that somebody made or took. */
  readonly #callsOf = new Map<Page, string[]>();
  readonly #directors = new Map<LocalSource, MediaDirectors>();
  readonly #ends = new Map<string, [caller: string, callee: string]>();
  #calls = 0;
  /** How many mails went from one participant to another. */
  letters = 0;
  /** Whether browsers do. */
  keepsKeys = true;

  /** From now on every message takes so long, in ms. */
  slow(ms: number): void {
    this.net.delay = { clock: this.#clock, ms };
  }

  static async of(...names: string[]): Promise<Party> {
    const party = new Party();
    const [host = "Alice", ...others] = names;
    party.guests.push(party.#newGuest(host, "call-1"));
    for (const name of others) await party.invites(host, name);
    await party.lives(1000);
    return party;
  }

  page(name: string): Page {
    return this.guest(name).page;
  }

  guest(name: string): Guest {
    const found = this.guests.find(({ page }) => page.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  get present(): Guest[] {
    return this.guests.filter((guest) => !this.#gone.has(guest));
  }

  /** One calls another into the conference, who takes it. */
  async invites(from: string, name: string, meanwhile?: Meanwhile): Promise<Guest> {
    this.#calls += 1;
    const call = `call-${this.#calls}`;
    const link = `link-${this.#calls}`;
    const host = this.guest(from);
    const guest = this.#newGuest(name, call);
    this.guests.push(guest);
    for (const { page } of [host, guest]) this.#callsOf.set(page, [...(this.#callsOf.get(page) ?? []), call]);
    this.#ends.set(call, [from, name]);
    await this.mails(from, guest, link);
    const after = meanwhile?.after ?? 0;
    await this.lives(after);
    meanwhile?.happens();
    await this.lives(200 - after);
    return guest;
  }

  /** A link of the call with a guest is made by mail. */
  async mails(from: string, guest: Omit<Guest, "keys">, link: LinkId, named?: string | null): Promise<void> {
    const { page, call } = guest;
    const host = this.guest(from);
    await host.page.handle({ type: "MakeOffer", call, link });
    host.page.peer.finishGathering();
    const offer = host.page.description(link);
    await page.handle({ type: "MakeAnswer", call, link, description: offer });
    page.peer.finishGathering();
    await host.page.handle({ type: "UseAnswer", link, description: page.description(link) });
    const conference = named ?? host.page.session.conference(host.call)?.id ?? null;
    await page.handle({ type: "UseMedia", link, video: true, hosts: false, conference });
    await host.page.handle({ type: "UseMedia", link, video: true, hosts: true, conference });
  }

  /**
   * Somebody's page is reloaded, and the links of its calls are made anew by mail; `through`: only those with them, as
   * the mails of others take longer.
   */
  async reloads(name: string, ...through: string[]): Promise<Guest> {
    const before = this.guest(name);
    const conference = before.page.session.conference(before.call)?.id ?? null;
    const ends = before.page.peers.flatMap((peer) => this.net.otherOf(peer) ?? []);
    before.page.session.close();
    for (const { channel } of ends) channel.closed();
    const calls = this.#callsOf.get(before.page) ?? [];
    const otherOf = (call: string): string => this.#ends.get(call)?.find((end) => end !== name) ?? "";
    const linked = calls.filter((call) => {
      const other = this.guest(otherOf(call));
      return !this.#gone.has(other) && (through.length === 0 || through.includes(other.page.name));
    });
    const [call = before.call] = linked;
    const fresh: Guest = { ...before, call, page: this.#newPage(name, before.keys) };
    this.guests[this.guests.indexOf(before)] = fresh;
    this.#callsOf.set(fresh.page, calls);
    for (const one of linked) {
      const [caller = "", callee = ""] = this.#ends.get(one) ?? [];
      this.#calls += 1;
      await this.mails(caller, { ...this.guest(callee), call: one }, `link-${this.#calls}`, conference);
    }
    await this.lives(200);
    return fresh;
  }

  /** Hangs up. */
  async leaves(name: string): Promise<void> {
    const guest = this.guest(name);
    this.#gone.add(guest);
    const calls = this.#callsOf.get(guest.page) ?? [];
    for (const call of calls) guest.page.session.hangUp(call);
    for (const call of calls) guest.page.session.callEnded(call);
    await this.lives(100);
  }

  /** The device is switched off. */
  async crashes(name: string): Promise<void> {
    const guest = this.guest(name);
    this.#gone.add(guest);
    this.net.vanish(guest.page.peers);
    await this.lives(100);
  }

  async lives(ms: number): Promise<void> {
    await pass(ms, ...this.guests.map(({ page }) => page));
  }

  others({ page, call }: Pick<Guest, "page" | "call">): readonly ParticipantView[] {
    return page.session.conference(call)?.participants ?? [];
  }

  /** Whom somebody hears: who is connected, whose voice comes, and who really sends it. */
  hears(guest: Guest): string[] {
    const heard = this.others(guest).filter(
      ({ name, connection, stream }) =>
        connection === "connected" && stream !== null && this.#sendsVoice(this.guest(name), guest),
    );
    return heard.map(({ name }) => name).sort();
  }

  /** The open peer connections of one to another. */
  between(one: Guest, another: Guest): FakePeer[] {
    const ends = new Set(another.page.peers);
    return one.page.peers.filter((peer) => {
      const other = this.net.otherOf(peer);
      return !peer.isClosed && other !== null && ends.has(other);
    });
  }

  /** The calls that somebody's backend is to end because of who is at the other end. */
  expelled(name: string): string[] {
    return this.page(name).reports.flatMap((one) => (one.type === "Expel" ? [one.call] : []));
  }

  /** Both ends of the link between two. */
  ends(one: string, another: string): [FakePeer, FakePeer] {
    const [peer] = this.between(this.guest(one), this.guest(another));
    const other = peer === undefined ? null : this.net.otherOf(peer);
    if (peer === undefined || other === null) throw new Error(`${one} and ${another} are not linked`);
    return [peer, other];
  }

  #sendsVoice(from: Guest, to: Guest): boolean {
    const voice = from.page.local.microphoneTrack;
    return this.between(from, to).some(
      ({ transceivers: [microphone] }) => microphone?.sender.track === voice,
    );
  }

  /** Those of all conferences of one page. */
  #directorsOf({ local, faults }: Page): MediaDirectors {
    const directors =
      this.#directors.get(local) ??
      new MediaDirectors({ clock: this.#clock, local, fault: (error) => faults.push(error) });
    this.#directors.set(local, directors);
    return directors;
  }

  /** Mail takes a second, and reaches the page of who is in. */
  #posts(address: string, text: string): void {
    this.letters += 1;
    const to = this.present.find(({ page }) => addressOf(page.name) === address);
    this.#clock.after(1000, () => {
      if (to === undefined || !this.present.includes(to)) return;
      to.page.handle({ type: "TakeCourier", call: to.call, text }).catch((error: unknown) => {
        to.page.faults.push(error);
      });
    });
  }

  #newGuest(name: string, call: string): Guest {
    const keys = new MemoryKeys();
    return { page: this.#newPage(name, keys), call, keys };
  }

  #newPage(name: string, keyStore: MemoryKeys): Page {
    const participant = (this.guests.length % 16).toString(16);
    const page = new Page({
      keyStore: this.keepsKeys ? keyStore : null,
      clock: this.#clock,
      net: this.net,
      name,
      participant,
      address: addressOf(name),
      told: (report) => {
        if (report.type === "Courier") this.#posts(report.address, report.text);
      },
      direct: (one, ports) => this.#directorsOf(one).direct(ports),
    });
    page.local.microphoneTrack = { kind: "audio", getSettings: () => ({}) } as MediaStreamTrack;
    return page;
  }
}

function addressOf(name: string): string {
  return `${name.toLowerCase()}@example.test`;
}
