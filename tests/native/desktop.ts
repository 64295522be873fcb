import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { Program } from "../harness/program.ts";
import { until } from "../harness/wait.ts";

const execute = promisify(execFile);

/** How long a part of the desktop may take to start on a busy machine, in ms. */
const START_MS = 20_000;

/** A notification as the notification server got it. */
export interface Shown {
  readonly id: number;
  readonly urgency: string;
  /** The title and the text below it. */
  readonly summary: string;
  readonly body: string;
}

/** A desktop session of its own: a screen that nobody sees, a window manager, a message bus, and dunst. */
export class Desktop {
  private constructor(
    private readonly dir: string,
    readonly env: NodeJS.ProcessEnv,
    private readonly programs: readonly Program[],
  ) {}

  /** `theme`: of GTK, by its name. */
  static async start(dir: string, theme = "Adwaita"): Promise<Desktop> {
    await mkdir(join(dir, "run"), { recursive: true, mode: 0o700 });
    await mkdir(join(dir, "home"), { recursive: true });
    await mkdir(join(dir, "bin"), { recursive: true });
    // What the desktop opens links with.
    const opener = join(dir, "bin", "xdg-open");
    await writeFile(opener, `#!/bin/sh\necho "$1" >> "${join(dir, "visited")}"\n`);
    await chmod(opener, 0o755);
    const log = join(dir, "desktop.log");
    const env: NodeJS.ProcessEnv = {
      PATH: `${join(dir, "bin")}:${process.env["PATH"] ?? ""}`,
      LANG: "C.UTF-8",
      HOME: join(dir, "home"),
      XDG_RUNTIME_DIR: join(dir, "run"),
      XDG_SESSION_TYPE: "x11",
      GDK_BACKEND: "x11",
      GTK_THEME: theme,
      GSETTINGS_BACKEND: "memory",
      NO_AT_BRIDGE: "1",
    };
    const programs: Program[] = [];
    const begin = (name: string, ...args: string[]): Program => {
      const program = Program.start(name, name, args, log, env);
      programs.push(program);
      return program;
    };
    const screen = begin("Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp");
    env["DISPLAY"] = `:${await screen.firstLine(START_MS)}`;
    const bus = begin("dbus-daemon", `--config-file=${await busConfig(dir)}`, "--nofork", "--print-address");
    env["DBUS_SESSION_BUS_ADDRESS"] = await bus.firstLine(START_MS);
    begin("openbox", "--sm-disable");
    begin("dunst", "-conf", await dunstrc(dir));
    const desktop = new Desktop(dir, env, programs);
    await until("dunst answers", () => desktop.displayed().catch(() => undefined), START_MS);
    await until("windows are managed", () => desktop.#isManaged(), START_MS);
    return desktop;
  }

  async stop(): Promise<void> {
    for (const program of this.programs.toReversed()) await program.end();
  }

  /** How many notifications are on the screen. */
  async displayed(): Promise<number> {
    return Number(await this.#run("dunstctl", "count", "displayed"));
  }

  /** All notifications that were ever shown, in order. */
  async notifications(): Promise<Shown[]> {
    const text = await readFile(join(this.dir, "shown"), "utf8").catch(() => "");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Shown]));
  }

  /** Waits until one with this title is on the screen. */
  async notification(title: string): Promise<Shown> {
    const shown = await until(`the notification "${title}"`, async () =>
      (await this.notifications()).find(({ summary }) => summary === title),
    );
    await until(`"${title}" is on the screen`, async () => ((await this.displayed()) > 0 ? true : undefined));
    return shown;
  }

  async untilNoNotification(): Promise<void> {
    await until("no notification is shown", async () => ((await this.displayed()) === 0 ? true : undefined));
  }

  /** The pages that the user's browser was asked to open, in order. */
  async visited(): Promise<string[]> {
    const text = await readFile(join(this.dir, "visited"), "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  /** Opens dunst's own menu of actions and chooses the one with this label; gives all labels that it offered. */
  async choose(label: string): Promise<string[]> {
    const menu = join(this.dir, "menu");
    await rm(menu, { force: true });
    await writeFile(join(this.dir, "choice"), label);
    await this.#run("dunstctl", "context");
    const offered = await until("dunst asks for a choice", () =>
      readFile(menu, "utf8").catch(() => undefined),
    );
    return offered.split("\n").flatMap((line) => /^#(.*?) \(/.exec(line)?.[1] ?? []);
  }

  /** What a click on the notification does. */
  async click(): Promise<void> {
    await this.#run("dunstctl", "action", "0");
  }

  /** The visible windows with this in their title. */
  async windows(title: string): Promise<string[]> {
    return this.#search("--onlyvisible", "--name", title);
  }

  async window(title: string): Promise<string> {
    return until(`a window "${title}"`, async () => (await this.windows(title))[0], START_MS);
  }

  async untilNoWindow(title: string): Promise<void> {
    await until(`no window "${title}"`, async () =>
      (await this.windows(title)).length === 0 ? true : undefined,
    );
  }

  /** Closes a window as a person does, with the window manager's key. */
  async closeWindow(id: string): Promise<void> {
    await this.#run("xdotool", "windowactivate", "--sync", id, "key", "--clearmodifiers", "alt+F4");
  }

  /** Types into the window that has the focus; `Return`, `Tab` and `shift+Tab` among it are keys. */
  async type(...words: readonly string[]): Promise<void> {
    for (const word of words) {
      const isKey = ["Return", "Tab", "shift+Tab"].includes(word);
      await this.#run("xdotool", ...(isKey ? ["key", word] : ["type", "--delay", "5", word]));
    }
  }

  /** Pulls a window to a size, and tells the size it took: width and height in pixels. */
  async resize(id: string, width: number, height: number): Promise<readonly [number, number]> {
    await this.#run("xdotool", "windowsize", "--sync", id, String(width), String(height));
    const shape = await this.#run("xdotool", "getwindowgeometry", "--shell", id);
    const read = (name: string): number => Number(new RegExp(`^${name}=(.*)$`, "m").exec(shape)?.[1]);
    return [read("WIDTH"), read("HEIGHT")];
  }

  /** What a window shows: how bright it is on the whole, 0 to 1, and how many colours it has. */
  async look(id: string): Promise<{ readonly brightness: number; readonly colours: number }> {
    const file = join(this.dir, "window.png");
    await this.#run("import", "-window", id, file);
    const told = await this.#run("identify", "-format", "%[fx:mean] %k", file);
    const [brightness = NaN, colours = NaN] = told.split(" ").map(Number);
    return { brightness, colours };
  }

  /** The title of the window that has the focus. */
  async focused(): Promise<string> {
    return (await this.#run("xdotool", "getactivewindow", "getwindowname")).trim();
  }

  /** Saves a picture of the screen. */
  async picture(file: string): Promise<void> {
    await this.#run("import", "-window", "root", file);
  }

  /** Runs a program of this session to its end. */
  async #run(file: string, ...args: string[]): Promise<string> {
    return (await execute(file, args, { env: this.env })).stdout;
  }

  async #search(...args: string[]): Promise<string[]> {
    // xdotool's exit status says that nothing was found.
    const found = await this.#run("xdotool", "search", ...args).catch(() => "");
    return found.split("\n").filter((id) => id !== "");
  }

  async #isManaged(): Promise<true | undefined> {
    const desktops = await this.#run("xdotool", "get_num_desktops").catch(() => "0");
    return Number(desktops) > 0 ? true : undefined;
  }
}

