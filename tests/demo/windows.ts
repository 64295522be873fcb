import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { FakeMedia } from "../harness/media.ts";
import * as paths from "../harness/paths.ts";
import type { Device } from "../harness/person.ts";
import type { Leftovers } from "./leftovers.ts";
import { say, setUp } from "./stage.ts";

/** The native app, as `cargo xtask demo` has built it. */
const app = process.env["MAILCALL_DEMO_APP"] ?? join(paths.root, "target", "debug", "mailcall");

/** How often sudo is reminded that it knows us, in ms: the mail server can only be ended with its help. */
const SUDO_MS = 4 * 60_000;
/** How long a window may take to close, in ms. */
const CLOSING_MS = 5_000;

/** Both windows on the screen, until they are closed or this is interrupted. */
export async function playWindows(out: string, leftovers: Leftovers, native: boolean): Promise<void> {
  rememberSudo(leftovers);
  const { alice, bob, media } = await setUp(join(out, "run"), leftovers, !native);
  const camera = readdirSync("/dev").some((name) => name.startsWith("video"));
  const open = native ? openApp : openBrowserWindow;
  say(native ? "opening the app twice" : "opening a browser window each");
  const both = await Promise.all([
    open(alice, media.alice, leftovers),
    // There is one camera at most, and two cannot have it at once: you are Bob.
    open(bob, camera ? undefined : media.bob, leftovers),
  ]);
  process.stdout.write(instructions(native, camera));
  await Promise.all(both.map(({ closed }) => closed));
  say("both windows are closed");
}

function instructions(native: boolean, camera: boolean): string {
  const ring = native ? "Bob's ring window (or the notification)" : "Bob's window";
  const page = native
    ? "\n     (This system's webview may lack WebRTC; then a browser window shows the call.)"
    : "";
  const you = camera
    ? "You are Bob, with your own camera and microphone."
    : "You are Bob; a drawn face stands in.";
  const end = native
    ? "Quit in the tray menu of both, or press Ctrl-C here."
    : "Close both windows, or press Ctrl-C here.";
  return `
  Two windows are open. ${you} Alice is drawn, and chimes.

  1. In Alice's window (the one with the contact Bob), press the camera beside Bob.
  2. After about a second ${ring} says that Alice is calling. Press Accept.${page}
  3. Hang up on either side. Call again: from now on calls are encrypted and connect faster.

  ${end}

`;
}

interface Shown {
  /** Done when the program behind the window has ended. */
  readonly closed: Promise<unknown>;
}

async function openApp(device: Device, media: FakeMedia | undefined, leftovers: Leftovers): Promise<Shown> {
  const extra = browserArguments(media);
  // They are separated by blanks there.
  const fit = extra.filter((argument) => !/\s/.test(argument));
  const env = { ...process.env, MAILCALL_BROWSER_ARGS: fit.join(" ") };
  const { dataDir } = device.backend;
  return show(device, app, ["--data-dir", dataDir], env, leftovers);
}

async function openBrowserWindow(
  device: Device,
  media: FakeMedia | undefined,
  leftovers: Leftovers,
): Promise<Shown> {
  const arguments_ = [
    `--app=${await device.backend.pageUrl("/")}`,
    `--user-data-dir=${device.backend.dataDir}/browser`,
    "--auto-accept-camera-and-microphone-capture",
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-sync",
    "--window-size=900,680",
    `--window-position=${device.owner.name === "Alice" ? "20,40" : "960,40"}`,
    ...browserArguments(media),
  ];
  return show(device, paths.chromium, arguments_, process.env, leftovers);
}

/** What a browser needs besides; `media`: in the place of camera and microphone. */
function browserArguments(media: FakeMedia | undefined): string[] {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  if (media === undefined) return sandbox;
  return [
    ...sandbox,
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${media.video}`,
    `--use-file-for-fake-audio-capture=${media.audio}`,
  ];
}

async function show(
  device: Device,
  file: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  leftovers: Leftovers,
): Promise<Shown> {
  const log = openSync(`${device.backend.dataDir}.window.log`, "a");
  const child = spawn(file, [...words], { env, stdio: ["ignore", log, log] });
  closeSync(log);
  const closed = once(child, "exit");
  // Once it has started, an end is no failure.
  await once(child, "spawn");
  leftovers.add(`${device.owner.name}'s window`, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    const insist = setTimeout(() => child.kill("SIGKILL"), CLOSING_MS);
    await closed;
    clearTimeout(insist);
  });
  return { closed };
}

function rememberSudo(leftovers: Leftovers): void {
  if (process.getuid?.() === 0) return;
  const timer = setInterval(() => execFile("sudo", ["-n", "-v"], () => undefined), SUDO_MS);
  leftovers.add("the reminder of sudo", () => Promise.resolve(clearInterval(timer)));
}
