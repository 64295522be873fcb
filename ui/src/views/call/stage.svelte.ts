import { createContext } from "svelte";
import { createSubscriber } from "svelte/reactivity";

import type { Address } from "../../bindings/Address";
import type { CallId } from "../../bindings/CallId";
import type { CallView } from "../../bindings/CallView";
import type { Conference } from "../../bindings/Conference";
import type {
  ChatLine,
  ConferenceView,
  DocumentError,
  Documents,
  ParticipantId,
  ParticipantView,
  Room,
  SharedFile,
} from "../../conference";
import { findCall } from "../../host";
import { MAX_WITH_VIDEO, countOf } from "../../limits";
import type { Words } from "../../texts";
import { tc } from "../../texts/conference";
import type { App } from "../app.svelte";
import { invitations } from "../conferences";
import { invitationInto } from "../dialling.svelte";
import { coming, type Headcount, headcount, isIn } from "../headcount";
import { isPeer, participantName } from "../names";
import type { Mode } from "./stage/spots";

/** A page of the side panel. */
export type Tab = "chat" | "notes" | "files" | "people";

/** A dialog over the stage. */
export type Dialogue =
  | { readonly type: "invite" | "keys" | "sound" }
  | { readonly type: "details" | "remove"; readonly key: string };

/** By its name: its class would bring all of the conference with it. */
function isDocumentError(error: unknown): error is DocumentError {
  return error instanceof Error && error.name === "DocumentError" && "code" in error;
}

/** What has the focus; in a menu, the button that opened it: the menu closes. */
function focused(): HTMLElement | null {
  const { activeElement } = document;
  const menu = activeElement?.closest("[popover]");
  const owner = menu == null ? activeElement : document.querySelector(`[popovertarget="${menu.id}"]`);
  return owner instanceof HTMLElement ? owner : null;
}

/** How the user arranged a call, and what it shows; the same while the user looks at something else. */
export class Stage {
  /** The call that leads the conference now, and the one that did when this began. */
  id = $state.raw<CallId>("");
  readonly first: CallId;
  readonly #app: App;
  mode = $state<Mode>("grid");
  /** The id of the spot that is kept large. */
  pinned = $state<string | null>(null);
  page = $state(0);
  /** The id of the spot that is in a small window of its own. */
  windowed = $state<string | null>(null);
  #tab = $state<Tab | null>(null);
  /** What had the focus when the panel was opened. */
  opener: HTMLElement | null = null;
  dialogue = $state.raw<Dialogue | null>(null);
  /** The line that is being written, and to whom; null: to everybody. */
  draft = $state("");
  draftTo = $state.raw<ParticipantId | null>(null);
  #seenLines = $state(0);
  /** The mode to go back to when the last shared screen is gone, unless the user chose one meanwhile. */
  #modeBefore: Mode | null = null;
  #shared = false;
  #room: Room | null = null;
  #followed: Followed | null = null;

  constructor(app: App, id: CallId) {
    this.#app = app;
    this.id = id;
    this.first = id;
  }

  /** The open page of the panel. */
  get tab(): Tab | null {
    return this.#tab;
  }

