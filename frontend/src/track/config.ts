export type Storage = "local" | "cookie" | "none";

export interface Config {
  key: string;
  host: string;
  granted: boolean;
  storage: Storage;
  domain: string;
  release: string;
  page: string;
  off: string[];
  // Whether browsers tell the page of errors that pass through this script; of those of other origins they hide them.
  open: boolean;
}

export function configOf(script: HTMLScriptElement): Config {
  const { href, origin } = new URL(".", script.src);
  const { key, consent, storage, domain, release, page, off } = script.dataset;
  return {
    key: key ?? "",
    host: href,
    granted: consent === "granted",
    storage: storage === "cookie" || storage === "none" ? storage : "local",
    domain: domain ?? "",
    release: release ?? "",
    page: page ?? "",
    off: (off ?? "").split(/[\s,]+/),
    open: script.crossOrigin !== null || origin === location.origin,
  };
}

// Said by the browser for all sites: https://www.w3.org/TR/gpc/ and the older "Do Not Track".
export function signalled(): boolean {
  const told = navigator as { globalPrivacyControl?: boolean; doNotTrack?: string | null };
  return told.globalPrivacyControl === true || told.doNotTrack === "1";
}
