import { countOf } from "../limits";
import type { ConferenceLinks } from "./conference-links";
import type { Link } from "./link";
import type { Senders } from "./tracks";
import type { DirectedLink, Director, ParticipantView, SessionPorts, Wants } from "./types";

export interface AttentionPorts {
  readonly links: ConferenceLinks;
  readonly direct: SessionPorts["direct"];
  participants(): readonly ParticipantView[];
  /** At which size somebody is shown here; null: not told yet. */
  wantOf(key: string): Wants | null;
  /** The speaker changed, or how good this device's connection is. */
  changed(): void;
}

/** Who looks at whom: what this device sends follows how the others show it, and they are told how it shows them. */
export class Attention {
  readonly #ports: AttentionPorts;
  readonly #director: Director;
  /** What the other ends of links said they want. */
  readonly #wants = new WeakMap<Link, Wants>();
  /** What the other ends of links were told. */
  readonly #told = new WeakMap<Link, string>();
  readonly #directed = new WeakMap<Link, DirectedLink>();

  constructor(ports: AttentionPorts) {
    this.#ports = ports;
    this.#director = ports.direct({
      links: () => ports.links.live.map((link) => this.#directedAs(link)),
      participants: () => countOf(ports.participants()) + 1,
      changed: () => ports.changed(),
    });
  }

  get grade(): Director["grade"] {
    return this.#director.grade;
  }

  /** The {@link ParticipantView.key} of who speaks, or spoke last. */
  get speaker(): string | null {
    const { speaker } = this.#director;
    return this.#ports.participants().find(({ key, id }) => id === speaker || key === speaker)?.key ?? null;
  }

  /** The other end of a link said how it shows this device. */
  hear(link: Link, want: Wants): void {
    this.#wants.set(link, want);
    this.#director.replan();
  }

  /** A link can be told from now on how to send. */
  begin(senders: Senders): void {
    const isLive = this.#ports.links.live.some((link) => link.senders.camera === senders.camera);
    if (isLive) this.#director.replan();
    else this.#director.begin(senders);
  }

  /** What goes over a link was interrupted and goes on. */
  resume(link: Link): void {
    this.#director.resume(this.#directedAs(link));
  }

  /** Tells everybody at which size they are shown here, unless they know. */
  tell(): void {
    for (const { key, id } of this.#ports.participants()) {
      const shown = this.#ports.wantOf(key);
      const link = id === null ? null : this.#ports.links.to(id);
      if (shown === null || link === null) continue;
      const wants = this.#director.affordable(shown);
      const text = JSON.stringify(wants);
      if (this.#told.get(link) === text) continue;
      this.#told.set(link, text);
      link.want(wants);
    }
  }

  close(): void {
    this.#director.close();
  }

  /** The same object as long as the link lives. */
  #directedAs(link: Link): DirectedLink {
    const known = this.#directed.get(link);
    if (known !== undefined) return known;
    const wants = (): Wants | null => this.#wants.get(link) ?? null;
    const { links } = this.#ports;
    const directed: DirectedLink = {
      get key() {
        return links.keyOf(link);
      },
      get participant() {
        return link.id ?? "";
      },
      get senders() {
        return link.senders;
      },
      get voice() {
        return link.voice;
      },
      get wants() {
        return wants();
      },
      stats: () => link.stats(),
    };
    this.#directed.set(link, directed);
    return directed;
  }
}
