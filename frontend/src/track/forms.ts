// Forms that say so: <form data-track="Sign-up">. Begun, submitted, or left; never what was typed.
import { type Properties, propertiesOf, type Tell } from "./clicks";
import { hear } from "./quiet";

interface Begun {
  at: number;
  where: string;
  fields: Set<string>;
  last: string;
}

const FIELDS = "input:not([type=submit], [type=button], [type=reset], [type=image]), select, textarea, [contenteditable]";

export function watchForms(tell: Tell): () => void {
  const begun = new Map<HTMLFormElement, Begun>();
  const formOf = (event: Event) => {
    const at = event.composedPath()[0] as Element | undefined;
    return at?.closest?.<HTMLFormElement>("form[data-track]:not([data-track=''])");
  };
  const told = (form: HTMLFormElement, more: Properties) => ({ form: form.dataset.track, ...propertiesOf(form), ...more });
  const sofar = ({ at, fields }: Begun) => ({ seconds: Math.round((Date.now() - at) / 1000), fields: fields.size });
  hear(document, "focusin", (event) => {
    const field = event.composedPath()[0] as HTMLInputElement;
    const form = field.matches?.(FIELDS) && formOf(event);
    if (!form) return;
    const known = begun.get(form) ?? { at: Date.now(), where: location.href, fields: new Set<string>(), last: "" };
    known.last = field.name || field.id;
    known.fields.add(known.last);
    if (begun.has(form)) return;
    begun.set(form, known);
    tell("Form Started", told(form, {}));
  });
  hear(document, "submit", (event) => {
    const form = formOf(event);
    if (!form) return;
    const known = begun.get(form);
    begun.delete(form);
    tell("Form Submitted", told(form, known ? sofar(known) : {}));
  });
  return () => {
    for (const [form, known] of begun)
      tell("Form Abandoned", told(form, { ...sofar(known), last_field: known.last }), known.where);
    begun.clear();
  };
}
