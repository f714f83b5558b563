'use strict';

const { DescribeServicesCommand, ECSClient } = require('@aws-sdk/client-ecs');
const { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } = require('@aws-sdk/client-sqs');
const { clock } = require('./lib/clock.js');
const { Run } = require('./lib/run.js');

/**
 * @param {Run} run
 * @param {string} cluster
 * @param {string} service
 * @returns {Promise<number>}
 */
async function runningTasks(run, cluster, service) {
  const command = new DescribeServicesCommand({ cluster, services: [service] });
  const { services = [] } = await run.send(new ECSClient({}), command);
  if (services.length !== 1) {
    throw new Error(`service ${service} of cluster ${cluster} does not exist`);
  }
  return services[0].runningCount;
}

/**
 * @param {Run} run
 * @param {SQSClient} client
 * @param {string} name
 * @returns {Promise<number>}
 */
async function visibleMessages(run, client, name) {
  const { QueueUrl } = await run.send(client, new GetQueueUrlCommand({ QueueName: name }));
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  const { Attributes } = await run.send(client, command);
  return Number.parseInt(Attributes.ApproximateNumberOfMessages, 10);
}

/**
 * A log line from which CloudWatch makes a metric.
 *
 * @param {string} namespace
 * @param {string} queue
 * @param {number} backlog
 */
function metric(namespace, queue, backlog) {
  return JSON.stringify({
    _aws: {
      Timestamp: clock.now(),
      CloudWatchMetrics: [
        { Namespace: namespace, Dimensions: [['QueueName']], Metrics: [{ Name: 'BacklogPerTask', Unit: 'Count' }] },
      ],
    },
    QueueName: queue,
    BacklogPerTask: backlog,
  });
}

/** @param {Run} run */
async function measure(run) {
  const { CLUSTER_NAME = '', SERVICE_NAME = '', NAMESPACE = '', QUEUE_NAMES = '' } = process.env;
  const tasks = Math.max(1, await runningTasks(run, CLUSTER_NAME, SERVICE_NAME));
  const client = new SQSClient({});
  for (const queue of QUEUE_NAMES.split(',').filter(Boolean)) {
    try {
      const messages = await visibleMessages(run, client, queue);
      console.log(metric(NAMESPACE, queue, Math.ceil(messages / tasks)));
    } catch (error) {
      logError(`queue ${queue}`, error);
    }
  }
}

/**
 * @param {string} where
 * @param {any} error
 */
function logError(where, error) {
  console.error(`${where}: ${error?.name}: ${error?.message}`);
}

/**
 * @param {unknown} _event
 * @param {{ getRemainingTimeInMillis(): number }} context
 */
exports.handler = async (_event, context) => {
  const run = new Run(context);
  try {
    await run.within(() => measure(run));
  } catch (error) {
    logError('backlog per task', error);
  }
};
