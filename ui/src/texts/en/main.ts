import { listed, plural } from "../format";
import { words } from "../parts";

/** The main window: whom to call, who wants to call, who called. */
export const main = {
  dial: {
    label: "Call an e-mail address",
    placeholder: "name@example.org",
    help: "A contact’s name or any e-mail address",
    video: "Video call",
    audio: "Audio call",
    bad: "Enter a whole e-mail address, like name@example.org.",
    own: "This is your own address. Enter somebody else’s.",
    suggestions: "Matching contacts",
    count: (n: number) => plural("en", n, { one: "1 contact matches", other: `${n} contacts match` }),
  },
  busy: {
    title: "You are in a call",
    text: (name: string, running: string) => `If you call ${name} now, your call “${running}” ends.`,
    invite: "Invite into this call",
    instead: "Hang up and call",
  },
  contacts: {
    title: "Contacts",
    empty: words("No contacts yet", "Whoever you call becomes a contact, and can ring you from then on."),
    add: "Add contact",
    addTitle: "Add a contact",
    addText: "Contacts may ring you. Everybody else can only ask.",
    name: "Name",
    address: "E-mail address",
    remove: "Remove",
    removed: (name: string) => `${name} was removed.`,
    callVideo: (name: string) => `Video call to ${name}`,
    callAudio: (name: string) => `Audio call to ${name}`,
    open: (name: string) => `More about ${name}`,
    keyKnown: "Calls with this contact are encrypted and signed.",
    keyUnknown: "No key known yet. It comes with the first answer, and calls are encrypted from then on.",
    fingerprint: "Key",
    openChanged: (name: string) => `More about ${name}, who uses a new key`,
    changed: (name: string) =>
      words(
        `${name} uses a new key`,
        "That happens after a new device or a reinstallation. It can also be somebody else pretending. Ask by another way before you accept it.",
      ),
    acceptKey: "Accept the new key",
  },
  requests: {
    title: "Wants to call you",
    text: (who: string) => `${who} is not a contact. It does not ring until you allow it.`,
    accept: "Add and let ring",
    dismiss: "Dismiss",
  },
  history: {
    title: "Recent calls",
    empty: words("No calls yet", "Type an address above to make the first one."),
    clear: "Clear",
    cleared: "Recent calls were cleared.",
    forgotten: "The call was removed from the list.",
    forget: (name: string) => `Remove the call with ${name} from the list`,
    older: "Show older calls",
    again: (name: string) => `Call ${name} again`,
    incoming: "Incoming",
    outgoing: "Outgoing",
    talked: (duration: string) => `Talked ${duration}`,
    running: "Going on now",
    rejoin: "Rejoin",
    rejoinOf: (name: string) => `Rejoin the conference with ${name}`,
    conference: "Conference",
    ends: {
      HungUp: "Ended",
      CancelledOut: "You took it back",
      CancelledIn: "Missed: the caller gave up",
      DeclinedOut: "Declined",
      DeclinedIn: "You declined",
      BusyOut: "Busy",
      NoAnswer: "No answer",
      NoDevice: "No device answered",
      Missed: "Missed",
      AnsweredElsewhere: "Dealt with on another device",
      Superseded: "You called each other; the other call went on",
      LinkLost: "Connection lost",
      NeverConnected: "Could not connect",
      Unreachable: "Could not be delivered",
      NotSent: "Could not be sent",
      NoPage: "No window for the call",
      Interrupted: "Mailcall was stopped",
    },
  },
  ongoing: {
    title: "Going on",
    open: "Open",
    incoming: (name: string) => `${name} is calling`,
    waiting: (name: string) => `${name} is calling while you are in a call`,
    acceptVideo: "Accept with video",
    acceptAudio: "Accept",
    acceptAudioOnly: "Audio only",
    decline: "Decline",
    hangUp: "Hang up",
    switchTo: "Hang up and accept",
    add: "Add to this call",
    letIn: "Let in",
    wantsIn: (name: string) => `${name} wants to come into your conference`,
    about: (topic: string) => `About “${topic}”`,
    who: (names: readonly string[], others: number) =>
      listed(
        "en-GB",
        others > 0 ? [...names, plural("en", others, { one: "1 other", other: `${others} others` })] : names,
      ),
    somebody: "Somebody",
  },
  /** How many are in a conference, and what one more means for all. `asked`: invited by the user, and not in yet. */
  crowd: {
    last: (inside: number, asked: number, most: number) =>
      `${counted(inside, asked)}. Up to ${most} can see each other; with more nobody’s picture is shown, and everybody is heard.`,
    costs: (inside: number, asked: number) =>
      `${counted(inside, asked)}. With one more nobody’s picture is shown; everybody is heard.`,
    coming: (inside: number, asked: number, most: number) =>
      `${counted(inside, asked)}. As soon as more than ${most} are in, nobody’s picture is shown; everybody is heard.`,
    heard: (inside: number, most: number) =>
      `${counted(inside, 0)}. With more than ${most} nobody’s picture is shown; everybody is heard.`,
    full: (inside: number, asked: number, most: number) =>
      `${counted(inside, asked)}: no more than ${most} can take part. ${
        asked > 0 ? "Take an invitation back, or wait until somebody leaves." : "Somebody has to leave first."
      }`,
    byOthers: "Whom others invite is counted here once they are in.",
  },
};

function counted(inside: number, asked: number): string {
  const people = plural("en", inside, { one: "1 person is in", other: `${inside} people are in` });
  return asked === 0 ? people : `${people}, and ${asked} invited by you`;
}
