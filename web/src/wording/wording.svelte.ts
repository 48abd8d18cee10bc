/** Every sentence of a page, from the catalogues of wording/, in the language that the reader chose. */

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { isPartMissing } from "../http/parts";
import { ConsentryError } from "../protocol/errors";
import { recall, remember } from "../screens/remembered";

export type Language = "en" | "zh-CN";

const BUNDLES: Record<Language, FluentBundle> = {
  en: new FluentBundle("en", { useIsolating: false }),
  "zh-CN": new FluentBundle("zh-CN", { useIsolating: false }),
};

const BETWEEN: Record<Language, string> = { en: ", ", "zh-CN": "、" };
const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A page adds the sentences that it has before it shows anything. */
export function addCatalogues(catalogues: Record<Language, string>): void {
  BUNDLES.en.addResource(new FluentResource(catalogues.en));
  BUNDLES["zh-CN"].addResource(new FluentResource(catalogues["zh-CN"]));
}

function firstLanguage(): Language {
  const chosen = recall("language") ?? navigator.language;
  return chosen.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

class Wording {
  language = $state<Language>(firstLanguage());

  choose(language: Language): void {
    this.language = language;
    remember("language", language);
    document.documentElement.lang = language;
  }

  /** Throws for an id that is in no catalogue: a test compares all that are used. */
  say(id: string, fields: Record<string, FluentVariable> = {}): string {
    const sentence = this.#find(id, fields);
    if (sentence === null) throw new Error(`no sentence ${id}`);
    return sentence;
  }

  /** For words that others choose: null for one that is in no catalogue. */
  sayIfKnown(id: string): string | null {
    return this.#find(id, {});
  }

  sayError(error: unknown): string {
    if (!(error instanceof ConsentryError)) {
      return this.say(isPartMissing(error) ? "console-error-part-missing" : "console-error-unexpected");
    }
    return (
      this.#find(error.id, error.fields) ?? this.say("console-refused", { sentence: error.message, ...error.fields })
    );
  }

  sayScope(scope: string): string {
    return this.say(`console-scope-${scope.replace(":", "-")}`);
  }

  sayScopes(scopes: readonly string[]): string {
    return this.list(scopes.map((scope) => this.sayScope(scope)));
  }

  /** One behind the other, as the language writes it. */
  list(parts: readonly string[]): string {
    return parts.join(BETWEEN[this.language]);
  }

  dateTime(unixMs: number): string {
    return new Intl.DateTimeFormat(this.language, { dateStyle: "medium", timeStyle: "short" }).format(unixMs);
  }

  time(unixMs: number): string {
    return new Intl.DateTimeFormat(this.language, { timeStyle: "short" }).format(unixMs);
  }

  date(unixMs: number): string {
    return new Intl.DateTimeFormat(this.language, { dateStyle: "medium" }).format(unixMs);
  }

  number(value: number, digits = 0): string {
    return new Intl.NumberFormat(this.language, { maximumFractionDigits: digits }).format(value);
  }

  percent(share: number, digits = 0): string {
    return new Intl.NumberFormat(this.language, { style: "percent", maximumFractionDigits: digits }).format(share);
  }

  /** `812 byte`, `4.2 MB`: in steps of a thousand, as disks are sold. */
  size(bytes: number): string {
    const step = Math.min(SIZE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
    const options = {
      style: "unit",
      unit: SIZE_UNITS[step],
      unitDisplay: step ? "short" : "long", // “6 bytes”, and not “6 byte”
      maximumFractionDigits: step ? 1 : 0,
    };
    return new Intl.NumberFormat(this.language, options as Intl.NumberFormatOptions).format(bytes / 1000 ** step);
  }

  /** `4:05`, `1:12:09` */
  duration(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const padded = (value: number) => String(value).padStart(2, "0");
    return `${hours ? `${hours}:${padded(minutes)}` : minutes}:${padded(seconds % 60)}`;
  }

  #find(id: string, fields: Record<string, FluentVariable>): string | null {
    const chosen = BUNDLES[this.language];
    const message = chosen.getMessage(id);
    return message?.value ? chosen.formatPattern(message.value, fields) : null;
  }
}

export const wording = new Wording();
export const say = wording.say.bind(wording);
