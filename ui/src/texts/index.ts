import { en } from "./en";

export type { Words } from "./parts";

/** The catalogue in the user's language. English is the only one so far. */
export const t = en;
