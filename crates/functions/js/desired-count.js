'use strict';

const { DescribeServicesCommand, ECSClient } = require('@aws-sdk/client-ecs');
const {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} = require('@aws-sdk/client-resource-groups-tagging-api');
const { customResource } = require('./lib/custom-resource.js');

/** @param {import('./lib/custom-resource.js').Request} request */
async function serviceArns(request) {
  const { App, Env, Svc } = request.props;
  const client = new ResourceGroupsTaggingAPIClient({});
  const input = {
    ResourceTypeFilters: ['ecs:service'],
    TagFilters: [
      { Key: 'copilot-application', Values: [App] },
      { Key: 'copilot-environment', Values: [Env] },
      { Key: 'copilot-service', Values: [Svc] },
    ],
  };
  const tokens = { PaginationToken: 'PaginationToken' };
  const arns = [];
  for await (const page of request.pages(client, GetResourcesCommand, input, tokens)) {
    arns.push(...(page.ResourceTagMappingList ?? []).map((/** @type {any} */ found) => found.ResourceARN));
  }
  return arns;
}

/**
 * The number of tasks that autoscaling has arrived at, so that a deployment does not reset it.
 *
 * @param {import('./lib/custom-resource.js').Request} request
 */
async function currentCount(request) {
  const arns = await serviceArns(request);
  if (arns.length === 0 || arns.length > 10) {
    return undefined;
  }
  const command = new DescribeServicesCommand({ cluster: request.props.Cluster, services: arns });
  const { services = [] } = await request.send(new ECSClient({}), command);
  // A deleted service stays visible for a while, with a count of 0.
  const active = services.filter((/** @type {any} */ service) => (service.status ?? 'ACTIVE') === 'ACTIVE');
  return active.length === 1 ? active[0].desiredCount : undefined;
}

exports.handler = customResource({
  physicalId: ({ props: { App, Env, Svc } }) => `copilot/apps/${App}/envs/${Env}/services/${Svc}/autoscaling`,
  create: async (request) => ({ DesiredCount: (await currentCount(request)) ?? request.props.DefaultDesiredCount }),
  fallback: ({ props }) => ({ DesiredCount: props.DefaultDesiredCount }),
});
