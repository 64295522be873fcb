import { conference } from "./en/conference";

/** The part of the catalogue that only calls need; fetched with them. */
export const tc = conference;
