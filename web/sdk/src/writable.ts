/** The same, to be written: for objects that are used again and given out to be read. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };
