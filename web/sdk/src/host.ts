/**
 * The browser as the SDK sees it: the one file that reads a clock, sets a timer, draws random
 * numbers or touches a global. Tests put a host of their own in its place.
 */

/** What the SDK needs of its surroundings. */
export interface Host {
  /** Milliseconds since any origin; never goes back. */
  now(): number;
  /** Calls back once after `delay` milliseconds; the function given back cancels that. */
  setTimer(callback: () => void, delay: number): () => void;
  /** From 0 up to 1. */
  random(): number;
  /** A whole number of 40 bits that nobody can guess. */
  secret(): number;
  /** So many bytes that nobody can guess. */
  randomBytes(length: number): Uint8Array;
  fetch(url: string, init: RequestInit): Promise<Response>;
  readonly openWebSocket: ((url: string, protocol: string) => WebSocket) | undefined;
  readonly openWebTransport:
    | ((url: string, options: WebTransportOptions) => WebTransport)
    | undefined;
  readonly openPeerConnection: ((config: RTCConfiguration) => RTCPeerConnection) | undefined;
  /** Where hints and the identity are kept, if anywhere. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /** Where the tab keeps its seat over a reload, if anywhere. */
  readonly tabStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /** The page's own origin, for example `https://play.example`. */
  readonly origin: string;
  /** Milliseconds since 1970, for what outlives the page. */
  wallClock(): number;
  isHidden(): boolean;
  /** Writes an error where developers look for it. */
  logError(message: string): void;
  /** Calls back when the page is hidden or seen again; the function given back ends that. */
  onVisibility(handler: () => void): () => void;
  /** Calls back when the device may have moved to another network. */
  onNetworkChange(handler: () => void): () => void;
  /** Calls back when the page is left for good, as far as that can be told. */
  onUnload(handler: () => void): () => void;
}

/** The real thing. Works without a page as well, in a worker or in Node, as far as they go. */
export function browserHost(): Host {
  const page = typeof document === 'undefined' ? undefined : document;
  const frame = typeof window === 'undefined' ? undefined : window;
  return {
    now: () => performance.now(),
    setTimer: (callback, delay) => {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    secret: () => {
      const [high, low] = crypto.getRandomValues(new Uint32Array(2));
      return ((high ?? 0) & 0xff) * 2 ** 32 + (low ?? 0);
    },
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (url, init) => fetch(url, init),
    openWebSocket:
      typeof WebSocket === 'undefined'
        ? undefined
        : (url, protocol) => new WebSocket(url, protocol),
    openWebTransport:
      typeof WebTransport === 'undefined'
        ? undefined
        : (url, options) => new WebTransport(url, options),
    openPeerConnection:
      typeof RTCPeerConnection === 'undefined'
        ? undefined
        : (config) => new RTCPeerConnection(config),
    storage: storageIfAny(() => (typeof localStorage === 'undefined' ? undefined : localStorage)),
    tabStorage: storageIfAny(() =>
      typeof sessionStorage === 'undefined' ? undefined : sessionStorage,
    ),
    origin: typeof location === 'undefined' ? '' : location.origin,
    wallClock: () => Date.now(),
    logError: (message) => {
      // biome-ignore lint/suspicious/noConsole: in development this is where an error is looked for.
      console.error(message);
    },
    isHidden: () => page?.visibilityState === 'hidden',
    onVisibility: (handler) => listen(page, 'visibilitychange', handler),
    onNetworkChange: (handler) => {
      const stops = [listen(frame, 'online', handler), onOtherMedium(handler)];
      return () => {
        for (const stop of stops) {
          stop();
        }
      };
    },
    onUnload: (handler) =>
      listen(frame, 'pagehide', (event) => {
        // A page that is kept for the way back is only hidden.
        if (!(event as PageTransitionEvent).persisted) {
          handler();
        }
      }),
  };
}

function listen(
  target: EventTarget | undefined,
  event: string,
  handler: (event: Event) => void,
): () => void {
  target?.addEventListener(event, handler);
  return () => target?.removeEventListener(event, handler);
}

/** What some browsers tell of the network: an event for many things, the medium among them. */
type Medium = EventTarget & { readonly type?: string };

/** Calls back when the device goes from Wi-Fi to cellular or back, where the browser says so. */
function onOtherMedium(handler: () => void): () => void {
  const medium =
    typeof navigator === 'undefined'
      ? undefined
      : (navigator as Navigator & { connection?: Medium }).connection;
  let last = medium?.type;
  return listen(medium, 'change', () => {
    if (medium?.type !== last) {
      last = medium?.type;
      handler();
    }
  });
}

/** Reading the property alone throws where storage is forbidden. */
function storageIfAny(read: () => Storage | undefined): Storage | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
