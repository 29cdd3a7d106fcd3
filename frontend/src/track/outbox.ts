// What waits to be sent: a few seconds, or until the page is left; what could not be sent waits on the device.
import type { Config } from "./config";
import { attempt, hear, newId, quiet } from "./quiet";

const PAUSE = 3000;
const LONGEST_PAUSE = 300_000;
const MOST_CALLS = 1000;
// A browser sends no more than 64 KiB at once of pages that are left.
const MOST_BYTES = 30_000;
const LEAVING_BYTES = 60_000;
const KEPT_BYTES = 200_000;
const KEPT = "percorso.waiting.";

const send = window.fetch.bind(window);

export class Outbox {
  private waiting: string[] = [];
  private underway: string[] = [];
  private timer = 0;
  private pause = PAUSE;
  private shut = false;
  private readonly mine = KEPT + newId();

  constructor(
    private readonly config: Config,
    private readonly context: Record<string, unknown>,
  ) {
    hear(window, "online", () => {
      this.pause = PAUSE;
      this.flush();
    });
  }

  add(call: unknown): void {
    if (this.shut) return;
    this.waiting.push(JSON.stringify(call));
    this.waiting.splice(0, this.waiting.length - MOST_CALLS);
    this.later();
  }

  clear(): void {
    this.waiting = [];
    this.underway = [];
    clearTimeout(this.timer);
    this.timer = 0;
    for (const name of this.names()) attempt(() => localStorage.removeItem(name));
  }

  // What another page kept, now or long ago. If that page still sends it too, it counts once: a call has an id.
  takeOver(): void {
    for (const name of this.names()) {
      const calls = attempt(() => JSON.parse(localStorage.getItem(name) ?? "[]") as unknown);
      attempt(() => localStorage.removeItem(name));
      if (Array.isArray(calls)) this.waiting.unshift(...calls.filter((call) => typeof call === "string"));
    }
    if (this.waiting.length) this.later();
  }

  leave(): void {
    if (!this.waiting.length) return;
    if (navigator.onLine === false) return this.keep();
    while (this.waiting.length) {
      const calls = this.next();
      if (!attempt(() => navigator.sendBeacon(this.address(), this.body(calls)))) {
        this.waiting.unshift(...calls);
        this.keep();
        return this.flush();
      }
    }
    this.forget();
  }

  private later(): void {
    this.timer ||= window.setTimeout(() => this.flush(), this.pause);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.underway.length || !this.waiting.length || this.shut) return;
    const calls = (this.underway = this.next());
    const body = this.body(calls);
    const how: RequestInit = { method: "POST", body, credentials: "omit", referrerPolicy: "origin" };
    send(this.address(), { ...how, keepalive: body.size < LEAVING_BYTES }).then(
      quiet((answer: Response) => this.answered(calls, answer)),
      quiet(() => this.failed(calls, 0)),
    );
  }

  private answered(calls: string[], answer: Response): void {
    if (answer.status === 429 || answer.status >= 500) return this.failed(calls, Number(answer.headers.get("Retry-After")));
    // A key that opens nothing will not while this page is open; of anything else the same would be answered again.
    this.shut = answer.status === 401;
    if (this.underway !== calls) return;
    this.underway = [];
    this.pause = PAUSE;
    if (this.shut) this.clear();
    else if (this.waiting.length) this.flush();
    else this.forget();
  }

  private failed(calls: string[], seconds: number): void {
    if (this.underway !== calls) return;
    this.underway = [];
    this.waiting.unshift(...calls);
    this.pause = Math.min(Math.max(this.pause * 2, (seconds || 0) * 1000), LONGEST_PAUSE);
    this.keep();
    clearTimeout(this.timer);
    this.timer = 0;
    this.later();
  }

  private next(): string[] {
    let bytes = 0;
    let count = 0;
    for (; count < this.waiting.length; count++) {
      bytes += new Blob([this.waiting[count]]).size;
      if (count && bytes > MOST_BYTES) break;
    }
    return this.waiting.splice(0, count);
  }

  // As text: for JSON browsers would ask first whether they may, which a page that is left has no time for.
  private body(calls: string[]): Blob {
    const told = { writeKey: this.config.key, sentAt: new Date().toISOString(), context: this.context };
    const text = `${JSON.stringify(told).slice(0, -1)},"batch":[${calls.join()}]}`;
    return new Blob([text], { type: "text/plain" });
  }

  private address(): string {
    return `${this.config.host}v1/batch`;
  }

  private names(): string[] {
    return this.config.storage === "none"
      ? []
      : (attempt(() => Object.keys(localStorage).filter((name) => name.startsWith(KEPT))) ?? []);
  }

  private keep(): void {
    if (this.config.storage === "none") return;
    let bytes = 0;
    const calls = this.waiting.filter((call) => (bytes += call.length) < KEPT_BYTES);
    attempt(() => localStorage.setItem(this.mine, JSON.stringify(calls)));
  }

  private forget(): void {
    if (this.config.storage !== "none") attempt(() => localStorage.removeItem(this.mine));
  }
}
