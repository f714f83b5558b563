'use strict';

const http = require('node:http');
const { after, beforeEach } = require('node:test');
const sdk = require('./sdk.js');
const clock = require('./virtual-clock.js');

const LAMBDA_SECONDS = 900;

/** What CloudFormation got, in order. */
const received = [];
/** Statuses that CloudFormation answers next; 200 when there are none. */
const statuses = [];
let server;

async function address() {
  if (!server) {
    server = http.createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return `http://127.0.0.1:${server.address().port}/answer?X-Amz-Signature=topsecret`;
}

after(() => {
  server?.closeAllConnections();
  server?.close();
});

beforeEach(() => {
  sdk.reset();
  clock.reset();
  received.length = 0;
  statuses.length = 0;
});

/** Lines that the function logs while `work` goes on. */
async function logged(work) {
  const lines = [];
  const { log, error } = console;
  console.log = (line) => lines.push(line);
  console.error = (line) => lines.push(line);
  try {
    await work();
  } finally {
    Object.assign(console, { log, error });
  }
  return lines;
}

function lambdaContext(seconds = LAMBDA_SECONDS) {
  return {
    logGroupName: '/aws/lambda/fn',
    logStreamName: '2026/01/01/[$LATEST]abc',
    getRemainingTimeInMillis: () => seconds * 1000,
  };
}

/** Sends one request of CloudFormation to a handler, and returns what CloudFormation gets to see. */
async function invoke(handler, event, { seconds } = {}) {
  const whole = {
    RequestType: 'Create',
    RequestId: 'f4ef1b10-c39a-44e3-99c0-fbf7e53c3943',
    StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app-test-api/1',
    LogicalResourceId: 'Action',
    ResponseURL: await address(),
    ResourceProperties: {},
    ...event,
  };
  const before = received.length;
  const lines = await logged(() => handler(whole, lambdaContext(seconds)));
  if (received.length === before) {
    throw new Error('CloudFormation got no answer');
  }
  if (clock.waiting() > 0) {
    throw new Error('something is still waiting after the answer');
  }
  if (lines.some((line) => line.includes('topsecret'))) {
    throw new Error('the signature of the address was logged');
  }
  const last = received.at(-1);
  return { ...JSON.parse(last.body), lines, http: last };
}

/** An answer that never comes. */
const never = () => new Promise(() => {});

module.exports = { ...sdk, clock, invoke, lambdaContext, logged, never, received, statuses };
