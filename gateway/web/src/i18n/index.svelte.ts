/** Texts are data; the browser's language picks them until the person does. */
import en from "./en.json";
import enNotices from "./notices.en.json";
import ruNotices from "./notices.ru.json";
import enPeople from "./people.en.json";
import ruPeople from "./people.ru.json";
import ru from "./ru.json";

export type Language = "en" | "ru";
export type Key = keyof typeof en | keyof typeof enPeople | keyof typeof enNotices;
type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Values = Record<string, string | number>;

const TEXTS: Record<Language, Record<Key, Text>> = {
  en: { ...en, ...enPeople, ...enNotices },
  ru: { ...ru, ...ruPeople, ...ruNotices },
};
const STORED = "language";

function preferred(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "ru") return stored;
  return navigator.languages.find((one) => /^(en|ru)\b/.test(one))?.startsWith("ru") ? "ru" : "en";
}

let language = $state<Language>(preferred());

export const i18n = {
  get language(): Language {
    return language;
  },
  set language(chosen: Language) {
    language = chosen;
    localStorage.setItem(STORED, chosen);
    document.documentElement.lang = chosen;
  },
  /** Leave the choice to the browser again. */
  forget(): void {
    localStorage.removeItem(STORED);
    language = preferred();
    document.documentElement.lang = language;
  },
};

/** The language as the browser has it, with its country, for dates: en-GB writes them unlike en-US. */
function locale(): string {
  return navigator.languages.find((one) => one.startsWith(language)) ?? language;
}

/** The text of a key; `{name}` in it stands for a value, and `count` picks the plural form. */
export function t(key: Key, values: Values = {}): string {
  const text = TEXTS[language][key];
  const form = typeof text === "string" ? text : plural(text, Number(values["count"]));
  return form.replace(/\{(\w+)\}/g, (_, name: string) => shown(values[name]));
}

function plural(forms: Exclude<Text, string>, count: number): string {
  return forms[new Intl.PluralRules(language).select(count)] ?? forms.other ?? "";
}

function shown(value: string | number | undefined): string {
  return typeof value === "number" ? new Intl.NumberFormat(locale()).format(value) : (value ?? "");
}

/** The time of day of a moment. */
export function timeOf(moment: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit" }).format(new Date(moment));
}

/** A day near today as one says it: `Yesterday`. */
function nearDay(days: number): string {
  const word = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
  return `${word.charAt(0).toLocaleUpperCase(language)}${word.slice(1)}`;
}

/** The day of a moment that is so many days from now, for a heading. */
export function dayName(moment: string, days: number, now: Date): string {
  if (Math.abs(days) <= 1) return nearDay(days);
  const date = new Date(moment);
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale(), { weekday: "long", day: "numeric", month: "long", ...year }).format(date);
}

/** A deadline in few letters: the day as one says it near today, and the time. */
export function shortDue(dueAt: string, days: number, now: Date): string {
  if (Math.abs(days) <= 1) return `${nearDay(days)}, ${timeOf(dueAt)}`;
  const date = new Date(dueAt);
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", ...year }).format(date);
}

/** A moment as a table shows it. */
export function shortMoment(moment: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

/** A moment in full, for titles. */
export function longMoment(moment: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "short" }).format(new Date(moment));
}
