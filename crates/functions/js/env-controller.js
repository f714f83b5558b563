'use strict';

const {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateStackCommand,
} = require('@aws-sdk/client-cloudformation');
const { customResource } = require('./lib/custom-resource.js');
const { listOf, parseAliases, sameNames } = require('./lib/domains.js');

/** Parameters with this suffix list the workloads that need a feature of the environment. */
const WORKLOADS = 'Workloads';
const ALIASES = 'Aliases';
/** Its value is made of those of the parameters that workloads own, as they were when the last update ended. */
const ENABLED_FEATURES = 'EnabledFeatures';
const PRIVATE_OUTPUTS = new Set([ENABLED_FEATURES, 'LastForceDeployID']);
const POLL_MS = 10_000;

/** @typedef {import('./lib/custom-resource.js').Request} Request */

/**
 * Makes the environment's stack know that the workload needs the given features, and answers with the
 * outputs of that stack. Several workloads may do so at the same time: whoever comes second waits, unless what it needs
 * is there already.
 *
 * @param {Request} request
 * @param {{ features: string[], aliases: string[] }} wanted
 * @returns {Promise<any>} the environment's stack; undefined where it does not exist
 */
async function settle(request, wanted) {
  const client = new CloudFormationClient({});
  const name = request.props.EnvStack;
  const what = `waiting for stack ${name} to be updated`;
  /** @type {any} */
  let before;
  const [settled] = await request.poll({ what, every: POLL_MS }, async () => {
    const stack = await describe(request, client, name);
    if (!stack || stack.StackStatus === 'DELETE_COMPLETE') {
      return [undefined];
    }
    if (request.type === 'Delete' && stack.StackStatus === 'DELETE_IN_PROGRESS') {
      return [stack];
    }
    if (stack.StackStatus.endsWith('_IN_PROGRESS')) {
      return !before && isInEffect(stack, request.props.Workload, wanted) ? [stack] : undefined;
    }
    const changed = changedParameters(stack, request.props.Workload, wanted);
    if (changed.size === 0) {
      return [stack];
    }
    if (before && stack.LastUpdatedTime?.valueOf() !== before.LastUpdatedTime?.valueOf()) {
      throwIfRolledBack(stack);
    }
    const outcome = await update(request, client, stack, changed);
    before = outcome === 'started' ? stack : undefined;
    return outcome === 'nothing to do' ? [stack] : undefined;
  });
  return settled;
}

/**
 * @param {Request} request
 * @param {CloudFormationClient} client
 * @param {string} name
 */
