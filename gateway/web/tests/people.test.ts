import { describe, expect, test } from "vitest";
import { deviceOf } from "../src/people/device";
import { isZone, zones } from "../src/people/zones";

const MOZILLA = "Mozilla/5.0";
const KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  [`${MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, "Firefox, Linux"],
  [`${MOZILLA} (X11; Linux x86_64) ${KHTML} Chrome/140.0.0.0 Safari/537.36`, "Chrome, Linux"],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, "Edge, Windows"],
  [`${MOZILLA} (Linux; Android 10; K) ${KHTML} Chrome/140.0.0.0 Mobile Safari/537.36`, "Chrome, Android"],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15`, "Safari, macOS"],
  [`${MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1`, "Safari, iOS"],
  ["curl/8.5.0", "curl/8.5.0"],
  ["", ""],
])("%s is called %s", (agent, device) => {
  expect(deviceOf(agent)).toBe(device);
});

describe("time zones", () => {
  const all = new Map(zones(new Date("2026-01-15T12:00:00Z")).map(({ name, label }) => [name, label]));

  test.each([
    ["America/New_York", "New York, UTC-5"],
    ["Asia/Kolkata", "Kolkata, UTC+5:30"],
    ["UTC", "UTC, UTC+0"],
  ])("%s is found as %s", (name, label) => {
    expect(all.get(name) ?? all.get(name.replace("Kolkata", "Calcutta"))?.replace("Calcutta", "Kolkata")).toBe(label);
  });

  test.each(["Europe/Berlin", "UTC", "Asia/Calcutta", "Asia/Kolkata"])("%s is one", (name) => {
    expect(isZone(name)).toBe(true);
  });

  test.each(["", " ", "Europe/Nowhere", "Berlin"])("“%s” is none", (name) => {
    expect(isZone(name)).toBe(false);
  });
});
