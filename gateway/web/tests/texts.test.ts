import { expect, test } from "vitest";
import en from "../src/i18n/en.json";
import ru from "../src/i18n/ru.json";

type Texts = Record<string, string | Record<string, string>>;

const forms = (text: string | Record<string, string>): string[] => (typeof text === "string" ? [text] : Object.values(text));
const blanks = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages say the same things", () => {
  expect(Object.keys(ru)).toEqual(Object.keys(en));
});

test("with the same values in them", () => {
  for (const [key, text] of Object.entries(en as Texts)) {
    const [first = ""] = forms(text);
    for (const form of [...forms(text), ...forms((ru as Texts)[key] ?? "")]) expect(blanks(form), key).toEqual(blanks(first));
  }
});

test.each([
  ["en", en],
  ["ru", ru],
])("%s has every plural form that it needs, and no empty text", (language, texts) => {
  const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
  for (const [key, text] of Object.entries(texts as Texts)) {
    if (typeof text !== "string") expect(Object.keys(text).sort(), key).toEqual(needed);
    expect(forms(text).every(Boolean), key).toBe(true);
  }
});
