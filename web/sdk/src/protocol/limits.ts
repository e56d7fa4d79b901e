/** The protocol's version and bounds, as the server has them. */

/** Version of the wire format; it grows whenever a golden vector changes. */
export const PROTOCOL_VERSION = 4;

/** Largest State datagram in bytes, header included. */
export const MAX_DATAGRAM = 1_000;

/** Largest frame on the Control lane in bytes. A longer one closes the link. */
export const MAX_CONTROL_FRAME = 16 * 1024;
