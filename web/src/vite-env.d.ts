/// <reference types="vite/client" />

declare module 'virtual:places' {
  /** Address of the place list made at build time. */
  const url: string;
  export default url;
}
