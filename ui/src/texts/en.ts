import type { DeclineReason } from "../bindings/DeclineReason";
import type { FailureCode } from "../host";
import { plural } from "./format";

/** A heading, and what it means or what to do next. */
export interface Words {
  readonly title: string;
  readonly text: string;
}

const words = (title: string, text = ""): Words => ({ title, text });

/**
 * Every text of Mailcall in English. A text with parameters is a function; a text that counts uses `plural`. Another
 * language is another object of the same type.
 */
export const en = {
  language: "en",
  app: {
    name: "Mailcall",
    tagline: "Call anyone who has an e-mail address.",
    connecting: "Starting …",
    disconnected:
      "Mailcall does not answer. Trying again … If this stays, open Mailcall again from its icon.",
    close: "Close",
    cancel: "Cancel",
    back: "Back",
    undo: "Undo",
    details: "Details",
    more: "More",
    save: "Save",
    show: "Show",
    dismiss: "Dismiss",
    skip: "Skip to the content",
    notifications: "Messages",
  },

  firstRun: {
    title: "Sign in with your e-mail",
    addTitle: "Add an account",
    intro:
      "Mailcall rings people through the mailbox you already have. Your calls go straight from device to device; nothing runs on a server of ours.",
    address: "E-mail address",
    addressBad: "This does not look like an e-mail address.",
    name: "Your name",
    nameHelp: "People you call see it.",
    namePlaceholder: "Optional",
    password: "Password",
    appPassword: (provider: string) => `App password from ${provider}`,
    passwordShow: "Show password",
    passwordHide: "Hide password",
    passwordMissing: "Enter the password of your mailbox.",
    signIn: "Sign in",
    signingIn: "Signing in …",
    discovering: (domain: string) => `Looking for the mail servers of ${domain} …`,
    found: (imap: string, smtp: string) =>
      imap === smtp ? `Found ${imap}.` : `Found ${imap} to receive and ${smtp} to send.`,
    notFound: (domain: string) =>
      `No mail server found for ${domain}. Enter the servers below; your provider’s help pages list them.`,
    unsure: "These servers come from an unprotected lookup. Check their names before you sign in.",
    change: "Enter servers myself",
    automatic: "Find servers for me",
    hint: {
      app_password: (provider: string) =>
        words(
          `${provider} wants an app password`,
          `Your usual password does not work in other programs. Make an app password at ${provider} (two-step sign-in must be on) and enter it here.`,
        ),
      imap_switch: (provider: string) =>
        words(
          `Switch IMAP on at ${provider} first`,
          `${provider} lets programs like Mailcall in only after you allow it in its settings.`,
        ),
      no_passwords: (provider: string) =>
        words(
          `${provider} does not work with Mailcall yet`,
          `${provider} no longer accepts passwords from any program, not even app passwords. Use an address from another provider.`,
        ),
    },
    hintLink: {
      app_password: (provider: string) => `Make an app password at ${provider}`,
      imap_switch: (provider: string) => `Open the settings of ${provider}`,
      no_passwords: (provider: string) => `What ${provider} says about it`,
    },
    servers: "Mail servers",
    receiving: "Receives (IMAP)",
    sending: "Sends (SMTP)",
    host: "Server",
    port: "Port",
    security: "Protection",
    securities: { tls: "TLS", start_tls: "STARTTLS", plain: "None" },
    plainWarning:
      "Without protection anybody on the way can read your password. Only for a server on your own network.",
    login: "Login name",
    loginHelp: "Only if it is not your address.",
    serversMissing: "Enter both servers.",
    secretsTitle: "Where should Mailcall keep your password?",
    secretsText: "This computer has no key store that Mailcall can use, or it is locked.",
    secretsFile: "In a file that only your user account can read",
    secretsFileHelp: "Whoever can use your user account or read this disk can read it.",
    secretsMissing: "Choose where the password is kept to go on.",
    secretsRetry: "Use the key store: unlock it, then sign in again",
  },

  certificate: {
    title: "This server cannot prove who it is",
    text: (host: string) =>
      `The certificate of ${host} is not signed by anyone this computer trusts. That is normal for a server of your own. Otherwise somebody may be reading along: then do not go on.`,
    compare: "Compare this fingerprint with the one the server’s owner gives you:",
    trust: "It is the right server, trust it",
    stop: "Do not trust it",
  },

  selfTest: {
    running: "Testing: sending a mail to yourself …",
    runningText: "It shows how fast a call can reach you.",
    good: (seconds: string) =>
      words(
        "You can be called",
        `A mail to yourself was back after ${seconds}. A call to you rings about that fast.`,
      ),
    slow: (seconds: string) =>
      words(
        "It works, but your mailbox is slow",
        `A mail to yourself took ${seconds}. Callers will wait about that long before it rings.`,
      ),
    failed: "Signed in, but the test mail did not come back",
    failedText: "You can go on and try again later in the settings.",
    start: "Start",
    again: "Test again",
    run: "Test now",
  },

  account: {
    title: "Accounts",
    connecting: "Connecting …",
    ready: "Ready: calls ring at once",
    readySlowly: "Ready: calls ring within 15 seconds (your server cannot tell us sooner)",
    offline: "Offline: cannot be called. Trying again …",
    signedOut: "Cannot be called: the password is refused",
    bannerOffline: (address: string) => `${address} cannot be called right now.`,
    bannerSignedOut: (address: string) => `${address} needs its password again.`,
    enterPassword: "Enter password",
    newPassword: "New password",
    passwordFor: (address: string) => `Password for ${address}`,
    passwordChanged: "Password changed.",
    changePassword: "Change password",
    add: "Add an account",
    signOut: "Sign out",
    signOutTitle: (address: string) => `Sign out of ${address}?`,
    signOutText:
      "Mailcall forgets this account on this device: its contacts, its calls and its key. Your mail stays where it is. This cannot be undone.",
    keyOf: "Key of this account",
    from: "Call from",
    fileNote: "Password kept in a file",
  },

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

  contacts: {
    title: "Contacts",
    empty: words("No contacts yet", "Whoever you call becomes a contact, and can ring you from then on."),
    add: "Add contact",
    addTitle: "Add a contact",
    addText: "Contacts may ring you. Everybody else can only ask.",
    edit: "Rename",
    editTitle: (name: string) => `Rename ${name}`,
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
  },

  call: {
    with: (name: string) => `Call with ${name}`,
    unknown: words("This call is over", "Nothing more is known about it here."),
    Preparing: words("Getting ready …", "Looking for the ways this device can be reached."),
    Sending: (name: string) =>
      words("Sending …", `The invitation to ${name} is on its way to your mail server.`),
    SendingAgain: words(
      "Your mail server does not take it yet",
      "Trying again until the time for this call is over.",
    ),
    Sent: (name: string) => words("Sent", `Waiting for a device of ${name}’s to answer. Nothing rings yet.`),
    Ringing: (name: string, device: string) =>
      words(device === "" ? "Ringing" : `Ringing on “${device}”`, `Waiting for ${name} to pick up.`),
    IncomingRinging: (name: string) => words(`${name} is calling`),
    IncomingVideo: "Video call",
    IncomingAudio: "Audio call",
    Requested: (name: string) => words(`${name} wants to call you`, "It does not ring until you allow it."),
    Connecting: (name: string) =>
      words("Connecting …", `The call is taken. Finding a way to ${name}’s device.`),
    ConnectingLong: "Some networks make this slow. It can take up to a minute.",
    Connected: words("Connected"),
    Reconnecting: words("Reconnecting …", "The connection broke. Finding another way; stay on the call."),
    callingToo: (name: string) => `${name} is calling you too. Accept to be connected.`,
    to: (address: string) => `Call to ${address}`,
    timer: (time: string) => `Call time ${time}`,
    unverified:
      "Not yet verified: this is the first contact, or it came without a key. Make sure you know the face or the voice.",
    keyChanged: (name: string) =>
      words(
        `${name} uses another key than before`,
        "A new device or a reinstallation does that. It could also be somebody else. Ask something only the right person knows.",
      ),
    elsewhere: words("This call is open in another window", "Picture and sound are there."),
    inBrowser: words(
      "This call is in your browser",
      "This window cannot show pictures, so your browser does.",
    ),
    showThere: "Show that window",
    peerMuted: (name: string) => `${name} is muted`,
    peerCameraOff: (name: string) => `${name}’s camera is off`,
    self: "You",
    selfOff: "Your camera is off",
    remoteVideo: (name: string) => `Picture of ${name}`,
    playBlocked: "Click to hear the call",
    connectedAnnounce: (name: string) => `Connected with ${name}`,
  },

  ended: {
    HungUp: (name: string, byPeer: boolean) => words(byPeer ? `${name} hung up` : "You hung up"),
    CancelledOut: (name: string) => words("You took the call back", `${name} sees a missed call.`),
    CancelledIn: (name: string) => words(`${name} gave up calling`, "Call back if you like."),
    DeclinedOut: {
      declined: (name: string) => words(`${name} declined`, "Try another time, or write a mail."),
      busy: (name: string) => words(`${name} is in another call`, "Try again in a while."),
      other: (name: string) => words(`${name} did not take the call`, "Try another time, or write a mail."),
    } satisfies Record<DeclineReason, (name: string) => Words>,
    DeclinedIn: words("You declined the call"),
    NoAnswer: (name: string) =>
      words("No answer", `It rang, but ${name} did not pick up in time. ${name} sees a missed call.`),
    NoDevice: (name: string) =>
      words(
        "No device answered",
        `Your mail was delivered, but no device of ${name}’s said that it rings. Perhaps Mailcall is not open there, or not installed. The mail tells ${name} that you called.`,
      ),
    Missed: (name: string) => words(`You missed a call from ${name}`, "Call back if you like."),
    AnsweredElsewhere: words(
      "Dealt with on another device",
      "One of your other devices took or declined this call.",
    ),
    Superseded: (name: string) => words("You called each other", `${name}’s call goes on instead of yours.`),
    LinkLost: (name: string) =>
      words(
        "The connection was lost",
        `It could not be restored. Check your network, then call ${name} again.`,
      ),
    NeverConnected: (name: string) =>
      words(
        "Could not connect",
        `The call was taken, but no way was found between your network and ${name}’s. Another network (a phone’s hotspot) or a TURN server in the settings helps.`,
      ),
    Unreachable: (name: string) =>
      words(
        `The invitation to ${name} could not be delivered`,
        "Check the address. The mail server’s own words are below.",
      ),
    NotSent: words(
      "The invitation could not be sent",
      "Your own mail server was not reached in time. Check your network connection and try again.",
    ),
    NoPage: words(
      "There was no window for the call",
      "Mailcall needs a browser that can make calls, such as Chromium, Chrome, Edge or Firefox. Install one and try again.",
    ),
    Interrupted: words("Mailcall was stopped during the call", "Call again to go on."),
    again: "Call again",
    back: "Call back",
    toMain: "To Mailcall",
    close: "Close",
    talked: (duration: string) => `You talked ${duration}.`,
    openSettings: "Open settings",
  },

  controls: {
    bar: "Call controls",
    mute: "Mute",
    unmute: "Unmute",
    cameraOn: "Camera on",
    cameraOff: "Camera off",
    hangUp: "Hang up",
    leave: "Leave",
    devices: "Devices",
    fullScreen: "Full screen",
    exitFullScreen: "Leave full screen",
    shortcut: (label: string, key: string) => `${label} (${key})`,
    camera: "Camera",
    microphone: "Microphone",
    speaker: "Speaker",
    systemDefault: "System default",
    unnamed: (n: number) => `Device ${n}`,
    noDevices: "None found",
    appeared: (name: string) => `${name} was plugged in.`,
    use: "Use it",
    swapPictures: "Move your picture to another corner",
  },

  capture: {
    camera: {
      absent: "No camera found. The others see your name instead.",
      denied:
        "The camera is blocked. Allow it in your browser’s address bar or the system’s privacy settings.",
      busy: "Another program uses the camera. Close it there, then switch the camera on.",
      opening: "Camera starts …",
    },
    microphone: {
      absent: "No microphone found. The others cannot hear you.",
      denied:
        "The microphone is blocked. Allow it in your browser’s address bar or the system’s privacy settings.",
      busy: "Another program uses the microphone. Close it there, then unmute.",
      opening: "Microphone starts …",
    },
  },

  quality: {
    good: "Good connection",
    fair: "Connection is a bit weak",
    poor: "Bad connection",
    unknown: "",
    reasons: {
      loss: "parts get lost on the way",
      delay: "everything arrives late",
      bandwidth: "the network is too slow for the picture",
      "nothing arrives": "nothing arrives at the moment",
    },
    relayed: "over your relay server",
  },

  ring: {
    title: (name: string) => `${name} is calling`,
    preview: "Your picture, only you can see it",
    previewOff: "Your camera is off",
    acceptVideo: "Accept with video",
    acceptAudio: "Audio only",
    decline: "Decline",
  },

  settings: {
    title: "Settings",
    you: "This device",
    name: "Your name",
    deviceName: "Name of this device",
    deviceNameHelp: "Callers read it while it rings here, for example “laptop”.",
    privacy: "Privacy",
    hide: "Hide my network address until I answer",
    hideHelp:
      "Otherwise a verified contact’s call prepares its connection while it rings, and connects faster.",
    relayOnly: "Always hide my network address",
    relayOnlyHelp: "Calls go only through your TURN servers. Without one they cannot connect.",
    relayOnlyMissing: "Add a TURN server first: without one no call can connect.",
    calls: "Calls",
    ringSeconds: "How long my calls ring",
    seconds: (n: number) => plural("en", n, { one: "1 second", other: `${n} seconds` }),
    file: "Move call invitations to a folder “Mailcall”",
    fileHelp: "Otherwise they stay in your inbox as a record.",
    network: "Finding a way between networks",
    networkHelp:
      "STUN servers tell this device its public address. TURN servers pass calls on where no direct way exists.",
    stun: "STUN servers",
    stunHelp: "One a line, like stun:stun.example.org:3478",
    stunBad: (line: string) => `“${line}” is not a STUN address. It starts with stun: or stuns:`,
    turn: "TURN servers",
    turnUrl: "Address",
    turnUrlBad: "A TURN address starts with turn: or turns:",
    turnUser: "User name",
    turnPassword: "Password",
    turnAdd: "Add a TURN server",
    turnRemove: "Remove",
    saved: "Saved",
    version: (version: string) => `Mailcall ${version}`,
    devices: "Camera, microphone and speaker",
    devicesHelp: "Names appear once a call or a test has used them.",
  },

  errors: {
    malformed: words(
      "Mailcall did not understand its own page",
      "Reload this window. If it happens again, please report it.",
    ),
    no_hello: words("The page and Mailcall lost touch", "Reload this window."),
    unknown_account: words("This account is gone", "It was signed out. Sign in again."),
    unknown_call: words("This call is over", "It ended in the meantime."),
    already_signed_in: words("This account is signed in already", ""),
    wrong_password: words(
      "The server refuses this password",
      "Check the address and the password. If you use two-step sign-in, you may need an app password.",
    ),
    needs_app_password: words(
      "This provider wants an app password",
      "Your usual password does not work here. Make an app password on the provider’s page and enter that.",
    ),
    passwords_not_accepted: words(
      "This provider accepts no passwords",
      "It lets no program in with a password. Use an address from another provider.",
    ),
    servers_not_found: words(
      "No mail server found for this address",
      "Check what follows the @, or enter the servers yourself.",
    ),
    server_unreachable: words(
      "The mail server does not answer",
      "Check your network connection, and the server’s name and port.",
    ),
    certificate: words("The server cannot prove who it is", "Its certificate does not verify."),
    server_confused: words("This does not seem to be a mail server", "Check its name, port and protection."),
    refused: words("The mail server refuses", "Its own words are in the details."),
    timed_out: words("It took too long", "Check your network connection and try again."),
    key_store: words(
      "The key store is locked or missing",
      "Unlock it and try again, or keep the password in a file.",
    ),
    storage: words(
      "Nothing can be saved",
      "The disk may be full, or Mailcall may not write to its folder. Make room and try again.",
    ),
    own_address: words("This is your own address", "Enter somebody else’s."),
    no_browser: words(
      "No browser that can make calls was found",
      "Install Chromium, Chrome, Edge or Firefox and try again.",
    ),
    bad_key: words(
      "This is not a key that can be used",
      "Choose the file that Mailcall saved on your other device.",
    ),
    disconnected: words("Mailcall does not answer", "Open it again from its icon, then try again."),
    fault: words("Something went wrong", "Try again. If it stays, reload this window."),
  } satisfies Record<FailureCode | "fault", Words>,
};
