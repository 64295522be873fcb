/** What a key does during a call. */
export type Shortcut = "mute" | "camera" | "hand" | "share" | "chat" | "people" | "view" | "full" | "list";

/** Every shortcut, as it is listed. M, V and F work as in other conference programs. */
export const SHORTCUTS: Readonly<Record<Shortcut, string>> = {
  mute: "M",
  camera: "V",
  hand: "H",
  share: "S",
  chat: "C",
  people: "P",
  view: "G",
  full: "F",
  list: "?",
};

const BY_KEY = new Map(Object.entries(SHORTCUTS).map(([name, key]) => [key, name as Shortcut]));

/** The shortcut that was pressed; null for none, and while the user types or a dialog is open. */
export function shortcutOf(
  event: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "repeat">,
  typing: boolean,
): Shortcut | null {
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  return BY_KEY.get(letterOf(event).toUpperCase()) ?? null;
}

/** What the key types; where that is of another alphabet, what is printed there on a Latin keyboard. */
function letterOf({ key, code }: Pick<KeyboardEvent, "key" | "code">): string {
  const isForeign = /^\p{L}$/u.test(key) && !/\p{Script=Latin}/u.test(key);
  return isForeign ? code.replace(/^Key/, "") : key;
}

/** Whether keys go into something: a field, a slider, a dialog. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, dialog") !== null;
}
