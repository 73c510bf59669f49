/** What the administration needs to know of one kind of thing in order to list, make and change it. */
import type { Method } from "../api/http";
import type { Key } from "../i18n/index.svelte";

export type Value = string | number | boolean | null | undefined;
export type Row = Record<string, Value>;

export interface Column {
  field: string;
  label: Key;
  /** `moment`, `role` and `yes` are written in the reader's language, all else as it is. */
  as?: "moment" | "role" | "state" | "yes";
}

export interface Field {
  name: string;
  label: Key;
  kind: "text" | "prose" | "password" | "number" | "check" | "role";
  /** Left out: when it is made and when it is changed. */
  when?: "create" | "edit";
  /** May be left empty, which is not sent. */
  optional?: true;
}

export interface Filter {
  name: string;
  label: Key;
  /** A number when there are none; the first choice asks for nothing in particular. */
  choices?: [value: string, label: Key][];
}

export interface Act {
  label: Key;
  method: Method;
  /** Below the row's address. */
  path?: string;
  body?: Row;
}

export interface Table {
  path: string;
  columns: Column[];
  /** Nothing can be made or changed where there are none. */
  fields: Field[];
  filters: Filter[];
  /** The row's address below the table's. */
  id(row: Row): string;
  /** What people call it. */
  name(row: Row): string;
  isGone(row: Row): boolean;
  /** Whether it can be searched for words. */
  searched?: false;
  /** What else can be done to some rows. */
  offer?: Act & { to(row: Row): boolean };
  /** Takes it away; asked for twice. */
  retire?: Act;
  /** Brings back what is gone. */
  revive?: Act;
}

/** What the dialog sends: all of a new row; of one that exists, what is another. */
export function bodyOf(fields: Field[], draft: Row, before: Row | null): Row {
  const given = fields
    .map(({ name, kind, optional }) => [name, read(kind, draft[name]), optional] as const)
    .filter(([name, value, optional]) => (before ? value !== read(undefined, before[name]) : !optional || value !== ""))
    .map(([name, value]) => [name, value] as const);
  return Object.fromEntries(given);
}

function read(kind: Field["kind"] | undefined, value: Value): Value {
  if (kind === "check") return Boolean(value);
  if (kind === "number") return Number(value);
  return kind !== "password" && typeof value === "string" ? value.trim() : (value ?? "");
}

/** The fields of a dialog that makes a row, or that changes one. */
export const fieldsFor = (table: Table, when: "create" | "edit"): Field[] =>
  table.fields.filter((field) => (field.when ?? when) === when);
