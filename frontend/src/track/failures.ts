// What went wrong on the page: errors of scripts, and requests that failed. Each once a page view, ten at most.
import { addressOf, textOf } from "./address";
import type { Properties, Tell } from "./clicks";
import { hear, quiet } from "./quiet";

const MOST = 10;
const OTHERS = /^[a-z]+-extension:/;

export class Failures {
  private told = new Set<string>();
  private seen = new WeakSet<object>();
  private leaving = false;

  constructor(private readonly tell: Tell) {}

  // Another page view.
  turn(): void {
    this.told.clear();
  }

  watchErrors(): void {
    hear<ErrorEvent>(window, "error", (event) => {
      if (event.target !== window) return this.missing(event.target as HTMLElement);
      if (!OTHERS.test(event.filename)) this.thrown("script", event.error ?? event.message, event);
    });
    hear<PromiseRejectionEvent>(window, "unhandledrejection", (event) => this.thrown("promise", event.reason));
  }

  watchRequests(): void {
    hear(window, "pagehide", () => (this.leaving = true));
    hear(window, "pageshow", () => (this.leaving = false));
    this.watchFetch();
    this.watchXhr();
  }

  private fail(kind: string, properties: Properties): void {
    const { message, file, line, address, status } = properties;
    const name = JSON.stringify([kind, message, file, line, address, status]);
    if (this.leaving || this.told.has(name) || this.told.size >= MOST) return;
    this.told.add(name);
    this.tell("Error Occurred", { kind, ...properties });
  }

  private thrown(kind: string, error: unknown, at?: ErrorEvent): void {
    if (error && typeof error === "object") {
      if (this.seen.has(error)) return;
      this.seen.add(error);
    }
    const message = textOf(error instanceof Error ? `${error.name}: ${error.message}` : error);
    const where = at?.filename && { file: addressOf(at.filename), line: at.lineno, column: at.colno };
    this.fail(kind, { message, ...(where || {}) });
  }

  private missing(element: HTMLElement): void {
    const address = (element as HTMLScriptElement).src || (element as HTMLLinkElement).href;
    if (/^(SCRIPT|LINK)$/.test(element.tagName) && address) this.fail("resource", { address: addressOf(address) });
  }

  private answered(method: string, address: string, status: number, since: number): void {
    // Whoever has no network is no failure of the site.
    if (status < 400 && (status > 0 || navigator.onLine === false)) return;
    this.fail("request", { method, address: addressOf(address), status, duration: Math.round(performance.now() - since) });
  }

  // The page gets a promise that runs nothing of ours: what it does not catch stays uncaught, and is told to it as such.
  private watchFetch(): void {
    const own = window.fetch;
    const begun = quiet((promise: Promise<Response>, what: RequestInfo | URL, how: RequestInit | undefined) => {
      const since = performance.now();
      const asked = what instanceof Request ? what : undefined;
      const method = (how?.method ?? asked?.method ?? "GET").toUpperCase();
      const done = quiet((status: number) => this.answered(method, asked?.url ?? String(what), status, since));
      promise.then(
        (answer) => done(answer.status || 200),
        (error: unknown) => {
          if (!(error instanceof TypeError)) return;
          this.seen.add(error);
          done(0);
        },
      );
    });
    window.fetch = function (this: Window, ...told: Parameters<typeof fetch>) {
      const promise = own.apply(this, told);
      begun(promise, ...(told as [RequestInfo | URL, RequestInit | undefined]));
      return promise.then();
    };
  }

  private watchXhr(): void {
    const asked = new WeakMap<XMLHttpRequest, [string, string]>();
    const { open, send } = XMLHttpRequest.prototype;
    const begun = quiet((request: XMLHttpRequest) => {
      const since = performance.now();
      const [method, address] = asked.get(request) ?? ["GET", ""];
      const done = quiet(() => this.answered(method.toUpperCase(), address, request.status, since));
      for (const name of ["load", "error", "timeout"]) request.addEventListener(name, done, { once: true });
    });
    XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, ...told: unknown[]) {
      asked.set(this, [String(told[0]), String(told[1])]);
      return open.apply(this, told as Parameters<typeof open>);
    } as typeof open;
    XMLHttpRequest.prototype.send = function (this: XMLHttpRequest, ...told) {
      begun(this);
      return send.apply(this, told);
    };
  }
}