/** A message bus that starts no services: nobody but this session's dunst shows notifications. */
async function busConfig(dir: string): Promise<string> {
  const file = join(dir, "session.conf");
  await writeFile(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`,
  );
  return file;
}

/** Tells dunst to report what it shows, and to ask a script instead of a person for the choice of an action. */
async function dunstrc(dir: string): Promise<string> {
  const file = join(dir, "dunstrc");
  const report = join(dir, "report.mjs");
  const menu = join(dir, "menu.sh");
  await writeFile(
    report,
    `#!${process.execPath}
import { appendFileSync } from "node:fs";
const { DUNST_ID, DUNST_URGENCY, DUNST_SUMMARY, DUNST_BODY } = process.env;
const shown = { id: Number(DUNST_ID), urgency: DUNST_URGENCY, summary: DUNST_SUMMARY, body: DUNST_BODY };
appendFileSync(${JSON.stringify(join(dir, "shown"))}, JSON.stringify(shown) + "\\n");
`,
  );
  await writeFile(
    menu,
    `#!/bin/sh
cat > "${dir}/menu.new"
mv "${dir}/menu.new" "${dir}/menu"
grep -m 1 -- "^#$(cat "${dir}/choice") (" "${dir}/menu"
`,
  );
  await Promise.all([chmod(report, 0o700), chmod(menu, 0o700)]);
  await writeFile(
    file,
    `[global]
dmenu = ${menu}
width = 380
origin = top-right
format = "<b>%s</b>\\n%b"
markup = full
font = Sans 11
[all]
summary = "*"
script = ${report}
`,
  );
  return file;
}
