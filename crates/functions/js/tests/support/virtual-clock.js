'use strict';

// Puts a clock in place that jumps to the next thing due whenever nothing else is going on.

const { clock } = require('../../lib/clock.js');

const sleepers = new Set();
let now = 0;
let ticking = false;

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const sleeper = { due: now + milliseconds, resolve };
    const abort = () => {
      sleepers.delete(sleeper);
      reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    };
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort, { once: true });
    sleepers.add(sleeper);
    tick();
  });
}

function tick() {
  if (ticking) {
    return;
  }
  ticking = true;
  // Stubs answer in microtasks, so all that can go on without waiting has gone on by the second turn.
  setImmediate(() =>
    setImmediate(() => {
      ticking = false;
      const [next] = [...sleepers].sort((a, b) => a.due - b.due);
      if (next) {
        sleepers.delete(next);
        now = Math.max(now, next.due);
        next.resolve();
        tick();
      }
    }),
  );
}

Object.assign(clock, { now: () => now, sleep, random: () => 0.5 });

module.exports = {
  /** Milliseconds that passed since the start. */
  elapsed: () => now,
  /** Number of waits that are under way. */
  waiting: () => sleepers.size,
  reset: () => {
    now = 0;
    sleepers.clear();
  },
};
