'use strict';

const timers = require('node:timers/promises');

/**
 * The only source of time of every function. Tests put a virtual clock in its place, so that waiting
 * for ten minutes takes none.
 */
const clock = {
  /** Milliseconds since the epoch. */
  now: () => Date.now(),

  /**
   * Resolves after `milliseconds`, or rejects with an `AbortError` when `signal` is aborted first.
   *
   * @param {number} milliseconds
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  sleep: (milliseconds, signal) => timers.setTimeout(milliseconds, undefined, { signal }),

  /** A number in [0, 1) that spreads retries. */
  random: () => Math.random(),
};

module.exports = { clock };
