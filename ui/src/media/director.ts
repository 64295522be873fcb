import type { LinkId } from "../bindings/LinkId";
import type { Senders } from "../conference/tracks";
import type {
  Cancel,
  Clock,
  DirectedLink,
  Director,
  DirectorPorts,
  LocalSource,
  Size,
  Wants,
} from "../conference/types";
import { FIRST_WANTS, affordable, plan, type LinkPlan, type PlanInput } from "./plan";
import { Sending } from "./sending";
import { Speaker } from "./speaker";
import { QualityMeter } from "./stats";
import type { Quality } from "./types";
import type { UplinkShare } from "./shared-uplink";
import type { LinkLoad } from "./uplink";

export interface MediaDirectorPorts extends DirectorPorts {
  readonly clock: Clock;
  readonly local: Pick<
    LocalSource,
    "cameraTrack" | "screenTrack" | "screenSoundTrack" | "thrift" | "subscribe"
  >;
  /** Its part of what this device can send. */
  readonly uplink: UplinkShare;
  readonly fault: (error: unknown) => void;
}

/** How often everything is measured and planned anew, and how often voices are listened to, in milliseconds. */
const MEASURES_EVERY = 1000;
const LISTENS_EVERY = 250;
/**
 * How many times as long as listening took it is not done again: the page waits for the browser's network thread
 * meanwhile, on a machine at its limit for half a second.
 */
const LISTENS_RARELY = 20;
/** Even in silence packets come more often than this, in milliseconds. */
const STALE = 600;

/**
 * Decides what a conference sends to whom: looks at all links once a second, plans, and tells the senders. Also knows
 * who speaks and how good this device's own connection is. Works from its making until {@link close}.
 */
export class MediaDirector implements Director {
  readonly #ports: MediaDirectorPorts;
  readonly #speaker = new Speaker<string>();
  readonly #meters = new WeakMap<DirectedLink, QualityMeter>();
  readonly #sendings = new WeakMap<RTCRtpSender, Sending>();
  readonly #voices = new WeakMap<DirectedLink, { readonly heardAt: number; readonly since: number }>();
  #plans = new Map<DirectedLink, LinkPlan>();
  #qualities = new Map<DirectedLink, Quality>();
  #grade: Quality["grade"] = "unknown";
  #isOver = false;
  readonly #unsubscribe: Cancel;
  #measuring: Cancel = () => undefined;
  #listening: Cancel = () => undefined;

  constructor(ports: MediaDirectorPorts) {
    this.#ports = ports;
    this.#unsubscribe = ports.local.subscribe(() => this.replan());
    this.replan();
    this.#measureLater();
    this.#listenLater();
  }

  /** The participant who speaks, or spoke last; null: nobody yet. */
  get speaker(): string | null {
    return this.#speaker.speaking;
  }

  /** How good this device's connection is, as far as that can be told: what is bad with one other only is not its own. */
  get grade(): Quality["grade"] {
    return this.#grade;
  }

