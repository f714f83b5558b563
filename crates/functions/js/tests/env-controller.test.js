'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { answer, awsError, clock, inputs, invoke } = require('./support/index.js');
const { handler } = require('../env-controller.js');

/** These parameters without their values. */
const blanks = (parameters) => Object.fromEntries(Object.keys(parameters).map((key) => [key, '']));

const props = {
  Workload: 'api',
  EnvStack: 'shop-test',
  Parameters: ['ALBWorkloads', 'Aliases'],
  Aliases: ['api.example.com'],
  EnvVersion: 'v1.39.0',
};

/** An environment stack that takes `slow` looks to be updated. */
function environment(parameters, { slow = 2, fails = false } = {}) {
  const env = { parameters: new Map(Object.entries(parameters)), updates: 0, left: 0, updated: 0, failed: false };
  let next = env.parameters;
  const shown = () => (env.left > 0 ? next : env.parameters);
  const enabled = () => [...env.parameters.values()].join(',');
  env.begin = (changed) => {
    env.updates += 1;
    env.updated += 1;
    env.left = slow;
    next = fails ? env.parameters : new Map([...env.parameters, ...Object.entries(changed)]);
    env.failed = fails;
  };
  answer({
    DescribeStacks: ({ StackName }) => {
      env.left -= env.left > 0 ? 1 : 0;
      env.parameters = env.left === 0 ? next : env.parameters;
      const done = env.failed ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE';
      const [ParameterKey, ParameterValue] = ['ParameterKey', 'ParameterValue'];
      return {
        Stacks: [
          {
            StackName,
            StackStatus: env.left > 0 ? 'UPDATE_IN_PROGRESS' : done,
            StackStatusReason: env.failed ? 'a listener is broken' : undefined,
            LastUpdatedTime: env.updated ? new Date(env.updated) : undefined,
            Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
            Parameters: [...shown()].map(([k, v]) => ({ [ParameterKey]: k, [ParameterValue]: v })),
            Outputs: [
              { OutputKey: 'CFNExecutionRoleARN', OutputValue: 'arn:role' },
              { OutputKey: 'HTTPListenerArn', OutputValue: 'arn:listener' },
              { OutputKey: 'EnabledFeatures', OutputValue: enabled() },
              { OutputKey: 'LastForceDeployID', OutputValue: '1' },
            ],
          },
        ],
      };
    },
    UpdateStack: ({ StackName, Parameters }) => {
      if (env.left > 0) {
        throw awsError('ValidationError', `Stack:arn:${StackName} is in UPDATE_IN_PROGRESS state and can not be updated.`);
      }
      const set = Parameters.filter((p) => !p.UsePreviousValue);
      env.begin(Object.fromEntries(set.map((p) => [p.ParameterKey, p.ParameterValue])));
      return {};
    },
  });
  return env;
}

const untouched = { AppName: 'shop', ALBWorkloads: 'web', NATWorkloads: '', Aliases: '{"web":["example.com"]}' };

