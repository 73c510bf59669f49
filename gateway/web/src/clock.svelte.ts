/** The time, as often as a badge on a card may change. */

const EVERY = 20_000; // milliseconds

let now = $state.raw(new Date());
setInterval(() => (now = new Date()), EVERY);

export const clock = {
  get now(): Date {
    return now;
  },
};
