/** Numbers as people read them. Pure. */

/** Minutes and seconds of a time in ticks, `2:05`; rounded up, so that 0:00 means over. */
export function clock(ticks: number, tickRate: number): string {
  const seconds = secondsLeft(ticks, tickRate);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Whole seconds of a time in ticks, rounded up and never negative. */
export function secondsLeft(ticks: number, tickRate: number): number {
  return Math.max(0, Math.ceil(ticks / tickRate - 0.001));
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(place: number): string {
  const tens = place % 100;
  const suffix = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${suffix}`;
}

/** A share from 0 to 1 as `3 %`; small ones with one decimal. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
}

/** A round number with thin spaces between thousands, `12 480`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** Bits a second of a number of bytes in a number of milliseconds, `12.4 kbit/s`. */
export function bitRate(bytes: number, milliseconds: number): string {
  const kilobits = milliseconds > 0 ? (bytes * 8) / milliseconds : 0;
  return `${kilobits < 99.5 ? kilobits.toFixed(1) : Math.round(kilobits)} kbit/s`;
}

const RUNG_NAMES = {
  webtransport: 'WebTransport',
  webrtc: 'WebRTC',
  websocket: 'WebSocket',
} as const;

/** A rung's name as its specification spells it. */
export function rungName(rung: keyof typeof RUNG_NAMES | undefined): string {
  return rung === undefined ? 'Connecting' : RUNG_NAMES[rung];
}

/** Name of a file of this kind that is saved at `date`, in the device's own time. */
export function recordingName(date: Date, extension: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `battle-circles-${day}-${two(date.getHours())}${two(date.getMinutes())}.${extension}`;
}
