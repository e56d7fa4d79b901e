/**
 * Which seat a client may claim: at the connect, when a session is over, and when the page is loaded
 * again. It asks nobody; what a reload needs is kept in a {@link ResumeStore}.
 */

import type { CloseCause, JoinRequest, ResumableSeat } from './events.ts';
import type { Admission, SeatWish } from './net/admission/join.ts';
import type { ResumeStore } from './resume-store.ts';

/** Ends after which the page may still come back to its seat. */
const KEEPING: ReadonlySet<CloseCause> = new Set<CloseCause>(['unreachable', 'unloaded']);

/** One client's claim. */
export class SeatClaim {
  private readonly store: ResumeStore;
  private request: JoinRequest | undefined;
  private admission: Admission | undefined;
  /** The token that the store holds on this client's account. */
  private keptToken: string | undefined;

  constructor(store: ResumeStore) {
    this.store = store;
  }

  /** The seat that this tab left without giving it up. */
  get resumable(): ResumableSeat | undefined {
    const kept = this.store.read();
    return kept && { name: kept.name, room: kept.room, visibility: kept.visibility };
  }

  /** What to ask for at the connect. `isReturn`: it is the seat, or at least the room, from before. */
  begin(request: JoinRequest): { readonly wish: SeatWish; readonly isReturn: boolean } {
    this.request = request;
    const { name, room, visibility, options, login, identity } = request;
    const kept = request.resume === true ? this.store.read() : undefined;
    if (kept === undefined || (room !== undefined && room !== kept.room)) {
      const wish = { name, room, visibility, options, login, identity };
      return { wish, isReturn: false };
    }
    this.keptToken = kept.token;
    const seat = { room: kept.room, visibility: kept.visibility, resume: kept.token };
    return { wish: { name, ...seat, options, login, identity }, isReturn: true };
  }

  /** A join was granted. A resumed seat's old token is void from now on. */
  admitted(admission: Admission): void {
    this.admission = admission;
    if (admission.resumed) {
      this.keep(admission.token);
    }
  }

  /** The session's welcome has come. */
  welcomed(): void {
    this.keep(this.admission?.token);
  }

  /** The session has another token; the one before expires soon. */
  renewed(token: string): void {
    if (this.admission !== undefined) {
      this.admission = { ...this.admission, token };
      this.keep(token);
    }
  }

  /**
   * The session is over: what to ask for instead. First its seat, which the server may have kept through a restart. A
   * reload asks for the room alone.
   */
  lost(): SeatWish {
    const resume = this.admission?.token;
    this.keep(undefined);
    const { name, room, visibility, options, login, identity } = this.request ?? { name: '' };
    return {
      name,
      room: this.admission?.room ?? room,
      visibility: this.admission?.visibility ?? visibility,
      resume,
      orNew: true,
      options,
      login,
      identity,
    };
  }

  /** The client is closed. What another client of this tab has kept since stays. */
  end(cause: CloseCause): void {
    const isOwn = this.request !== undefined && this.store.read()?.token === this.keptToken;
    if (isOwn && !KEEPING.has(cause)) {
      this.store.forget();
    }
  }

  private keep(token: string | undefined): void {
    const { request, admission } = this;
    if (request !== undefined && admission !== undefined) {
      const { room, visibility } = admission;
      this.keptToken = token;
      this.store.write({ name: request.name, room, visibility, token });
    }
  }
}
