/** A host whose fetch answers what a test says, and that notes what was asked. */

import { browserHost, type Host } from '../../src/host.ts';

/** What was asked, with the body read. */
export interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** One server that answers each request alike. */
export class ApiHost {
  readonly asked: AskedRequest[] = [];
  readonly host: Host = {
    ...browserHost(),
    fetch: (url, init) => this.answer(url, init),
  };

  /** Without a status nobody answers. */
  constructor(
    private readonly status: number | undefined,
    private readonly body: unknown = undefined,
  ) {}

  private async answer(url: string, init: RequestInit): Promise<Response> {
    this.asked.push({
      method: init.method ?? 'GET',
      url,
      authorization: new Headers(init.headers).get('authorization') ?? undefined,
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
    });
    if (this.status === undefined) {
      throw new TypeError('connection refused');
    }
    const text = this.body === undefined ? null : JSON.stringify(this.body);
    return new Response(text, { status: this.status });
  }
}

/** A problem document as the server writes it. */
export function problem(type: string, status: number) {
  return { type: `/problems/${type}`, title: type, status, detail: `It is ${type}.` };
}
