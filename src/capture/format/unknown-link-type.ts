/**
 * Formats that have numbers of their own for kinds of links: what no LINKTYPE_ value stands for gets this plus its
 * number, which no link type has, so that a warning names it.
 */
export const UNKNOWN_LINK_TYPE = 0x10000;
