import { expect, test } from "vitest";
import { bodyOf, fieldsFor } from "../src/admin/table";
import { TABLES } from "../src/admin/tables";

const { users, tasks, memberships } = TABLES;

test("a new row is sent whole, in the types that the server takes", () => {
  const draft = { username: " ann ", name: "Ann", password: " pass word ", is_admin: "" };
  expect(bodyOf(fieldsFor(users, "create"), draft, null)).toEqual({
    username: "ann",
    name: "Ann",
    password: " pass word ",
    is_admin: false,
  });
  expect(bodyOf(fieldsFor(memberships, "create"), { team: "7", username: "ben", role: "viewer" }, null)).toEqual({
    team: 7,
    username: "ben",
    role: "viewer",
  });
});

test("what may be left empty is then not sent", () => {
  expect(bodyOf(fieldsFor(tasks, "create"), { list: "3", title: "Buy paper", description: "" }, null)).toEqual({
    list: 3,
    title: "Buy paper",
  });
});

test("of a row that exists only what is another is sent", () => {
  const before = { id: 1, username: "ann", name: "Ann", is_admin: false, is_active: true };
  const fields = fieldsFor(users, "edit");
  const draft = { username: "ann", name: "Ann", password: "", is_admin: false };
  expect(bodyOf(fields, draft, before)).toEqual({});
  expect(bodyOf(fields, { ...draft, name: "Anna", is_admin: true }, before)).toEqual({ name: "Anna", is_admin: true });
  expect(bodyOf(fields, { ...draft, password: "0123456789" }, before)).toEqual({ password: "0123456789" });
});

test("a text that was there can be emptied", () => {
  const before = { id: 1, title: "Buy paper", description: "Red", is_done: false };
  const draft = { title: "Buy paper", description: "", is_done: false };
  expect(bodyOf(fieldsFor(tasks, "edit"), draft, before)).toEqual({ description: "" });
});

test("a membership has an address of its team and its person", () => {
  expect(memberships.id({ team: 7, user: 3 })).toBe("7/3/");
  expect(users.id({ id: 3 })).toBe("3/");
});