  /** The figures of a link as of the last second; null: none yet, or it is none of this conference. */
  quality(key: LinkId): Quality | null {
    for (const [link, quality] of this.#qualities) if (link.key === key) return quality;
    return null;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What to ask of others, of what is shown here: nothing the data saver or the number of people forbids. */
  affordable(wants: Wants): Wants {
    return affordable(wants, { thrift: this.#ports.local.thrift, participants: this.#ports.participants() });
  }

  /**
   * A link has just begun that is not among those whose media runs: what it sends first is small, for the first picture
   * is whole and goes out before anything is known of the way.
   */
  begin(senders: Senders): void {
    if (this.#isOver) return;
    const input = this.#input();
    const own = plan({ ...input, links: new Map<unknown, Wants>([...input.links, [senders, FIRST_WANTS]]) });
    const encodings = own.get(senders);
    if (encodings !== undefined) this.#tellAll(senders, encodings);
  }

  /** Something else is wanted, or sent, or there is another link: need not wait for the next second. */
  replan(): void {
    if (this.#isOver) return;
    this.#plans = plan(this.#input(), this.#plans);
    for (const [{ senders }, encodings] of this.#plans) this.#tellAll(senders, encodings);
  }

  /** The way to somebody was interrupted and is back. */
  resume({ senders }: DirectedLink): void {
    for (const sender of [senders.camera, senders.screen])
      if (sender !== null) this.#sendings.get(sender)?.begin();
  }

  close(): void {
    this.#isOver = true;
    this.#ports.uplink.close();
    this.#unsubscribe();
    this.#measuring();
    this.#listening();
  }

  #input(): PlanInput<DirectedLink> {
    const { local, uplink } = this.#ports;
    const links = [...this.#ports.links()];
    uplink.has(links.length);
    return {
      participants: this.#ports.participants(),
      thrift: local.thrift,
      uplink: uplink.estimate,
      camera: sizeOf(local.cameraTrack, CAMERA),
      screen: sizeOf(local.screenTrack, SCREEN),
      screenSound: local.screenSoundTrack !== null,
      links: new Map(links.map((link) => [link, link.wants ?? FIRST_WANTS])),
    };
  }

  #tellAll(senders: Senders, encodings: LinkPlan): void {
    this.#tell(senders.microphone, encodings.microphone);
    this.#tell(senders.camera, encodings.camera);
    this.#tell(senders.screen, encodings.screen);
    this.#tell(senders.screenSound, encodings.screenSound);
  }

  #tell(sender: RTCRtpSender | null, encoding: LinkPlan[keyof LinkPlan]): void {
    if (sender === null) return;
    const sending = this.#sendings.get(sender) ?? new Sending(sender, this.#ports.fault);
    this.#sendings.set(sender, sending);
    sending.apply(encoding);
  }

  #measureLater(): void {
    this.#measuring = this.#ports.clock.after(MEASURES_EVERY, () => {
      this.#measure()
        .catch(this.#ports.fault)
        .finally(() => {
          if (!this.#isOver) this.#measureLater();
        });
    });
  }

  async #measure(): Promise<void> {
    const links = [...this.#ports.links()];
    const reports = await Promise.allSettled(links.map((link) => link.stats()));
    if (this.#isOver) return;
    const qualities = new Map<DirectedLink, Quality>();
    const loads = new Map<DirectedLink, LinkLoad>();
    links.forEach((link, i) => {
      const report = reports[i];
      // A link that has just ended.
      if (report?.status !== "fulfilled") return;
      const meter = this.#meters.get(link) ?? new QualityMeter();
      this.#meters.set(link, meter);
      qualities.set(link, meter.take(report.value));
      loads.set(link, meter.load);
    });
    this.#qualities = qualities;
    this.#ports.uplink.take(loads, this.#ports.clock.now());
    this.replan();
    const grade = middle([...qualities.values()].map((quality) => quality.grade));
    if (grade === this.#grade) return;
    this.#grade = grade;
    this.#ports.changed();
  }

  #listenLater(pause = LISTENS_EVERY): void {
    const { clock } = this.#ports;
    this.#listening = clock.after(pause, () => {
      const began = clock.now();
      try {
        this.#listen();
      } catch (error) {
        this.#ports.fault(error);
      }
      const took = clock.now() - began;
      if (!this.#isOver) this.#listenLater(Math.max(LISTENS_EVERY, took * LISTENS_RARELY));
    });
  }

  #listen(): void {
    const before = this.speaker;
    const levels = new Map<string, number>();
    for (const link of this.#ports.links()) {
      const known = levels.get(link.participant) ?? 0;
      levels.set(link.participant, Math.max(known, this.#levelOf(link)));
    }
    if (this.#speaker.take(levels, this.#ports.clock.now()) !== before) this.#ports.changed();
  }

  /** 0 to 1. Browsers go on to tell the last loudness for seconds after the last packet: that is silence. */
  #levelOf(link: DirectedLink): number {
    const source = link.voice?.getSynchronizationSources()[0];
    if (source === undefined) return 0;
    const now = this.#ports.clock.now();
    const last = this.#voices.get(link);
    const voice = last?.heardAt === source.timestamp ? last : { heardAt: source.timestamp, since: now };
    this.#voices.set(link, voice);
    return now - voice.since > STALE ? 0 : (source.audioLevel ?? 0);
  }
}

/** What a capture has if it does not say. */
const CAMERA: Size = { width: 1280, height: 720 };
const SCREEN: Size = { width: 1920, height: 1080 };

function sizeOf(track: MediaStreamTrack | null, usual: Size): Size | null {
  if (track === null) return null;
  const { width, height } = track.getSettings();
  return width && height ? { width, height } : usual;
}

const ORDER = ["good", "fair", "poor"] as const;

/** Half of the links are better, or as good. */
function middle(grades: readonly Quality["grade"][]): Quality["grade"] {
  const known = grades.flatMap((grade) => (grade === "unknown" ? [] : [ORDER.indexOf(grade)])).sort();
  const index = known[Math.floor((known.length - 1) / 2)];
  return index === undefined ? "unknown" : (ORDER[index] ?? "unknown");
}
