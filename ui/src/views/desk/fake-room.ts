import type { CallId } from "../../bindings/CallId";
import type { LinkId } from "../../bindings/LinkId";
import type { ConferenceView, Grade, ParticipantId, ParticipantView, Room, Size } from "../../conference";
import { FAKE_CONFERENCE, type FakeConference } from "../../host/scenes";
import { FakeDocuments } from "./fake-documents";
import { fakePeople } from "./fake-people";
import { slides } from "./fake-pictures";

/** The user's own id in it. */
const OWN: ParticipantId = "0".repeat(32);

/** A conference of drawn people who do what they are told. */
export class FakeRoom implements Room {
  readonly documents = new FakeDocuments(OWN, (id) => this.#view.participants.some((one) => one.id === id));
  /** What was last told of the size of each picture, for tests: `camera KEY` or `screen KEY`. */
  readonly shown: Record<string, Size | null> = {};
  readonly #changed: () => void;
  #view: ConferenceView;

  constructor(call: CallId, link: LinkId, video: boolean, played: FakeConference, changed: () => void) {
    const { people = 1, camera = true, muted, sharing = false, organiser = false } = played;
    this.#changed = changed;
    const participants = fakePeople(people, link).map((person, n): ParticipantView => ({
      ...person,
      calls: n === 0 ? [call] : [],
      // Of two the other one is whoever the call is with.
      address: people === 1 ? "" : person.address,
      organiser: person.organiser && !organiser,
      muted: people === 1 ? (muted ?? false) : person.muted,
      camera: people === 1 ? camera && video : person.camera,
      screen: sharing && n === 1 ? slides() : null,
    }));
    this.#view = {
      call,
      id: played.ready === false ? null : FAKE_CONFERENCE,
      topic: played.topic ?? "",
      locked: played.locked ?? false,
      own: { id: OWN, hand: null, organiser, screen: null, quality: "good" },
      speaker: participants.at(-1)?.key ?? null,
      participants,
    };
    if (people > 1) this.documents.fill(Date.now());
  }

  get view(): ConferenceView {
    return this.#view;
  }

  /** Lets something happen to somebody. */
  change(key: string, part: Partial<ParticipantView>): void {
    this.#participants(this.#view.participants.map((one) => (one.key === key ? { ...one, ...part } : one)));
  }

  /** Somebody comes in, by whom others invited: the next of {@link fakePeople}. */
  join(): void {
    const { participants } = this.#view;
    const next = fakePeople(participants.length + 1, participants[0]?.link ?? "").at(-1);
    if (next !== undefined) this.#participants([...participants, next]);
  }

  /** Somebody speaks. */
  speak(key: string): void {
    this.#put({ speaker: key });
  }

  /** The user's own device finds its connections so good. */
  measure(quality: Grade): void {
    this.#put({ own: { ...this.#view.own, quality } });
  }

  /** The user becomes the organiser, or somebody else does. */
  organise(key: string | null): void {
    const participants = this.#view.participants.map((one) => ({ ...one, organiser: one.key === key }));
    this.#put({ participants, own: { ...this.#view.own, organiser: key === null } });
  }

  /** Somebody goes. */
  leave(key: string): void {
    this.#participants(this.#view.participants.filter((one) => one.key !== key));
  }

  raiseHand(up: boolean): void {
    const last = Math.max(0, ...this.#view.participants.map(({ hand }) => hand ?? 0));
    this.#put({ own: { ...this.#view.own, hand: up ? last + 1 : null } });
  }

  setTopic(topic: string): void {
    this.#put({ topic });
  }

  setLocked(locked: boolean): void {
    this.#put({ locked });
  }

  remove(participant: ParticipantId): void {
    this.#participants(this.#view.participants.filter(({ id }) => id !== participant));
  }

  shareScreen(): Promise<boolean> {
    this.#put({ own: { ...this.#view.own, screen: slides() } });
    return Promise.resolve(true);
  }

  stopSharing(): void {
    this.#put({ own: { ...this.#view.own, screen: null } });
  }

  show(key: string, what: "camera" | "screen", size: Size | null): void {
    this.shown[`${what} ${key}`] = size;
  }

  #participants(participants: readonly ParticipantView[]): void {
    this.#put({ participants });
  }

  #put(part: Partial<ConferenceView>): void {
    this.#view = { ...this.#view, ...part };
    this.#changed();
  }
}