  set tab(tab: Tab | null) {
    if (this.#tab === null && tab !== null) this.opener = focused();
    this.#tab = tab;
  }

  get call(): CallView | undefined {
    return this.#app.state === null ? undefined : findCall(this.#app.state, this.id);
  }

  get conference(): ConferenceView | null {
    return this.#app.conference(this.id);
  }

  get participants(): readonly ParticipantView[] {
    return this.conference?.participants ?? [];
  }

  get room(): Room | null {
    return this.#app.room(this.id);
  }

  /** Chat, notes and files; null until the other end is ready for them. */
  get documents(): Followed | null {
    const { room } = this;
    if (room !== this.#room) {
      this.#room = room;
      this.#followed = room === null ? null : new Followed(room.documents);
    }
    return this.#followed;
  }

  nameOf(participant: ParticipantView): string {
    const { call } = this;
    if (call === undefined) return participant.name;
    return participantName(participant, call, this.#app.state?.contacts ?? []);
  }

  /** What an invitation into it says; null until it can be invited into. */
  get invitation(): Conference | null {
    const { conference, call } = this;
    return conference === null || call === undefined ? null : invitationInto(this.#app, call);
  }

  /** The invitations that were made from here, and what became of them. */
  get invitations(): readonly CallView[] {
    const id = this.conference?.id;
    return id == null ? [] : invitations(this.#app.state?.calls ?? [], id, this.id);
  }

  /** The invitations that were made from here and have brought nobody in yet. */
  get coming(): readonly CallView[] {
    const { conference, call } = this;
    if (conference === null || call === undefined) return [];
    return coming(conference, call, this.#app.state?.calls ?? []);
  }

  get headcount(): Headcount {
    const { conference, call } = this;
    if (conference === null || call === undefined) return { inside: 1, expected: 1 };
    return headcount(conference, call, this.#app.state?.calls ?? []);
  }

  /** Whether somebody with this address is in, as far as they say so themselves. */
  isIn(address: Address): boolean {
    const { call } = this;
    return call !== undefined && isIn(this.participants, call, address);
  }

  /** One other person and no screen: the own picture is in a corner. */
  get solo(): boolean {
    const [only, ...more] = this.participants;
    return only !== undefined && more.length === 0 && only.screen === null;
  }

  /** The only other one is whom the call itself reaches: what is known of the call is known of them. */
  get pair(): boolean {
    const [only, ...more] = this.participants;
    return only !== undefined && more.length === 0 && this.call !== undefined && isPeer(only, this.call);
  }

  /** Whether people's pictures are sent and shown at all; shared screens always are. */
  get pictures(): boolean {
    return this.#app.thrift !== "audio" && countOf(this.participants) + 1 <= MAX_WITH_VIDEO;
  }

  /** What there is to see of somebody; null: nothing. A screen is shown whatever becomes of people's pictures. */
  pictureOf(participant: ParticipantView, what: "camera" | "screen"): MediaStream | null {
    if (participant.connection === "apart") return null;
    if (what === "screen") return participant.screen;
    return participant.camera && this.pictures ? participant.stream : null;
  }

  /**
   * What somebody, or oneself, says of the own connection, if it is not good; empty: nothing. Of two people nobody can
   * tell whose it is.
   */
  troubleOf(participant: ParticipantView | null): string {
    if (this.participants.length < 2 || (participant !== null && participant.connection !== "connected"))
      return "";
    const quality = (participant ?? this.conference?.own)?.quality;
    if (quality !== "fair" && quality !== "poor") return "";
    return participant === null ? tc.trouble.own[quality] : tc.trouble[quality](this.nameOf(participant));
  }

  participant(key: string): ParticipantView | undefined {
    return this.participants.find((one) => one.key === key);
  }

  byId(id: ParticipantId): ParticipantView | undefined {
    return this.participants.find((one) => one.id === id);
  }

  /** The name of the organiser; empty while nobody is known to be. */
  get organiser(): string {
    const organiser = this.participants.find((one) => one.organiser);
    return organiser === undefined ? "" : this.nameOf(organiser);
  }

  get unread(): number {
    return Math.max(0, this.#lines().length - this.#seenLines);
  }

  /** The others' lines, in the order of the document. */
  #lines(): readonly ChatLine[] {
    const own = this.conference?.own.id;
    return this.documents?.chat.filter(({ author }) => author !== own) ?? [];
  }

  get lastOfOthers(): ChatLine | null {
    return this.#lines().at(-1) ?? null;
  }

  sawChat(): void {
    this.#seenLines = this.#lines().length;
  }

  setMode(mode: Mode): void {
    this.#modeBefore = null;
    this.pinned = null;
    this.mode = mode;
  }

  /** A shared screen is worth seeing large; who does not think so switches back. */
  screens(shared: boolean): void {
    if (shared === this.#shared) return;
    this.#shared = shared;
    if (shared) {
      this.#modeBefore = this.mode;
      this.mode = "speaker";
    } else if (this.#modeBefore !== null) {
      this.mode = this.#modeBefore;
      this.#modeBefore = null;
    }
  }

  pin(id: string | null): void {
    this.pinned = id;
  }

  /** Opens a page of the panel, or closes it if it is open. */
  toggle(tab: Tab): void {
    this.tab = this.tab === tab ? null : tab;
  }

  writeTo(id: ParticipantId): void {
    this.draftTo = id;
    this.tab = "chat";
  }

  toggleHand(): void {
    this.room?.raiseHand(this.conference?.own.hand === null);
  }

  async toggleSharing(): Promise<void> {
    const { room } = this;
    if (room === null) return;
    if (this.conference?.own.screen != null) return room.stopSharing();
    if (!(await room.shareScreen())) this.#app.toast({ title: tc.controls.shareRefused });
  }

  /** Shares files one after the other; what cannot be shared is said. */
  async shareFiles(files: Iterable<File>): Promise<void> {
    for (const file of files) {
      try {
        await this.room?.documents.share(file);
      } catch (error) {
        this.fault(error);
      }
    }
  }

  /** Says what was not done; `tooLong`: what that means here. */
  fault(error: unknown, tooLong: Words = tc.problems.too_long): void {
    if (isDocumentError(error))
      this.#app.toast({ kind: "error", ...{ ...tc.problems, too_long: tooLong }[error.code] });
    else this.#app.fault(error);
  }
}

/** The documents of a room; a view that reads them follows their changes. */
export class Followed {
  readonly #documents: Documents;
  readonly #follow: () => void;

  constructor(documents: Documents) {
    this.#documents = documents;
    this.#follow = createSubscriber((update) => documents.subscribe(update));
  }

  get chat(): readonly ChatLine[] {
    this.#follow();
    return this.#documents.chat;
  }

  get notes(): string {
    this.#follow();
    return this.#documents.notes;
  }

  get files(): readonly SharedFile[] {
    this.#follow();
    return this.#documents.files;
  }
}

export const [useStage, provideStage] = createContext<Stage>();
