// Who visits: consent, a made-up id, who the site says it is, and the visit, which ends after half an hour of nothing.
import { type Config, signalled } from "./config";
import { type Keeping, type Kept, MOST_SECONDS } from "./keeping";
import { newId } from "./quiet";

const IDLE = 30 * 60_000;

export class Visitor {
  constructor(
    private readonly config: Config,
    private readonly keeping: Keeping,
  ) {
    if (signalled()) keeping.clear();
  }

  consented(): boolean {
    if (signalled()) return false;
    const told = this.keeping.read()?.c;
    return told === undefined ? this.config.granted : told === 1;
  }

  // All at once, for other pages of the site hear of it.
  agree(): void {
    if (!signalled()) this.present({ c: 1 });
  }

  // Where the site says that everybody agreed, who did not must be remembered; elsewhere nothing is.
  refuse(): void {
    this.keeping.clear();
    if (this.config.granted && !signalled()) this.keeping.write({ c: 0 });
  }

  present(more?: Kept): Kept {
    const now = Date.now();
    const kept = { ...this.keeping.read(), ...more };
    if (!kept.a || now - (kept.b ?? 0) > MOST_SECONDS * 1000) {
      kept.a = newId();
      kept.b = now;
    }
    if (!kept.s || now - (kept.t ?? 0) > IDLE) kept.s = newId();
    kept.t = now;
    this.keeping.write(kept);
    return kept;
  }

  // Another person on the same device has another made-up id, so that nobody's past becomes somebody else's.
  become(user: string): void {
    const known = this.keeping.read()?.u;
    if (known && known !== user) this.reset();
    this.present({ u: user });
  }

  join(group: string): void {
    this.present({ g: group });
  }

  reset(): void {
    const told = this.keeping.read()?.c;
    this.keeping.write(told === undefined ? {} : { c: told });
  }
}
