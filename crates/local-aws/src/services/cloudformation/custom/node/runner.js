'use strict';

// Runs one Lambda function once, for a custom resource. What it asks AWS for is asked on standard output, a line of JSON
// each, and answered on standard input; its answer to CloudFormation goes to a server in here, over HTTP as at AWS. Its time
// stands still until the other side says how much has passed.

const http = require('node:http');
const https = require('node:https');
const path = require('node:path').posix;
const readline = require('node:readline');
const { isBuiltin } = require('node:module');
const { format } = require('node:util');
const vm = require('node:vm');
const zlib = require('node:zlib');

const print = process.stdout.write.bind(process.stdout);
const tell = (message) => print(`${JSON.stringify(message)}\n`);
process.stdout.write = (text) => (tell({ log: String(text).trimEnd() }), true);
for (const level of ['debug', 'error', 'info', 'log', 'warn']) {
  console[level] = (...words) => tell({ log: format(...words) });
}

let now = 0;
let deadline = Infinity;
/** Whether the outcome is known. */
let over = false;
/** Calls and requests that are under way. */
let busy = 0;
/** Whether the other side waits for the function. */
let turn = false;
let looking = false;
const timers = new Map();
const calls = new Map();
let last = 0;

function end(outcome) {
  if (!over) {
    over = true;
    tell(outcome);
  }
}

/** Hands the turn back once nothing goes on any more without time passing. */
function settle() {
  if (looking) {
    return;
  }
  looking = true;
  setImmediate(() =>
    setImmediate(() => {
      looking = false;
      if (turn && busy === 0 && !over) {
        turn = false;
        tell({ idle: true });
      }
    }),
  );
}

function leave() {
  busy -= 1;
  settle();
}

class Timer {
  constructor(run, milliseconds) {
    this.run = run;
    this.due = now + Math.max(0, Number(milliseconds) || 0);
    timers.set(this, this.due);
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  hasRef() {
    return true;
  }
}

function advance(milliseconds) {
  const until = now + milliseconds;
  for (;;) {
    const [next] = [...timers.keys()].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
    if (!next) {
      break;
    }
    timers.delete(next);
    now = Math.max(now, next.due);
    next.run();
  }
  now = until;
  if (now >= deadline) {
    end({ failed: 'the function did not answer before its time was over' });
  }
}

Date.now = () => now;
globalThis.setTimeout = (run, milliseconds, ...values) => new Timer(() => run(...values), milliseconds);
globalThis.clearTimeout = (timer) => timers.delete(timer);

function sleep(milliseconds, value, { signal } = {}) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      timers.delete(timer);
      const error = new Error('The operation was aborted', { cause: signal.reason });
      reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    const timer = new Timer(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, milliseconds);
    if (signal?.aborted) {
      abort();
    } else {
      signal?.addEventListener('abort', abort, { once: true });
    }
  });
}

/** HTTP whose requests count as something that goes on. */
function counted(transport) {
  const request = (...words) => {
    busy += 1;
    return transport.request(...words).once('close', leave);
  };
  return { ...transport, request, get: (...words) => request(...words).end() };
}

const SERVICES = {
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'resource-groups-tagging-api': 'tagging',
  'route-53': 'route53',
  sfn: 'states',
};

function call(service, { region, credentials }, { operation, input }, { abortSignal } = {}) {
  abortSignal?.throwIfAborted();
  busy += 1;
  last += 1;
  const number = last;
  tell({ call: number, service, operation, input: input ?? {}, region, role: credentials?.role });
  return new Promise((resolve, reject) => calls.set(number, { resolve, reject }));
}

function answered({ call: number, output, error }) {
  const { resolve, reject } = calls.get(number);
  calls.delete(number);
  if (error) {
    const { code, message, status } = error;
    reject(Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status } }));
  } else {
    resolve(output);
  }
  leave();
}

