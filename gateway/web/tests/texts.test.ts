import { expect, test } from "vitest";
import enBoard from "../src/i18n/en.json";
import enNotices from "../src/i18n/notices.en.json";
import ruNotices from "../src/i18n/notices.ru.json";
import enPeople from "../src/i18n/people.en.json";
import ruPeople from "../src/i18n/people.ru.json";
import ruBoard from "../src/i18n/ru.json";

type Texts = Record<string, string | Record<string, string>>;

const en: Texts = { ...enBoard, ...enPeople, ...enNotices };
const ru: Texts = { ...ruBoard, ...ruPeople, ...ruNotices };

const forms = (text: string | Record<string, string>): string[] => (typeof text === "string" ? [text] : Object.values(text));
const blanks = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages say the same things", () => {
  expect(Object.keys(ruBoard)).toEqual(Object.keys(enBoard));
  expect(Object.keys(ruPeople)).toEqual(Object.keys(enPeople));
  expect(Object.keys(ruNotices)).toEqual(Object.keys(enNotices));
});

test("and no text hides another of the same key", () => {
  const all = [enBoard, enPeople, enNotices].flatMap((texts) => Object.keys(texts));
  expect(all.filter((key, place) => all.indexOf(key) !== place)).toEqual([]);
});

test("with the same values in them", () => {
  for (const [key, text] of Object.entries(en)) {
    const [first = ""] = forms(text);
    for (const form of [...forms(text), ...forms(ru[key] ?? "")]) expect(blanks(form), key).toEqual(blanks(first));
  }
});

test.each([
  ["en", en],
  ["ru", ru],
])("%s has every plural form that it needs, and no empty text", (language, texts) => {
  const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text !== "string") expect(Object.keys(text).sort(), key).toEqual(needed);
    expect(forms(text).every(Boolean), key).toBe(true);
  }
});
