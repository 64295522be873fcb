/** The most items in an update; an honest edit makes one, and no more edits than this are gathered. */
export const MAX_ITEMS = 512;
