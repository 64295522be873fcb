import { accounts } from "./accounts";
import { calls } from "./calls";
import { errors } from "./errors";
import { main } from "./main";
import { settings } from "./settings";

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
    disconnected: "Mailcall does not answer. Trying again … If this stays, open Mailcall from its icon.",
    close: "Close",
    cancel: "Cancel",
    back: "Back",
    undo: "Undo",
    details: "Details",
    save: "Save",
    dismiss: "Dismiss",
    notifications: "Messages",
  },
  ...accounts,
  ...main,
  ...calls,
  settings,
  errors,
};
