'use strict';

// Stands in for the SDK that the Lambda runtime brings: `require('@aws-sdk/...')` gets clients which
// hand every command to the handlers that a test registered.

const Module = require('node:module');

/** Handlers by the name of the operation, such as `DescribeStacks`. */
const handlers = new Map();
/** Everything sent, in order: `{ service, operation, input, region, role }`. */
const calls = [];

/** An error as a service answers it. */
function awsError(name, message = name, status = 400) {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/**
 * Registers what operations answer. A handler takes the input and `{ region, role }` of the client; an
 * array is a list of answers of which each is given once, the last one forever; an `Error` is thrown.
 */
function answer(operations) {
  for (const [operation, given] of Object.entries(operations)) {
    handlers.set(operation, toHandler(given));
  }
}

function toHandler(given) {
  if (typeof given === 'function') {
    return given;
  }
  if (Array.isArray(given)) {
    const rest = given.map(toHandler);
    return (...args) => (rest.length > 1 ? rest.shift() : rest[0])(...args);
  }
  return () => {
    if (given instanceof Error) {
      throw given;
    }
    return given;
  };
}

function reset() {
  handlers.clear();
  calls.length = 0;
}

/** Inputs of all calls of one operation. */
function inputs(operation) {
  return calls.filter((call) => call.operation === operation).map((call) => call.input);
}

class Client {
  constructor(service, config) {
    this.service = service;
    this.config = config;
  }

  async send(command, { abortSignal } = {}) {
    const { region = 'eu-west-1', credentials } = this.config;
    const who = { region, role: credentials?.role };
    calls.push({ service: this.service, operation: command.operation, input: command.input, ...who });
    const handler = handlers.get(command.operation);
    if (!handler) {
      throw new Error(`the test gives no answer to ${command.operation}`);
    }
    const aborted = new Promise((_, reject) => {
      abortSignal?.addEventListener('abort', () => reject(awsError('AbortError', 'Request aborted')), { once: true });
    });
    aborted.catch(() => {});
    return Promise.race([(async () => structuredClone(await handler(command.input, who)))(), aborted]);
  }
}

function clientModule(service) {
  return new Proxy(
    {},
    {
      get(_, name) {
        if (name.endsWith('Client')) {
          return class extends Client {
            constructor(config) {
              super(service, config);
            }
          };
        }
        if (name.endsWith('Command')) {
          return class {
            constructor(input) {
              this.operation = name.slice(0, -'Command'.length);
              this.input = input;
            }
          };
        }
        throw new Error(`@aws-sdk/client-${service} has no stub for ${name}`);
      },
    },
  );
}

const load = Module._load;
Module._load = function loadStubbed(request, ...rest) {
  if (request === '@aws-sdk/credential-providers') {
    return { fromTemporaryCredentials: ({ params }) => ({ role: params.RoleArn }) };
  }
  const client = /^@aws-sdk\/client-(.+)$/.exec(request);
  return client ? clientModule(client[1]) : load.call(this, request, ...rest);
};

module.exports = { answer, awsError, calls, inputs, reset };