describe('creation', () => {
  test('adds the workload and its aliases, and answers with the outputs of the environment', async () => {
    const env = environment(untouched);
    const { Status, PhysicalResourceId, Data } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'SUCCESS');
    assert.equal(PhysicalResourceId, 'envcontoller/shop-test/api');
    assert.deepEqual(Data, { CFNExecutionRoleARN: 'arn:role', HTTPListenerArn: 'arn:listener' });
    assert.equal(env.parameters.get('ALBWorkloads'), 'web,api');
    assert.equal(env.parameters.get('Aliases'), '{"web":["example.com"],"api":["api.example.com"]}');
    assert.deepEqual(inputs('UpdateStack'), [
      {
        StackName: 'shop-test',
        UsePreviousTemplate: true,
        RoleARN: 'arn:role',
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
        Parameters: [
          { ParameterKey: 'AppName', UsePreviousValue: true },
          { ParameterKey: 'ALBWorkloads', ParameterValue: 'web,api' },
          { ParameterKey: 'NATWorkloads', UsePreviousValue: true },
          { ParameterKey: 'Aliases', ParameterValue: '{"web":["example.com"],"api":["api.example.com"]}' },
        ],
      },
    ]);
  });

  test('updates nothing when the environment knows the workload', async () => {
    const env = environment({ ALBWorkloads: 'api', Aliases: '{"api":["api.example.com"]}' });
    const { Status } = await invoke(handler, { ResourceProperties: props });
    assert.deepEqual([Status, env.updates], ['SUCCESS', 0]);
  });

  test('does not wait for the update of another workload when it has what it needs', async () => {
    const env = environment({ ALBWorkloads: 'api', NATWorkloads: '', Aliases: '{"api":["api.example.com"]}' }, { slow: 1000 });
    env.begin({ NATWorkloads: 'web' });
    const { Status, Data } = await invoke(handler, { ResourceProperties: props });
    assert.deepEqual([Status, clock.elapsed(), env.updates], ['SUCCESS', 0, 1]);
    assert.equal(Data.HTTPListenerArn, 'arn:listener');
  });

  test('waits for an update that gives it what it needs', async () => {
    for (const begun of [{ ALBWorkloads: 'api' }, { Aliases: '{"api":["api.example.com"]}' }]) {
      clock.reset();
      const env = environment({ ALBWorkloads: 'api', Aliases: '{"api":["api.example.com"]}', ...blanks(begun) }, { slow: 3 });
      env.begin(begun);
      const { Status } = await invoke(handler, { ResourceProperties: props });
      assert.deepEqual([Status, clock.elapsed(), env.updates], ['SUCCESS', 20_000, 1]);
    }
  });

  test('waits for the end of an environment that is being made', async () => {
    const stack = (StackStatus) => ({ Stacks: [{ StackName: 'shop-test', StackStatus, Parameters: [], Outputs: [] }] });
    answer({ DescribeStacks: [stack('CREATE_IN_PROGRESS'), stack('CREATE_COMPLETE')] });
    const { Status } = await invoke(handler, { ResourceProperties: { ...props, Parameters: [], Aliases: [] } });
    assert.deepEqual([Status, clock.elapsed()], ['SUCCESS', 10_000]);
  });

  test('takes aliases that are text', async () => {
    const env = environment({ ...untouched, Aliases: '{"api":"api.example.com","web":"example.com"}' });
    const text = { ...props, Aliases: 'api.example.com, www.example.com' };
    assert.equal((await invoke(handler, { ResourceProperties: text })).Status, 'SUCCESS');
    assert.deepEqual(JSON.parse(env.parameters.get('Aliases')), { api: ['api.example.com', 'www.example.com'], web: 'example.com' });
  });

  test('waits for the update of another workload and then adds its own', async () => {
    const env = environment(untouched, { slow: 4 });
    env.begin({ NATWorkloads: 'web' });
    const { Status } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'SUCCESS');
    assert.equal(env.parameters.get('NATWorkloads'), 'web');
    assert.equal(env.parameters.get('ALBWorkloads'), 'web,api');
  });

  test('tries again when another update begins between reading and writing', async () => {
    const env = environment(untouched);
    const refusals = ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'];
    answer({
      UpdateStack: ({ Parameters }) => {
        const state = refusals.shift();
        if (state) {
          throw awsError('ValidationError', `Stack:arn is in ${state} state and can not be updated.`);
        }
        env.begin(Object.fromEntries(Parameters.filter((p) => !p.UsePreviousValue).map((p) => [p.ParameterKey, p.ParameterValue])));
        return {};
      },
    });
    const { Status } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'SUCCESS');
    assert.equal(inputs('UpdateStack').length, 3);
  });

  test('does it again when another workload wrote over it', async () => {
    const env = environment(untouched, { slow: 1 });
    const begin = env.begin;
    env.begin = (changed) => {
      env.begin = begin;
      begin({ ALBWorkloads: 'web,job' });
    };
    const { Status } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'SUCCESS');
    assert.equal(env.parameters.get('ALBWorkloads'), 'web,job,api');
  });

  test('leaves the aliases alone where the environment has none', async () => {
    const env = environment({ ALBWorkloads: '' });
    await invoke(handler, { ResourceProperties: props });
    assert.deepEqual([...env.parameters], [['ALBWorkloads', 'api']]);
  });

  test('takes no update for success', async () => {
    environment(untouched);
    answer({ UpdateStack: awsError('ValidationError', 'No updates are to be performed.') });
    const { Status } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'SUCCESS');
  });
});

