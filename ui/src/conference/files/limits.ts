/** How many texts are kept of somebody who is not verified yet; more cannot be served at once anyway. */
export const MAX_EARLY = 8;

/** The longest text, in UTF-16 units. */
export const MAX_TEXT = 200;
