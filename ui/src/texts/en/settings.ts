import { plural } from "../format";

/** What the user can set. */
export const settings = {
  title: "Settings",
  you: "This device",
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
  devicesHelp: "Names appear once a call has used them.",
};
