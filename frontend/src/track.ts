// The script by which a site tells what its visitors do: <script async src=".../percorso.js" data-key="…"></script>.
// Consent first: before it nothing is kept, nothing is sent, and nothing of the page is touched.
import { addressOf, campaignOf, pathOf, textOf } from "./track/address";
import { type Properties, type Tell, watchClicks } from "./track/clicks";
import { type Config, configOf, signalled } from "./track/config";
import { Failures } from "./track/failures";
import { watchForms } from "./track/forms";
import { Keeping, NAME } from "./track/keeping";
import { Outbox } from "./track/outbox";
import { watchPages } from "./track/pages";
import { hear, newId, quiet } from "./track/quiet";
import { watchVitals } from "./track/vitals";
import { Visitor } from "./track/visitor";

// Shared with the widget: a function that takes its calls, and these beside them.
type Global = {
  (what: string, ...more: unknown[]): void;
  q?: unknown[];
  calls?: [string, ArrayLike<unknown>][];
  widgets?: { tell: (event: string) => void }[];
  happened?: Set<string>;
  tracks?: boolean;
};
type Call = Record<string, unknown>;

const global = window as unknown as { percorso: Global };
const script = document.currentScript as HTMLScriptElement | null;

class Tracker {
  private readonly visitor: Visitor;
  private readonly outbox: Outbox;
  private readonly failures = new Failures((name, properties) => this.tellOfRelease(name, properties));
  private readonly campaign = campaignOf(location.search);
  private readonly names = new Map<string, string>();
  // Told before consent, and kept on the page until then.
  private user?: [user: unknown, traits: unknown];
  private company?: [group: unknown, traits: unknown];
  private watching = false;
  private active = false;
  private before = document.referrer;
  private formsLeft = () => {};
  private hidden = () => {};

  constructor(private readonly config: Config) {
    this.visitor = new Visitor(config, new Keeping(config));
    this.outbox = new Outbox(config, {
      channel: "browser",
      library: { name: "percorso.js" },
      locale: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      userAgent: navigator.userAgent,
    });
    if (signalled()) this.outbox.clear();
    if (config.page) this.names.set(pathOf(location.href), config.page);
  }

  // Also when another page of the site, open beside this one, was told. A page that is only prepared was not visited yet.
  look(): void {
    if (!this.visitor.consented()) return this.end();
    if (this.active || (document as { prerendering?: boolean }).prerendering) return;
    this.active = true;
    this.outbox.takeOver();
    if (this.on("pages")) this.view();
    this.watch();
    if (this.user) this.identify(...this.user);
    if (this.company) this.group(...this.company);
  }

  consent(given: unknown = true): void {
    if (given) this.visitor.agree();
    else {
      this.visitor.refuse();
      this.outbox.clear();
    }
    this.look();
    global.percorso("consent", Boolean(given));
  }

  track(name: unknown, properties?: unknown): void {
    const event = String(name);
    this.tell(event, properties as Properties);
    global.percorso.happened?.add(event);
    for (const widget of global.percorso.widgets ?? []) widget.tell(event);
  }

  page(name?: unknown, properties?: unknown): void {
    const [title, more] = typeof name === "object" ? ["", name] : [name, properties];
    const path = (more as Properties | undefined)?.path;
    if (path) this.names.set(pathOf(location.href), String(path));
    this.view({ ...(title ? { name: title } : {}), ...(more as Properties) });
  }

  identify(user: unknown, traits?: unknown): void {
    if (!this.active) return void (this.user = [user, traits]);
    this.user = undefined;
    const own = typeof user === "object" ? user : traits;
    if (user && own !== user) this.visitor.become(String(user));
    this.put({ type: "identify", traits: own ?? {} });
  }

  group(group: unknown, traits?: unknown): void {
    if (!this.active) return void (this.company = [group, traits]);
    this.company = undefined;
    this.visitor.join(String(group));
    this.put({ type: "group", groupId: String(group), traits: traits ?? {} });
  }

  reset(): void {
    this.user = this.company = undefined;
    if (this.active) this.visitor.reset();
  }

  private end(): void {
    if (this.active) this.outbox.clear();
    this.active = false;
  }

  private on(what: string): boolean {
    return !this.config.off.includes(what);
  }

  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const tell: Tell = (name, properties, address) => this.tell(name, properties, address);
    if (this.on("clicks")) watchClicks(tell);
    if (this.on("forms")) this.formsLeft = watchForms(tell);
    if (this.on("errors")) this.failures.watchErrors();
    if (this.on("requests") && this.config.open) this.failures.watchRequests();
    if (this.on("vitals")) this.hidden = watchVitals((...told) => this.tellOfRelease(...told));
    watchPages(() => {
      this.formsLeft();
      this.failures.turn();
      if (this.on("pages")) this.view();
    });
    hear(window, "pagehide", () => this.formsLeft());
    // After all others that listen, so that what they tell goes along.
    const leave = quiet(() => this.outbox.leave());
    addEventListener("pagehide", leave);
    addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "hidden") return;
      this.hidden();
      leave();
    });
  }

  // Of another site only its origin is told.
  private view(more?: Properties): void {
    const { before } = this;
    const own = !before || before.startsWith("/") || new URL(before).origin === location.origin;
    const referrer = own ? before && addressOf(before) : new URL(before).origin;
    const path = (this.before = this.place(location.href));
    const url = location.origin + pathOf(location.href);
    this.put({ type: "page", properties: { path, title: textOf(document.title), referrer, url, ...more } });
  }

  private tell(name: string, properties?: Properties, address?: string): void {
    this.put({ type: "track", event: name, properties: properties ?? {} }, address);
  }

  private tellOfRelease(name: string, properties: Properties, address?: string): void {
    const { release } = this.config;
    this.tell(name, release ? { ...properties, release } : properties, address);
  }

  private place(address: string): string {
    const path = pathOf(address);
    return this.names.get(path) ?? path;
  }

  private put(call: Call, address = location.href): void {
    if (!this.active) return;
    if (!this.visitor.consented()) return this.end();
    const { a, u, g, s } = this.visitor.present();
    const { release } = this.config;
    this.outbox.add({
      ...call,
      messageId: newId(),
      timestamp: new Date().toISOString(),
      anonymousId: a,
      userId: u,
      context: {
        page: { path: this.place(address) },
        sessionId: s,
        groupId: g,
        campaign: this.campaign,
        app: release ? { version: release } : undefined,
      },
    });
  }
}

function start(config: Config): void {
  global.percorso ??= ((...told: unknown[]) => (global.percorso.q = global.percorso.q ?? []).push(told)) as Global;
  if (global.percorso.tracks) return;
  const tracker = new Tracker(config);
  const calls = global.percorso.calls?.splice(0) ?? [];
  const api: Record<string, (...told: unknown[]) => void> = {};
  for (const name of ["track", "page", "identify", "group", "reset", "consent"] as const)
    api[name] = quiet((...told: unknown[]) => tracker[name](...(told as [unknown])));
  Object.assign(global.percorso, api, { tracks: true });
  const look = quiet(() => tracker.look());
  hear<StorageEvent>(window, "storage", (event) => (event.key ?? NAME) === NAME && look());
  hear(document, "prerenderingchange", look);
  look();
  for (const [name, told] of calls) api[name]?.(...Array.from(told));
}

if (script?.dataset.key) quiet(() => start(configOf(script)))();