/** What clients of AWS make of an answer: points in time and bytes are objects, and what is null is absent. */
function revive(_, value) {
  if (value === null) {
    return undefined;
  }
  if (typeof value === 'object' && '$ts' in value) {
    return new Date(value.$ts);
  }
  return typeof value === 'object' && '$blob' in value ? Buffer.from(value.$blob, 'base64') : value;
}

/** The module of a service: its client, and its commands by their names. */
function sdk(name) {
  const service = SERVICES[name] ?? name;
  class Client {
    constructor(config = {}) {
      this.config = config;
    }

    send(command, options) {
      return call(service, this.config, command, options);
    }

    destroy() {}
  }
  const command = (operation) =>
    class {
      constructor(input) {
        this.operation = operation;
        this.input = input;
      }
    };
  return new Proxy(
    {},
    {
      get: (_, member) => {
        const text = String(member);
        return text.endsWith('Client') ? Client : text.endsWith('Command') ? command(text.slice(0, -7)) : undefined;
      },
    },
  );
}

const MODULES = {
  '@aws-sdk/credential-providers': {
    fromTemporaryCredentials: ({ params }) => ({ role: params.RoleArn }),
  },
  http: counted(http),
  https: counted(https),
  'timers/promises': { ...require('node:timers/promises'), setTimeout: sleep },
};

/** The files of a zip, whose directory is at its end. */
function unzip(bytes) {
  const files = new Map();
  let at = bytes.readUInt32LE(bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1')) + 16);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + size);
    const text = method === 0 ? content : zlib.inflateRawSync(content);
    files.set(bytes.toString('utf8', at + 46, at + 46 + name), text.toString());
    at += 46 + name + extra + comment;
  }
  return files;
}

/** Loads a file of the function, and what that requires. */
function load(files, file, loaded = new Map()) {
  if (loaded.has(file)) {
    return loaded.get(file).exports;
  }
  const module = { exports: {} };
  loaded.set(file, module);
  const need = (name) => {
    if (name.startsWith('.')) {
      const wanted = path.join(path.dirname(file), name);
      const found = [wanted, `${wanted}.js`, `${wanted}/index.js`].find((candidate) => files.has(candidate));
      if (found) {
        return load(files, found, loaded);
      }
    }
    const bare = name.replace(/^node:/, '');
    if (Object.hasOwn(MODULES, bare)) {
      return MODULES[bare];
    }
    if (name.startsWith('@aws-sdk/client-')) {
      return sdk(name.slice('@aws-sdk/client-'.length));
    }
    if (isBuiltin(name)) {
      return require(name);
    }
    throw new Error(`Cannot find module '${name}'`);
  };
  const names = ['exports', 'require', 'module'];
  const run = vm.compileFunction(files.get(file), names, { filename: `/var/task/${file}` });
  run(module.exports, need, module);
  return module.exports;
}

/** Where the function sends its answer. */
function listen() {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      response.end();
      end({ answer: body });
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

async function start({ code, handler, event, context, seconds, time, variables }) {
  now = time;
  deadline = time + seconds * 1000;
  Object.assign(process.env, variables);
  const files = code.zip ? unzip(Buffer.from(code.zip, 'base64')) : new Map([['index.js', code.text]]);
  const [file, name] = handler.split('.');
  if (!files.has(`${file}.js`)) {
    throw new Error(`the code of the function has no ${file}.js`);
  }
  const run = load(files, `${file}.js`)[name];
  busy += 1;
  event.ResponseURL = `http://127.0.0.1:${await listen()}/answer`;
  leave();
  await run(event, { ...context, getRemainingTimeInMillis: () => Math.max(0, deadline - now) });
  if (busy === 0 && timers.size === 0) {
    setImmediate(() => end({ failed: 'the function ended without an answer' }));
  }
}

const fail = (error) => end({ failed: `${error?.name ?? 'Error'}: ${error?.message ?? error}` });
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const message = JSON.parse(line, revive);
    turn = true;
    if (message.call) {
      answered(message);
    } else if (message.advance) {
      advance(message.advance);
    } else {
      start(message.start).catch(fail);
    }
    settle();
  })
  .on('close', () => process.exit());
tell({ ready: process.version });
