/**
 * Which server the page plays on: the one in its address, `?server=https://game.example`, else the one
 * that the build was given (`VITE_SERVER_ORIGIN`), else the one that the page comes from. Pure.
 */

/** The name of the parameter in the page's address. */
const PARAMETER = 'server';

/** A server to play on. */
export interface Server {
  /** Scheme, host and port, as a browser writes an origin. */
  readonly origin: string;
  /** Its host and port, where the page's address names another than the page's own; players are told. */
  readonly named: string | undefined;
}

/** A server, or one sentence on why there is none, for who made the address or the build. */
export type ServerChoice = Server | { readonly fault: string };

/** Where the page itself comes from; the part of `location` that counts. */
export type PageLocation = Pick<Location, 'origin' | 'protocol' | 'search'>;

/** The server for this page; `built` is what the build was given, if anything. */
export function chooseServer(page: PageLocation, built: string | undefined): ServerChoice {
  const given = new URLSearchParams(page.search).get(PARAMETER);
  const text = given ?? built ?? '';
  if (given === null && text === '') {
    return { origin: page.origin, named: undefined };
  }
  const server = parseOrigin(text);
  if (server === undefined) {
    return { fault: originFault(text) };
  }
  if (page.protocol === 'https:' && server.protocol === 'http:' && !isLoopback(server.hostname)) {
    const fault = `This page came over HTTPS, so its server has to be at https:// too, and “${server.origin}” is not.`;
    return { fault };
  }
  const isNamed = given !== null && server.origin !== page.origin;
  return { origin: server.origin, named: isNamed ? server.host : undefined };
}

/** The address with the server of this page's, for another page that is to play on the same one. */
export function withServerOf(page: string, target: URL): URL {
  const server = new URL(page).searchParams.get(PARAMETER);
  if (server !== null) {
    target.searchParams.set(PARAMETER, server);
  }
  return target;
}

/** An origin alone: scheme, host and perhaps a port; nothing where it is anything else. */
export function parseOrigin(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && url.href === `${url.origin}/`;
  return isOrigin && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** What is said of a text that is no origin. */
export function originFault(text: string): string {
  return `“${text}” is no server’s address: it has to be like https://game.example, with nothing behind the host and port.`;
}

/** Browsers let a page of HTTPS ask this very machine without TLS. */
function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}
