/** The tables of the administration. */
import type { Key } from "../i18n/index.svelte";
import type { Tab } from "../place";
import type { Act, Column, Field, Filter, Row, Table } from "./table";

const id: Column = { field: "id", label: "number" };
const created: Column = { field: "created_at", label: "createdAt", as: "moment" };
const deleted: Column = { field: "deleted_at", label: "deletedAt", as: "moment" };

const team: Filter = { name: "team", label: "teamNumber" };
const trash: Filter = {
  name: "deleted",
  label: "state",
  choices: [
    ["false", "present"],
    ["true", "deleted"],
  ],
};

const nameField: Field = { name: "name", label: "name", kind: "text" };
const text = (name: string, label: Key, when?: Field["when"]): Field => ({ name, label, kind: "text", ...(when && { when }) });
const number = (name: string, label: Key): Field => ({ name, label, kind: "number", when: "create" });

const remove: Act = { label: "delete", method: "DELETE" };
const restore: Act = { label: "restore", method: "POST", path: "restore/" };

const byId = (row: Row): string => `${row["id"]}/`;
const byName = (row: Row): string => String(row["name"]);
const wasDeleted = (row: Row): boolean => Boolean(row["deleted_at"]);

export const TABLES: Record<Tab, Table> = {
  users: {
    path: "/api/admin/users/",
    columns: [
      id,
      { field: "username", label: "username" },
      { field: "name", label: "name" },
      { field: "is_admin", label: "administrator", as: "yes" },
      { field: "is_active", label: "active", as: "yes" },
      created,
    ],
    fields: [
      text("username", "username"),
      nameField,
      { name: "password", label: "newPassword", kind: "password", when: "create" },
      { name: "password", label: "newPassword", kind: "password", when: "edit", optional: true },
      { name: "is_admin", label: "administrator", kind: "check" },
    ],
    filters: [
      {
        name: "is_active",
        label: "state",
        choices: [
          ["", "all"],
          ["true", "active"],
          ["false", "deactivated"],
        ],
      },
    ],
    id: byId,
    name: (row) => String(row["username"]),
    isGone: (row) => row["is_active"] === false,
    retire: { label: "deactivate", method: "PATCH", body: { is_active: false } },
    revive: { label: "restore", method: "PATCH", body: { is_active: true } },
  },
  teams: {
    path: "/api/admin/teams/",
    columns: [id, { field: "name", label: "name" }, created, deleted],
    fields: [nameField, text("owner", "ownersUsername", "create")],
    filters: [trash],
    id: byId,
    name: byName,
    isGone: wasDeleted,
    retire: remove,
    revive: restore,
  },
  lists: {
    path: "/api/admin/lists/",
    columns: [id, { field: "name", label: "name" }, { field: "team", label: "team" }, deleted],
    fields: [number("team", "teamNumber"), nameField],
    filters: [team, trash],
    id: byId,
    name: byName,
    isGone: wasDeleted,
    retire: remove,
    revive: restore,
  },
  tasks: {
    path: "/api/admin/tasks/",
    columns: [
      id,
      { field: "title", label: "title" },
      { field: "list", label: "list" },
      { field: "team", label: "team" },
      { field: "is_done", label: "done", as: "yes" },
      created,
      deleted,
    ],
    fields: [
      number("list", "listNumber"),
      text("title", "title"),
      { name: "description", label: "description", kind: "prose", optional: true },
      { name: "is_done", label: "done", kind: "check", when: "edit" },
    ],
    filters: [team, trash],
    id: byId,
    name: (row) => String(row["title"]),
    isGone: wasDeleted,
    retire: remove,
    revive: restore,
  },
  memberships: {
    path: "/api/admin/memberships/",
    columns: [
      { field: "team", label: "team" },
      { field: "user", label: "number" },
      { field: "username", label: "username" },
      { field: "name", label: "name" },
      { field: "role", label: "role", as: "role" },
    ],
    fields: [number("team", "teamNumber"), text("username", "username", "create"), { name: "role", label: "role", kind: "role" }],
    filters: [team, { name: "user", label: "userNumber" }],
    id: (row) => `${row["team"]}/${row["user"]}/`,
    name: byName,
    isGone: () => false,
    retire: { label: "remove", method: "DELETE" },
  },
  deliveries: {
    path: "/api/admin/deliveries/",
    columns: [
      id,
      { field: "chat", label: "chat" },
      { field: "user", label: "toUser" },
      { field: "state", label: "state", as: "state" },
      { field: "notices", label: "noticeCount" },
      { field: "tries", label: "tries" },
      created,
      { field: "next_at", label: "nextTry", as: "moment" },
      { field: "error", label: "error" },
    ],
    fields: [],
    filters: [
      {
        name: "state",
        label: "state",
        choices: [
          ["failed", "state_failed"],
          ["waiting", "state_waiting"],
          ["sending", "state_sending"],
          ["delivered", "state_delivered"],
          ["cancelled", "state_cancelled"],
        ],
      },
    ],
    id: byId,
    name: (row) => String(row["id"]),
    isGone: () => false,
    searched: false,
    offer: { label: "tryAgain", method: "POST", path: "retry/", to: (row) => row["state"] === "failed" },
  },
  audit: {
    path: "/api/admin/audit/",
    columns: [
      { field: "at", label: "moment", as: "moment" },
      { field: "username", label: "who" },
      { field: "act", label: "what" },
      { field: "user", label: "toUser" },
      { field: "team", label: "team" },
      { field: "detail", label: "detail" },
    ],
    fields: [],
    filters: [],
    id: byId,
    name: (row) => String(row["act"]),
    isGone: () => false,
  },
};
