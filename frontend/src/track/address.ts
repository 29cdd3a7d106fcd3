// What may be told of addresses and texts: no query, no fragment, no e-mail address, in texts no long number.
const EMAIL = /[^\s/@=:"'<(]+(?:@|%40)[^\s/@"'>)]+\.[a-z]{2,}/gi;
const NUMBER = /\d(?:[ .-]?\d){7,}/g;
const QUERY = /[?#][^\s"'<>)]*/g;

// The part of a fragment that is a page's name in sites whose pages are fragments (`#/orders`).
const route = (hash: string) => (/^#!?\//.test(hash) ? hash.split("?")[0] : "");

function told(text: string): string {
  return text.replace(EMAIL, "[email]").slice(0, 500);
}

export function pathOf(address: string): string {
  const url = new URL(address, location.href);
  return told(url.pathname + route(url.hash));
}

export function addressOf(address: string): string {
  const url = new URL(address, location.href);
  if (!/^https?:/.test(url.protocol)) return url.protocol;
  return told((url.origin === location.origin ? "" : url.origin) + url.pathname);
}

export function textOf(text: unknown): string {
  const cut = String(text).slice(0, 2000).replace(/https?:\/\/[^\s"'<>)]+/g, (address) => address.replace(QUERY, ""));
  return told(cut.replace(EMAIL, "[email]").replace(NUMBER, "[number]")).slice(0, 300);
}

const CAMPAIGN = ["source", "medium", "term", "content"];

export function campaignOf(query: string): Record<string, string> | undefined {
  const told = new URLSearchParams(query);
  const found: Record<string, string> = {};
  for (const name of ["campaign", ...CAMPAIGN]) {
    const value = told.get(`utm_${name}`);
    if (value) found[name === "campaign" ? "name" : name] = textOf(value);
  }
  return Object.keys(found).length ? found : undefined;
}
