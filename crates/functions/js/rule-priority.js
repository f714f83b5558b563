'use strict';

const {
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} = require('@aws-sdk/client-elastic-load-balancing-v2');
const { customResource } = require('./lib/custom-resource.js');

/** Rules of the path `/` match everything, so they come last: they have the priorities 48000 to 50000. */
const FIRST_ROOT_PRIORITY = 48_000;
const LAST_ROOT_PRIORITY = 50_000;

/**
 * @param {import('./lib/custom-resource.js').Request} request
 * @returns {Promise<number[]>} priorities that the rules of the listener have
 */
async function takenPriorities(request) {
  const client = new ElasticLoadBalancingV2Client({});
  const input = { ListenerArn: request.props.ListenerArn };
  const taken = [];
  for await (const { Rules = [] } of request.pages(client, DescribeRulesCommand, input, { NextMarker: 'Marker' })) {
    taken.push(...Rules.filter((/** @type {any} */ rule) => rule.Priority !== 'default'));
  }
  return taken.map((rule) => Number.parseInt(rule.Priority, 10));
}

/**
 * `count` priorities above those taken by rules of other paths; where there is no room above, the lowest
 * that are free.
 *
 * @param {number[]} taken
 * @param {number} count
 */
function pathPriorities(taken, count) {
  const used = new Set(taken.filter((priority) => priority < FIRST_ROOT_PRIORITY));
  const highest = Math.max(0, ...used);
  if (highest + count < FIRST_ROOT_PRIORITY) {
    return Array.from({ length: count }, (_, index) => highest + 1 + index);
  }
  const free = [];
  for (let priority = 1; priority < FIRST_ROOT_PRIORITY && free.length < count; priority += 1) {
    if (!used.has(priority)) {
      free.push(priority);
    }
  }
  return free;
}

/**
 * `count` priorities below those taken by rules of the path `/`; where there is no room below, the highest
 * that are free.
 *
 * @param {number[]} taken
 * @param {number} count
 */
function rootPriorities(taken, count) {
  const used = new Set(taken.filter((priority) => priority >= FIRST_ROOT_PRIORITY));
  const lowest = Math.min(LAST_ROOT_PRIORITY + 1, ...used);
  if (lowest - count >= FIRST_ROOT_PRIORITY) {
    return Array.from({ length: count }, (_, index) => lowest - 1 - index);
  }
  const free = [];
  for (let priority = LAST_ROOT_PRIORITY; priority >= FIRST_ROOT_PRIORITY && free.length < count; priority -= 1) {
    if (!used.has(priority)) {
      free.push(priority);
    }
  }
  return free;
}

/** @param {import('./lib/custom-resource.js').Request} request */
async function assign(request) {
  const paths = /** @type {string[]} */ ([request.props.RulePath ?? []].flat());
  const taken = await takenPriorities(request);
  const roots = rootPriorities(taken, paths.filter((path) => path === '/').length);
  const others = pathPriorities(taken, paths.filter((path) => path !== '/').length);
  const entries = paths.map((path, index) => {
    const priority = path === '/' ? roots.shift() : others.shift();
    if (priority === undefined) {
      throw new Error(`listener ${request.props.ListenerArn} has no free rule priority for path ${path}`);
    }
    return [index === 0 ? 'Priority' : `Priority${index}`, priority];
  });
  return Object.fromEntries(entries);
}

exports.nextAvailableRulePriorityHandler = customResource({
  physicalId: ({ logicalId }) => `alb-rule-priority-${logicalId}`,
  create: assign,
});