async function describe(request, client, name) {
  try {
    const { Stacks = [] } = await request.send(client, new DescribeStacksCommand({ StackName: name }));
    return Stacks[0];
  } catch (error) {
    if (/does not exist/.test(/** @type {any} */ (error)?.message ?? '')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Whether the environment has what is wanted, whatever else is being updated just now. Parameters already have the values
 * that they are updated to, outputs still those of before.
 *
 * @param {any} stack
 * @param {string} workload
 * @param {{ features: string[], aliases: string[] }} wanted
 */
function isInEffect(stack, workload, { features, aliases }) {
  const enabled = outputOf(stack, ENABLED_FEATURES);
  if (enabled === undefined || !stack.StackStatus.startsWith('UPDATE_')) {
    return false;
  }
  const known = new Set((stack.Parameters ?? []).map((/** @type {any} */ parameter) => parameter.ParameterKey));
  const times = enabled.split(',').filter((/** @type {string} */ name) => name === workload).length;
  return (
    features.every((feature) => known.has(feature)) &&
    changedParameters(stack, workload, { features, aliases }).size === 0 &&
    times === features.length &&
    aliases.every((alias) => enabled.includes(JSON.stringify(alias)))
  );
}

/**
 * @param {any} stack
 * @param {string} key
 * @returns {string | undefined}
 */
function outputOf(stack, key) {
  return stack.Outputs?.find((/** @type {any} */ output) => output.OutputKey === key)?.OutputValue;
}

/** @param {any} stack */
function throwIfRolledBack(stack) {
  if (/ROLLBACK|FAILED/.test(stack.StackStatus)) {
    const why = stack.StackStatusReason ? `: ${stack.StackStatusReason}` : '';
    throw new Error(`the update of environment stack ${stack.StackName} ended in ${stack.StackStatus}${why}`);
  }
}

/**
 * @param {Request} request
 * @param {CloudFormationClient} client
 * @param {any} stack
 * @param {Map<string, string>} changed
 * @returns {Promise<'started' | 'busy' | 'nothing to do'>}
 */
async function update(request, client, stack, changed) {
  // What this workload does not change keeps the value it has at the time of the update, not the one that
  // was read before: another workload may have changed it in between.
  const parameters = stack.Parameters.map((/** @type {any} */ { ParameterKey }) =>
    changed.has(ParameterKey)
      ? { ParameterKey, ParameterValue: changed.get(ParameterKey) }
      : { ParameterKey, UsePreviousValue: true },
  );
  const command = new UpdateStackCommand({
    StackName: stack.StackName,
    UsePreviousTemplate: true,
    Parameters: parameters,
    Capabilities: stack.Capabilities,
    RoleARN: outputOf(stack, 'CFNExecutionRoleARN'),
  });
  try {
    await request.send(client, command);
    return 'started';
  } catch (error) {
    const message = /** @type {any} */ (error)?.message ?? '';
    if (/_IN_PROGRESS state and can ?not be updated/.test(message)) {
      return 'busy';
    }
    if (/No updates are to be performed/.test(message)) {
      return 'nothing to do';
    }
    throw error;
  }
}

/**
 * The parameters of the environment that have to change, with their new values.
 *
 * @param {any} stack
 * @param {string} workload
 * @param {{ features: string[], aliases: string[] }} wanted
 * @returns {Map<string, string>}
 */
function changedParameters(stack, workload, { features, aliases }) {
  const current = new Map(
    (stack.Parameters ?? []).map((/** @type {any} */ p) => [p.ParameterKey, p.ParameterValue ?? '']),
  );
  const missing = features.find((feature) => !current.has(feature));
  if (missing) {
    throw new Error(
      `environment stack ${stack.StackName} has no parameter ${missing}: deploy the environment with a current version`,
    );
  }
  const changed = new Map();
  for (const [key, value] of current) {
    if (key.endsWith(WORKLOADS)) {
      const workloads = new Set(value.split(',').filter(Boolean));
      if (workloads.has(workload) !== features.includes(key)) {
        changed.set(key, toggled(workloads, workload).join(','));
      }
    }
  }
  const text = changedAliases(current.get(ALIASES), workload, aliases);
  return text === undefined ? changed : changed.set(ALIASES, text);
}

/**
 * The set without the member it has, or with the one it lacks.
 *
 * @param {Set<string>} set
 * @param {string} member
 */
function toggled(set, member) {
  return set.has(member) ? [...set].filter((other) => other !== member) : [...set, member];
}

/**
 * The new value of the environment's `Aliases` parameter; undefined where it can stay.
 *
 * @param {string | undefined} text undefined where the environment has no such parameter
 * @param {string} workload
 * @param {string[]} aliases
 */
function changedAliases(text, workload, aliases) {
  if (text === undefined) {
    return undefined;
  }
  const map = parseAliases(text);
  if (sameNames(listOf(map[workload]), aliases)) {
    return undefined;
  }
  const { [workload]: _, ...others } = map;
  const next = aliases.length > 0 ? { ...map, [workload]: aliases } : others;
  return Object.keys(next).length > 0 ? JSON.stringify(next) : '';
}

/** @param {Request} request */
async function apply(request) {
  const { Parameters, Aliases, EnvStack } = request.props;
  const features = listOf(Parameters).filter((/** @type {string} */ name) => name.endsWith(WORKLOADS));
  const stack = await settle(request, { features, aliases: listOf(Aliases) });
  if (!stack) {
    throw new Error(`Cannot find environment stack ${EnvStack}`);
  }
  return attributes(stack);
}

/** @param {any} stack */
function attributes(stack) {
  return Object.fromEntries(
    (stack.Outputs ?? [])
      .filter((/** @type {any} */ output) => !PRIVATE_OUTPUTS.has(output.OutputKey))
      .map((/** @type {any} */ output) => [output.OutputKey, output.OutputValue]),
  );
}

exports.handler = customResource({
  // The spelling is that of the resources that exist.
  physicalId: ({ existingId, props }) => existingId ?? `envcontoller/${props.EnvStack}/${props.Workload}`,
  create: apply,
  remove: async (request) => {
    await settle(request, { features: [], aliases: [] });
  },
});
