import type { LinkState } from "../bindings/LinkState";
import type { CandidatePolicy } from "./candidate";
import type { GreetingPorts } from "./greeting";
import type { LinkPhase, Patience } from "./health";
import type { Message } from "./message";
import type { Senders } from "./tracks";
import type { LinkSettings, LocalSource, ParticipantId, Platform, Refusal, Wants } from "./types";

export interface LinkPorts extends Pick<GreetingPorts, "hello" | "greeted" | "known" | "frame"> {
  readonly platform: Platform;
  readonly local: LocalSource;
  readonly settings: LinkSettings;
  readonly patience: Patience;
  readonly candidates: CandidatePolicy;
  described(description: string): void;
  state(state: LinkState): void;
  signal(signal: object): void;
  /** At which size the other side shows what is sent to it. */
  wanted(want: Wants): void;
  /** These are about to send, or can be told how to from now on. */
  begins(senders: Senders): void;
  /** There is a way again to who did not get what was sent. */
  resumed(): void;
  /** The other side cannot let this one in. */
  refused(why: Refusal): void;
  /** A line of the chat for this device only, from who is {@link known}. */
  privately(line: object): void;
  /** Says something about this link by way of other participants. False: there is no way. */
  detour(message: Message): boolean;
  /** Whether there seems to be such a way now. */
  canDetour(): boolean;
  /** Something that a view shows changed. */
  changed(): void;
  readonly fault: (error: unknown) => void;
}

/** What is different for each link. */
export type LinkBindings = Pick<
  LinkPorts,
  | "hello"
  | "greeted"
  | "known"
  | "frame"
  | "detour"
  | "canDetour"
  | "wanted"
  | "begins"
  | "resumed"
  | "refused"
  | "privately"
  | "state"
  | "signal"
  | "described"
>;

/** What a view may know of a link. */
export interface LinkView {
  readonly id: ParticipantId | null;
  /** Voice and camera; null until negotiated. */
  readonly stream: MediaStream | null;
  /** Screen and its sound; null until negotiated. */
  readonly screen: MediaStream | null;
  readonly phase: LinkPhase;
}
