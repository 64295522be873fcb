import type { DocumentError, Proof } from "../../conference";
import { plural } from "../format";
import { words } from "../parts";

const count = (n: number, one: string, other: string): string => plural("en", n, { one, other });

/** What is said of several people in one call, and of what they do together. */
export const conference = {
  with: (who: string) => `Conference: ${who}`,
  you: "You",
  youNamed: (name: string) => (name === "" ? "You" : `${name} (you)`),
  people: (n: number) => count(n, "1 person", `${n} people`),
  joined: (who: string) => `${who} joined`,
  left: (who: string) => `${who} left`,
  organiserIs: (who: string) => `${who} is the organiser now`,
  organiserIsYou: "You are the organiser now",
  handUp: (who: string) => `${who} raised a hand`,
  locked: "Locked: nobody else can come in",
  onlyHeard: (most: number) =>
    `Pictures are off because more than ${most} people are in. Everybody is heard, and shared screens are shown.`,
  audioOnly: "Audio only: no pictures are sent or fetched, except shared screens.",
  audioOnlyOff: "Show pictures again",

  tile: {
    picture: (name: string) => `Picture of ${name}`,
    screen: (name: string) => `Screen of ${name}`,
    screenShort: (name: string) => `${name}’s screen`,
    own: "Your picture",
    ownUnseen: "Nobody is sent your picture",
    muted: "Muted",
    hand: (place: number) => (place === 1 ? "Hand up, next in line" : `Hand up, number ${place} in line`),
    organiser: "Organiser",
    connecting: "Connecting …",
    reconnecting: "Reconnecting …",
    apart: "No way to them",
    speaking: "Speaks",
    unproven: "Not verified",
    weak: "Weak connection",
    more: (name: string) => `More about ${name}`,
    moreScreen: (name: string) => `More about ${name}’s screen`,
    pin: "Keep large",
    unpin: "No longer keep large",
    pinned: "Kept large",
    volume: "Volume",
    volumeOf: (name: string) => `Volume of ${name}`,
    private: "Send a private message",
    details: "Details",
    remove: "Remove from the conference …",
    pip: "Show in a small window",
    pipClose: "Close the small window",
    pipFailed: "This browser could not open a small window for the picture.",
    previous: "Previous people",
    next: "Next people",
    strip: "The others",
    page: (n: number, of: number) => `Page ${n} of ${of}`,
  },

  apart: (name: string) =>
    words(
      `You and ${name} cannot see or hear each other`,
      "No way was found between your two networks. What you write in the chat arrives. Another network (a phone’s hotspot) or a TURN server in the settings helps; for one of you is enough.",
    ),

  /** What people say of their own connections. */
  trouble: {
    fair: (name: string) => `${name}’s connection is a bit weak`,
    poor: (name: string) => `${name}’s connection is poor`,
    own: { fair: "Your connection is a bit weak", poor: "Your connection is poor" },
  },

  proof: {
    proven: (name: string) => `${name} proved this address with the key you know.`,
    introduced: (name: string, by: string) =>
      `${by === "" ? "Only others in this call say who this is." : `Introduced by ${by}.`} Nothing else proves that this is ${name}: make sure you know the face or the voice.`,
    unproven: (name: string) =>
      `Not verified: nothing proves yet that this is ${name}. Make sure you know the face or the voice.`,
    changed: (name: string) =>
      `${name} uses another key than before. A new device does that; it could also be somebody else. Ask something only the right person knows.`,
  } satisfies Record<Proof, (name: string, by: string) => string>,
  invitedBy: (name: string) => `Invited by ${name}`,

  details: {
    address: "Address",
    device: "Device",
    identity: "Who it is",
    connection: "Connection",
    asWhole: "As a whole",
    measuring: "Measuring …",
    none: "There is no connection at the moment.",
    path: "Way",
    paths: {
      direct: "Directly from device to device",
      relayed: "Passed on by a relay (TURN) server, encrypted",
      unknown: "Not known yet",
    },
    roundTrip: "There and back",
    milliseconds: (n: number) => `${Math.round(n)} ms`,
    loss: "Lost on the way",
    percent: (share: number) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`,
    received: "Received",
    sent: "Sent",
    rate: (bits: number) =>
      bits >= 1_000_000 ? `${(bits / 1_000_000).toFixed(1)} Mbit/s` : `${Math.round(bits / 1000)} kbit/s`,
    picture: "Picture",
    pictureOf: (codec: string, width: number, height: number) => `${codec}, ${width} × ${height}`,
    noPicture: "None comes",
    sound: "Sound",
    soundOf: (codec: string, madeUp: number) =>
      `${codec}, ${(madeUp * 100).toFixed(1)} % made up for what was missing`,
    noSound: "None comes",
    unknown: "–",
  },

  remove: {
    title: (name: string) => `Remove ${name} from the conference?`,
    text: (name: string) =>
      `${name} is disconnected from everybody at once, and can only come back if you let them in again.`,
    do: "Remove",
  },

  controls: {
    raiseHand: "Raise hand",
    lowerHand: "Lower hand",
    share: "Share screen",
    stopSharing: "Stop sharing",
    sharing: "You are sharing your screen.",
    ownScreen: "The screen you share",
    shareRefused: "Nothing is shared: the browser or the system did not allow it.",
    chat: "Chat",
    chatUnread: (n: number) => `Chat, ${count(n, "1 new message", `${n} new messages`)}`,
    people: "People",
    notes: "Notes",
    files: "Files",
    invite: "Invite people",
    more: "More",
    grid: "Show everybody alike",
    speaker: "Show who speaks large",
    sound: "Sound and pictures",
    keys: "Keyboard shortcuts",
  },

  sound: {
    title: "Sound and pictures",
    processing: "Your microphone",
    echoCancellation: "Remove echo",
    echoHelp: "So that others do not hear themselves from your speakers.",
    noiseSuppression: "Suppress noise",
    noiseHelp: "Fans, keys, traffic. Switch it off to play music.",
    autoGainControl: "Even out the volume",
    gainHelp: "Raises a quiet voice, lowers a loud one.",
    thrift: "Pictures",
    thrifts: { none: "As good as the network allows", saver: "Data saver", audio: "Audio only" },
    thriftHelp: {
      none: "",
      saver: "Small pictures both ways.",
      audio: "No pictures, neither sent nor fetched. Shared screens are still shown.",
    },
  },

  keys: {
    title: "Keyboard shortcuts",
    mute: "Mute or unmute",
    camera: "Camera on or off",
    hand: "Raise or lower your hand",
    share: "Share your screen, or stop",
    chat: "Chat",
    people: "People",
    view: "Everybody alike, or who speaks large",
    full: "Full screen",
    list: "This list",
    note: "They do nothing while you type.",
    on: "Use these keys",
    onHelp: (menu: string) =>
      `Switch them off if you control this device by voice, or press keys by accident. This list stays under “${menu}”.`,
  },

  panel: {
    label: "Beside the call",
    tabs: { chat: "Chat", notes: "Notes", files: "Files", people: "People" },
    close: "Close the side panel",
    notYet: "This opens as soon as the other device is ready.",
  },

  chat: {
    log: "Messages",
    empty: words("Nothing written yet", "What you write here goes straight to everybody in the conference."),
    earlier: "Show earlier messages",
    label: "Message",
    placeholder: "Write a message",
    to: "To",
    everybody: "Everybody",
    send: "Send",
    privateTo: (name: string) => `Private, only to ${name}`,
    privateFrom: "Private, only to you",
    privateMark: "private",
    gone: "somebody who left",
    left: (n: number) => count(n, "1 character left", `${n} characters left`),
    save: "Save the chat",
    arrived: (n: number, who: string) => (n === 1 ? `New message from ${who}` : `${n} new messages`),
  },

  notes: {
    label: "Notes of everybody",
    placeholder: "Everybody in the conference sees and edits these notes.",
    save: "Save the notes",
    full: words("This does not fit into the notes", "What you wrote last was taken back. Make room first."),
  },

  files: {
    share: "Share a file",
    drop: "Drop files to share them",
    empty: words("No files yet", "A shared file goes straight from device to device, to whoever wants it."),
    by: (name: string) => `From ${name}`,
    byYou: "From you",
    holders: (n: number) => `${count(n, "1 person has", `${n} people have`)} it`,
    nobody: "Nobody here has it now",
    get: (name: string) => `Get ${name}`,
    getShort: "Get",
    save: (name: string) => `Save ${name}`,
    saveShort: "Save",
    cancel: (name: string) => `Stop getting ${name}`,
    again: (name: string) => `Try to get ${name} again`,
    againShort: "Try again",
    progress: (name: string) => `Getting ${name}`,
    got: (part: string, whole: string) => `${part} of ${whole}`,
    waiting: "Waits for somebody who has it",
    failed: {
      corrupt: "What came was damaged",
      too_large: "Too large for this device",
      storage: "No room to keep it",
    },
    lost: "The file is not here any more. Get it again.",
  },

  roster: {
    list: "In the conference",
    invited: "Invited",
    topic: "Topic",
    topicNone: "No topic",
    topicHelp: "Whoever is invited sees it while it rings.",
    lock: "Lock",
    lockHelp: "Only you can let people in.",
    lockedBy: (name: string) => `Locked: only ${name}, the organiser, can let people in.`,
    cameraOff: "Camera off",
    sharing: "Shares the screen",
    hand: (place: number) => `Hand up, ${place}`,
  },

  invite: {
    title: "Invite people",
    who: "Name or e-mail address",
    help: "A contact’s name or any e-mail address",
    button: "Invite",
    inviteOne: (name: string) => `Invite ${name}`,
    contacts: "Your contacts",
    noMatch: "No contact matches. Enter a whole e-mail address to invite somebody else.",
    topic: "What it is about",
    topicPlaceholder: "Optional; shown while it rings",
    progress: "Invitations",
    isIn: "Is in",
    isInLong: (name: string) => `${name} is in the conference.`,
    alreadyInvited: (name: string) => `${name} is invited already.`,
    stop: (name: string) => `Take back the invitation of ${name}`,
    again: (name: string) => `Invite ${name} again`,
    againShort: "Again",
    full: "The conference is full",
    locked: (organiser: string) =>
      words(
        "The conference is locked",
        organiser === ""
          ? "Only the organiser can let people in."
          : `Only ${organiser}, the organiser, can let people in. Ask ${organiser} to invite them.`,
      ),
    notReady: "The other device is not ready for more people yet.",
  },

  ring: {
    inside: (who: string, n: number) => (n === 1 ? `${who} is in` : `${who} are in`),
    intoConference: "You are invited to a conference",
  },

  fileNames: { chat: "chat", notes: "notes", both: "notes-and-chat" },

  problems: {
    too_long: words("This message is too long", "Send it in parts."),
    gone: words(
      "This person cannot be reached",
      "Your message was not sent: they left, or there is no direct way to their device. A message to everybody takes other ways.",
    ),
    too_large: words("This file is too large", "Files of up to 2 GB can be shared."),
    unreadable: words("The file could not be read", "It may have been moved or changed. Choose it again."),
  } satisfies Record<DocumentError["code"], { title: string; text: string }>,
};
