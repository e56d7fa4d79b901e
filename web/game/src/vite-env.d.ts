/** What a build may be given. */
interface ImportMetaEnv {
  /** The server's origin, for a page that another host gives out; default: the page's own. */
  readonly VITE_SERVER_ORIGIN?: string;
}
