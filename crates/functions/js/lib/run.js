'use strict';

const { clock } = require('./clock.js');

/** Kept back of the Lambda time-out, to clean up and to answer. */
const RESERVE_MS = 30_000;
const MAX_ATTEMPTS = 8;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 20_000;

const TRANSIENT = new Set([
  'InternalFailure',
  'InternalServerError',
  'InternalServiceException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TimeoutError',
  'TooManyRequestsException',
]);

const BROKEN_CONNECTION = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);

/** The work was still going on when the time of the Lambda function ran out. */
class DeadlineError extends Error {
  /**
   * @param {number} seconds
   * @param {string} doing
   */
  constructor(seconds, doing) {
    super(`did not finish within ${seconds} seconds${doing ? `: still ${doing}` : ''}`);
    this.name = 'DeadlineError';
  }
}

/** A condition was polled for as long as agreed and did not come true. */
class GaveUpError extends Error {
  /**
   * @param {number} seconds
   * @param {string} doing
   */
  constructor(seconds, doing) {
    super(`gave up after ${seconds} seconds of ${doing}`);
    this.name = 'GaveUpError';
  }
}

/**
 * Whether the same call may succeed a moment later.
 *
 * @param {any} error
 */
function isTransient(error) {
  return (
    TRANSIENT.has(error?.name) ||
    BROKEN_CONNECTION.has(error?.code) ||
    error?.$retryable !== undefined ||
    (error?.$metadata?.httpStatusCode ?? 0) >= 500
  );
}

/**
 * Exponential backoff with full jitter: between nothing and `base * 2^attempt`, at most `cap`.
 *
 * @param {number} attempt counted from 0
 */
function backoff(attempt) {
  return clock.random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
}

/**
 * One invocation with its deadline. Every call to AWS and every wait goes through it, so that all of
 * them stop when the deadline passes: what is left behind in a frozen Lambda environment would
 * otherwise go on in the middle of the next invocation.
 */
class Run {
  #controller = new AbortController();
  #doing = '';

  /** @param {{ getRemainingTimeInMillis(): number }} context the Lambda context */
  constructor(context) {
    const remaining = context.getRemainingTimeInMillis();
    this.budget = Math.max(remaining - RESERVE_MS, Math.floor(remaining / 2));
    this.signal = this.#controller.signal;
  }

  /**
   * Names what is being done, for the message of a deadline.
   *
   * @param {string} what a gerund phrase, such as `waiting for the certificate`
   */
  doing(what) {
    this.#doing = what;
  }

  /**
   * The outcome of `work`, or a `DeadlineError` when that takes longer than the budget. Either way
   * nothing of `work` is running any more afterwards.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async within(work) {
    const timer = new AbortController();
    const expired = clock.sleep(this.budget, timer.signal).then(() => {
      throw new DeadlineError(Math.round(this.budget / 1000), this.#doing);
    });
    try {
      return await Promise.race([work(), expired]);
    } finally {
      timer.abort();
      expired.catch(() => {});
      this.#controller.abort();
    }
  }

  /** @param {number} milliseconds */
  sleep(milliseconds) {
    return clock.sleep(milliseconds, this.signal);
  }

  /**
   * Calls AWS, again when it was throttled, the service had a fault or the connection broke.
   *
   * @param {any} client
   * @param {any} command
   * @returns {Promise<any>}
   */
  async send(client, command) {
    for (let attempt = 0; ; attempt += 1) {
      this.signal.throwIfAborted();
      try {
        return await client.send(command, { abortSignal: this.signal });
      } catch (error) {
        if (this.signal.aborted || attempt + 1 >= MAX_ATTEMPTS || !isTransient(error)) {
          throw error;
        }
      }
      await this.sleep(backoff(attempt));
    }
  }

  /**
   * All pages of a list operation, each as the service answered it.
   *
   * @param {any} client
   * @param {new (input: any) => any} Command
   * @param {Record<string, unknown>} input
   * @param {Record<string, string>} tokens name of each token in the answer to its name in the request
   */
  async *pages(client, Command, input, tokens) {
    let next = input;
    for (;;) {
      const page = await this.send(client, new Command(next));
      yield page;
      const given = Object.entries(tokens).filter(([answered]) => page[answered]);
      if (given.length === 0 || page.IsTruncated === false) {
        return;
      }
      next = { ...input, ...Object.fromEntries(given.map(([answered, asked]) => [asked, page[answered]])) };
    }
  }

  /**
   * Asks again and again until the answer is something other than `undefined`.
   *
   * @template T
   * @param {{ what: string, every: number, within?: number }} options `what` is a gerund phrase,
   *   `every` the milliseconds between two questions, `within` the milliseconds after which to give
   *   up (without it, the deadline of the run)
   * @param {() => Promise<T | undefined>} ask
   * @returns {Promise<T>}
   */
  async poll({ what, every, within = Infinity }, ask) {
    this.doing(what);
    const start = clock.now();
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) {
        return answer;
      }
      if (clock.now() - start + every > within) {
        throw new GaveUpError(Math.round(within / 1000), what);
      }
      await this.sleep(every);
    }
  }
}

module.exports = { DeadlineError, GaveUpError, Run, backoff, isTransient };
