import type { DeclineReason } from "../../bindings/DeclineReason";
import { type Words, words } from "../parts";

/** A call from its beginning to its end, and what is done during it. */
export const calls = {
  call: {
    with: (name: string) => `Call with ${name}`,
    putOut: {
      removed: words(
        "You were removed from the call",
        "The organiser ended it for you. Call again if that was a mistake.",
      ),
      full: words("The call is full", "As many are in it as can be. Try again when somebody has left."),
      locked: words("The call is locked", "Only the organiser can let people in now. Call the organiser."),
    },
    unknown: words("This call is over", "Nothing more is known about it here."),
    Preparing: words("Getting ready …", "Finding out how this device can be reached."),
    Sending: (name: string) =>
      words("Sending …", `The invitation to ${name} is on its way to your mail server.`),
    SendingAgain: words(
      "Your mail server does not take it yet",
      "Trying again until the time for this call is over.",
    ),
    Sent: (name: string) =>
      words("Sent", `Waiting for a device of ${name}’s to answer. Whether it rings is not known yet.`),
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
    timer: (time: string) => `Call time ${time}`,
    unverified:
      "Not yet verified: this is your first call with them, or it came without a key. Make sure you know the face or the voice.",
    unverifiedShort: "Not yet verified",
    keyChanged: (name: string) =>
      words(
        `${name} uses another key than before`,
        "A new device or a reinstallation does that. It could also be somebody else. Ask something only the right person knows.",
      ),
    elsewhere: words("This call is open in another window", "Picture and sound are there."),
    inBrowser: words(
      "This call is in a window of your browser",
      "Picture and sound are there: this window cannot show them.",
    ),
    showThere: "Show that window",
    behind: (name: string) =>
      words("The call is in another window", `If it is not in front, look for “${name}” among your windows.`),
    peerMuted: (name: string) => `${name} is muted`,
    peerCameraOff: (name: string) => `${name}’s camera is off`,
    self: "You",
    selfOff: "Your camera is off",
    remoteVideo: (name: string) => `Picture of ${name}`,
    playBlocked: "Click to hear the call",
    connectedAnnounce: (name: string) => `Connected with ${name}`,
  },
  ended: {
    Left: words("You left the conference"),
    HungUp: (name: string, byPeer: boolean) => words(byPeer ? `${name} hung up` : "You hung up"),
    CancelledOut: (name: string) =>
      words("You took the call back", `If the invitation reached ${name}, they see a missed call.`),
    CancelledIn: (name: string) => words(`${name} gave up calling`, "Call back if you like."),
    DeclinedOut: {
      declined: (name: string) => words(`${name} declined`, "Try another time, or write a mail."),
      busy: (name: string) => words(`${name} is in another call`, "Try again in a while."),
      other: (name: string) => words(`${name} did not take the call`, "Try another time, or write a mail."),
    } satisfies Record<DeclineReason, (name: string) => Words>,
    DeclinedIn: words("You declined the call"),
    NoAnswer: (name: string) =>
      words("No answer", `It rang, but ${name} did not pick up in time. ${name} will see a missed call.`),
    NoDevice: (name: string) =>
      words(
        "No device answered",
        `Your mail server took the invitation, but no device of ${name}’s said that it rings. Perhaps Mailcall is not open there, or not installed. If the mail arrives, it tells ${name} that you called.`,
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
    rejoin: "Rejoin",
    rejoinBy: (name: string) => `Rejoin by calling ${name}`,
    toMain: "To Mailcall",
    close: "Close",
    talked: (duration: string) => `You talked ${duration}.`,
    openSettings: "Open settings",
  },
  written: {
    title: "The call is over. What was written in it can be saved.",
    text: (call: string) => `It was the call “${call}”. Once Mailcall is closed, it is gone.`,
  },
  controls: {
    bar: "Call controls",
    mute: "Mute",
    unmute: "Unmute",
    cameraOn: "Camera on",
    cameraOff: "Camera off",
    hangUp: "Hang up",
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
        "The camera is blocked. Allow it in your browser’s address bar or the system’s privacy settings, then switch the camera on.",
      busy: "Another program uses the camera. Close it there, then switch the camera on.",
      opening: "Camera starts …",
    },
    microphone: {
      absent: "No microphone found. The others cannot hear you.",
      denied:
        "The microphone is blocked. Allow it in your browser’s address bar or the system’s privacy settings, then unmute.",
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
      cpu: "this device is too busy for the pictures",
      "nothing arrives": "nothing arrives at the moment",
    },
  },
  ring: {
    title: (name: string) => `${name} is calling`,
    preview: "Your picture, only you can see it",
    acceptVideo: "Accept with video",
    acceptAudio: "Audio only",
    decline: "Decline",
  },
};
