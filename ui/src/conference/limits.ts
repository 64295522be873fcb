/** The most links to introduced participants at a time: browsers make only some hundred peer connections. */
export const MAX_INTRODUCED = 64;
