/** The protocol's version and bounds, as the server has them. */

/** Version of the wire format; it grows whenever a golden vector changes. */
export const PROTOCOL_VERSION = 5;

/** Largest State datagram in bytes, header included. */
export const MAX_DATAGRAM = 1_000;

/** Most bytes of inputs in a datagram: what is left behind its header, the tick and the count. */
export const MAX_INPUT = MAX_DATAGRAM - 15;

/** Largest frame on the Control lane in bytes. A longer one closes the link. */
export const MAX_CONTROL_FRAME = 16 * 1024;

/** Largest action in bytes: what is left of a frame behind ten bytes of the message's own. */
export const MAX_ACTION = MAX_CONTROL_FRAME - 10;
