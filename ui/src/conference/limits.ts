/** The most links to introduced participants at a time: browsers make only some hundred peer connections. */
export const MAX_INTRODUCED = 64;

/** So many server-reflexive and so many relay candidates are taken of a peer however many others came before. */
export const MAX_OUTER = 3;

/** How many of the own candidates are kept, to be told once more if they did not arrive. */
export const MAX_TOLD = 16;

/** What is taken of the messages on a link, but for candidates, which are counted by themselves. */
export const MESSAGES = { burst: 200, perSecond: 50 } as const;

/** How many frames wait until it is proven who sends them, and how many UTF-16 units these have together. */
export const MAX_UNPROVEN = 64;
export const MAX_UNPROVEN_SIZE = 1024 * 1024;