describe('failure', () => {
  test('of the update of the environment has its reason', async () => {
    environment(untouched, { fails: true });
    const { Status, Reason } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /environment stack shop-test ended in UPDATE_ROLLBACK_COMPLETE: a listener is broken/);
  });

  test('because the environment is missing', async () => {
    answer({ DescribeStacks: awsError('ValidationError', 'Stack with id shop-test does not exist') });
    const { Reason } = await invoke(handler, { ResourceProperties: props });
    assert.match(Reason, /^Cannot find environment stack shop-test/);
  });

  test('because the environment is too old', async () => {
    environment({ Aliases: '' });
    const { Reason } = await invoke(handler, { ResourceProperties: props });
    assert.match(Reason, /has no parameter ALBWorkloads: deploy the environment/);
  });

  test('because the environment may not be read', async () => {
    answer({ DescribeStacks: awsError('AccessDenied', 'not to be read', 403) });
    const { Status, Reason } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^not to be read/);
  });

  test('of an earlier update is not taken for that of this one', async () => {
    const stack = (StackStatus, time, value) => ({
      Stacks: [
        {
          StackName: 'shop-test',
          StackStatus,
          LastUpdatedTime: new Date(time),
          Parameters: [{ ParameterKey: 'ALBWorkloads', ParameterValue: value }],
        },
      ],
    });
    const stale = stack('UPDATE_ROLLBACK_COMPLETE', 1, '');
    answer({
      DescribeStacks: [stale, stale, stack('UPDATE_IN_PROGRESS', 2, ''), stack('UPDATE_COMPLETE', 2, 'api')],
      UpdateStack: [{}, awsError('ValidationError', 'Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.')],
    });
    const { Status } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'SUCCESS');
    assert.equal(inputs('UpdateStack').length, 2);
  });

  test('because the update may not be made', async () => {
    environment(untouched);
    answer({ UpdateStack: awsError('AccessDenied', 'not authorized', 403) });
    const { Status, Reason } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^not authorized/);
  });

  test('because it takes too long', async () => {
    environment(untouched, { slow: 1000 });
    const { Status, Reason } = await invoke(handler, { ResourceProperties: props });
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /within 870 seconds: still waiting for stack shop-test to be updated/);
  });
});

describe('update', () => {
  const event = { RequestType: 'Update', PhysicalResourceId: 'envcontoller/shop-test/api' };

  test('takes the workload out of what it needs no more', async () => {
    const env = environment({ ALBWorkloads: 'api,web', NATWorkloads: '', EFSWorkloads: 'api', Aliases: '{"api":["x.example.com"]}' });
    const ResourceProperties = { ...props, Parameters: ['Aliases', 'NATWorkloads'], Aliases: undefined };
    const { Status } = await invoke(handler, { ...event, ResourceProperties });
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(Object.fromEntries(env.parameters), { ALBWorkloads: 'web', NATWorkloads: 'api', EFSWorkloads: '', Aliases: '' });
  });

  test('keeps the id', async () => {
    environment(untouched);
    const given = { ...event, PhysicalResourceId: 'envcontoller/shop-test/former' };
    const { PhysicalResourceId } = await invoke(handler, { ...given, ResourceProperties: props });
    assert.equal(PhysicalResourceId, 'envcontoller/shop-test/former');
  });
});

describe('deletion', () => {
  const event = { RequestType: 'Delete', PhysicalResourceId: 'envcontoller/shop-test/api', ResourceProperties: props };

  test('takes the workload out of everything', async () => {
    const env = environment({ ALBWorkloads: 'web,api', EFSWorkloads: 'api', Aliases: '{"api":["a"],"web":["b"]}' });
    const { Status } = await invoke(handler, event);
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(Object.fromEntries(env.parameters), { ALBWorkloads: 'web', EFSWorkloads: '', Aliases: '{"web":["b"]}' });
  });

  test('of what the environment does not know updates nothing', async () => {
    const env = environment({ ALBWorkloads: 'web', Aliases: '' });
    const { Status } = await invoke(handler, event);
    assert.deepEqual([Status, env.updates], ['SUCCESS', 0]);
  });

  test('is done when the environment is gone or going', async () => {
    answer({ DescribeStacks: awsError('ValidationError', 'Stack with id shop-test does not exist') });
    assert.equal((await invoke(handler, event)).Status, 'SUCCESS');
    answer({ DescribeStacks: { Stacks: [{ StackStatus: 'DELETE_IN_PROGRESS' }] } });
    assert.equal((await invoke(handler, event)).Status, 'SUCCESS');
  });
});
