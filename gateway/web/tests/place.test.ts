import { expect, test } from "vitest";
import { placeOf } from "../src/place";

test.each([
  ["/", { page: "teams" }],
  ["/teams/", { page: "teams" }],
  ["/teams/7", { page: "board", team: 7 }],
  ["/teams/7/", { page: "board", team: 7 }],
  ["/profile", { page: "profile" }],
  ["/register", { page: "register" }],
  ["/invite/a-B_9", { page: "invite", code: "a-B_9" }],
  ["/admin", { page: "admin", tab: "users" }],
  ["/admin/audit", { page: "admin", tab: "audit" }],
])("%s is a place", (path, place) => {
  expect(placeOf(path)).toEqual(place);
});

test.each(["/team", "/teams/x", "/teams/7/8", "/teams/-1", "/profile/7", "/invite", "/invite/a%2Fb", "/invite/a/b", "/admin/x", "/admin/users/1", "/x"])(
  "%s is nowhere",
  (path) => {
    expect(placeOf(path)).toEqual({ page: "not-found" });
  },
);
