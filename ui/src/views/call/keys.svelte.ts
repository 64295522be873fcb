import { type Shortcut, SHORTCUTS } from "./shortcuts";

const KEY = "mailcall.keys";

/**
 * Whether single keys do something during a call, remembered in the browser's storage. Who speaks to the device, or
 * often presses keys by accident, would do things without meaning to (WCAG 2.1.4).
 */
class Keys {
  #on = $state(recalled());

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    try {
      localStorage.setItem(KEY, on ? "on" : "off");
    } catch {
      // A storage that is full or forbidden: the choice holds as long as the page.
    }
  }

  /** The key that does it; empty if none does. */
  of(shortcut: Shortcut): string {
    return this.#on ? SHORTCUTS[shortcut] : "";
  }
}

function recalled(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export const keys = new Keys();
