/** The most links to introduced participants at a time: browsers make only some hundred peer connections. */
export const MAX_INTRODUCED = 64;

/** So many server-reflexive and so many relay candidates are taken of a peer however many others came before. */
export const MAX_OUTER = 3;

/** How many of the own candidates are kept, to be told once more if they did not arrive. */
export const MAX_TOLD = 16;
