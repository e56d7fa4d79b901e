/** Typed events: who listens, and telling them. */

/** Tells events of the kinds in `Events`. */
export class Emitter<Events> {
  private readonly handlers: { [K in keyof Events]?: Set<(event: Events[K]) => void> } = {};

  /** Calls `handler` at each event of this kind; the function given back ends that. */
  on<K extends keyof Events>(kind: K, handler: (event: Events[K]) => void): () => void {
    const handlers = this.handlers[kind] ?? new Set();
    this.handlers[kind] = handlers;
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  /** A handler that throws harms neither the others nor the caller; its error is reported. */
  emit<K extends keyof Events>(kind: K, event: Events[K]): void {
    for (const handler of [...(this.handlers[kind] ?? [])]) {
      try {
        handler(event);
      } catch (error) {
        reportAsync(error);
      }
    }
  }
}

/** Lets the error surface as an uncaught one, where consoles and monitors look for it. */
export function reportAsync(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
