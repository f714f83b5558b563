'use strict';

const http = require('node:http');
const https = require('node:https');
const { clock } = require('./clock.js');
const { Run, backoff } = require('./run.js');

/** CloudFormation takes no longer answer. */
const MAX_BODY_BYTES = 4096;
const MAX_REASON_BYTES = 1024;
const ANSWER_ATTEMPTS = 4;
const ANSWER_TIMEOUT_MS = 3_000;
const CLEAN_UP_MS = 10_000;

/** What CloudFormation asks for, with the deadline of the invocation. */
class Request extends Run {
  /**
   * @param {any} event
   * @param {any} context
   */
  constructor(event, context) {
    super(context);
    this.type = event.RequestType;
    this.id = event.RequestId;
    this.logicalId = event.LogicalResourceId;
    /** Properties as CloudFormation passes them: every scalar is a string. */
    this.props = event.ResourceProperties ?? {};
    /** Properties before an update; empty for the other requests. */
    this.oldProps = event.OldResourceProperties ?? {};
    /** Id before this request; undefined for a creation. */
    this.existingId = event.PhysicalResourceId;
    /** Id to answer with. Set it as soon as something exists, so that a failed creation is cleaned up. */
    this.physicalId = event.PhysicalResourceId;
    /** Whether an update has made something that only `abandon` can take back. */
    this.begun = false;
  }
}

/**
 * Handler of a custom resource. CloudFormation always gets an answer: of success with what the action
 * returned as attributes, of failure with the reason, also shortly before the function times out.
 *
 * @param {object} actions
 * @param {(request: Request) => string} [actions.physicalId] id of the resource where it follows from the request
 * @param {(request: Request) => Promise<object | void> | object | void} actions.create
 * @param {(request: Request) => Promise<object | void> | object | void} [actions.update] `create` where left out
 * @param {(request: Request) => Promise<object | void> | object | void} [actions.remove] nothing where left out
 * @param {(request: Request, error: Error) => object | undefined} [actions.fallback] attributes of a success in spite
 *   of a failed creation or update
 * @param {(request: Request) => Promise<void>} [actions.abandon] takes back what a failed update has begun, as `begun`
 *   says; it has ten seconds
 */
function customResource(actions) {
  /**
   * @param {any} event
   * @param {any} context
   */
  return async function handler(event, context) {
    const request = new Request(event, context);
    console.log(`${event.RequestType} ${event.LogicalResourceId} ${event.PhysicalResourceId ?? ''}`.trimEnd());
    let answer;
    try {
      const data = await request.within(async () => perform(actions, request));
      answer = { Status: 'SUCCESS', Data: data ?? {} };
    } catch (error) {
      answer = await recover(actions, event, context, request, asError(error));
    }
    const physicalId =
      answer.Status === 'FAILED' && event.PhysicalResourceId ? event.PhysicalResourceId : request.physicalId;
    await respond(event, context, { ...answer, PhysicalResourceId: physicalId ?? context.logStreamName });
  };
}

/**
 * @param {any} actions
 * @param {Request} request
 */
async function perform(actions, request) {
  if (actions.physicalId && request.type !== 'Delete') {
    request.physicalId = actions.physicalId(request);
  }
  switch (request.type) {
    case 'Create':
      return actions.create(request);
    case 'Update':
      return (actions.update ?? actions.create)(request);
    case 'Delete':
      return actions.remove?.(request);
    default:
      throw new Error(`Unsupported request type ${request.type}`);
  }
}

/**
 * @param {any} actions
 * @param {any} event
 * @param {any} context
 * @param {Request} request
 * @param {Error} error
 */
async function recover(actions, event, context, request, error) {
  console.error(`${error.name}: ${error.message}`);
  const changes = request.type === 'Create' || request.type === 'Update';
  const data = changes ? actions.fallback?.(request, error) : undefined;
  if (data) {
    return { Status: 'SUCCESS', Data: data };
  }
  if (request.type === 'Update' && request.begun && actions.abandon) {
    const cleanUp = new Request(event, { getRemainingTimeInMillis: () => 2 * CLEAN_UP_MS });
    cleanUp.physicalId = request.physicalId;
    await cleanUp
      .within(() => actions.abandon(cleanUp))
      .catch((/** @type {unknown} */ leftover) => console.error(`clean-up: ${asError(leftover).message}`));
  }
  const log = ` (Log: ${context.logGroupName}/${context.logStreamName})`;
  return { Status: 'FAILED', Reason: cut(error.message, MAX_REASON_BYTES - log.length) + log };
}

/**
 * @param {unknown} thrown
 * @returns {Error}
 */
function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/**
 * The longest prefix of `text` that has at most `bytes` bytes and ends between two characters.
 *
 * @param {string} text
 * @param {number} bytes
 */
function cut(text, bytes) {
  if (Buffer.byteLength(text) <= bytes) {
    return text;
  }
  let kept = '';
  let size = 3;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) {
      break;
    }
    kept += character;
  }
  return `${kept}...`;
}

/**
 * @param {any} event
 * @param {any} context
 * @param {Record<string, unknown>} answer
 */
async function respond(event, context, answer) {
  const whole = {
    Reason: undefined,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    ...answer,
  };
  let body = JSON.stringify(whole);
  const size = Buffer.byteLength(body);
  if (size > MAX_BODY_BYTES) {
    const reason =
      `the answer has ${size} bytes, and CloudFormation takes ${MAX_BODY_BYTES}: ` +
      `the attributes of ${event.LogicalResourceId} are too long (Log: ${context.logGroupName}/${context.logStreamName})`;
    const physicalId = event.PhysicalResourceId ?? answer.PhysicalResourceId;
    body = JSON.stringify({ ...whole, Status: 'FAILED', Reason: reason, PhysicalResourceId: physicalId, Data: undefined });
  }
  for (let attempt = 0; ; attempt += 1) {
    try {
      const status = await put(event.ResponseURL, body);
      if (status < 400) {
        return;
      }
      throw new Error(`CloudFormation refused the answer with HTTP status ${status}`);
    } catch (error) {
      // The address is signed, so it is left out of what is logged. Thrown out of the handler, the error
      // makes Lambda invoke the function once more.
      if (attempt + 1 >= ANSWER_ATTEMPTS) {
        throw error;
      }
      console.error(`answer, attempt ${attempt + 1}: ${asError(error).message}`);
    }
    await clock.sleep(backoff(attempt));
  }
}

/**
 * HTTP status of putting `body` to a signed address. The signature covers an empty content type.
 *
 * @param {string} address
 * @param {string} body
 * @returns {Promise<number>}
 */
function put(address, body) {
  const url = new URL(address);
  const transport = url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': '', 'Content-Length': Buffer.byteLength(body) };
    const sent = transport.request(url, { method: 'PUT', headers, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no reply to the answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}

module.exports = { Request, customResource };
