'use strict';

const { customResource } = require('./lib/custom-resource.js');
const { aliasesOfWorkloads, normalize, zoneOf } = require('./lib/domains.js');
const { Zones, aliasRecord, deleteAliases, upsertRecords } = require('./lib/route53.js');

/** @typedef {import('./lib/custom-resource.js').Request} Request */

/** @param {Request} request */
function zonesOf(request) {
  const { AppName: app, EnvName: env, DomainName: domain, AppDNSRole: roleArn } = request.props;
  return new Zones(request, { app, env, domain, roleArn });
}

/**
 * The distinct aliases of all workloads.
 *
 * @param {Record<string, any>} props
 */
function aliasesOf(props) {
  return [...new Set(aliasesOfWorkloads(props.Aliases).map(normalize))];
}

/**
 * The aliases with their zones. Those that lie in no zone of the environment belong to a domain that is
 * managed elsewhere, and are left out; so are those of a zone that is gone, when they are to be deleted.
 *
 * @param {Zones} zones
 * @param {string[]} aliases
 * @param {'get' | 'find'} look
 */
async function located(zones, aliases, look) {
  const found = [];
  for (const alias of aliases) {
    const kind = zoneOf(alias, zones.names);
    const zone = kind && (await zones[look](kind));
    if (zone) {
      found.push({ zone, alias });
    }
  }
  return found;
}

/** @param {Request} request */
async function point(request) {
  const { PublicAccessDNS, PublicAccessHostedZone } = request.props;
  const zones = zonesOf(request);
  const wanted = aliasesOf(request.props);
  const target = { dns: PublicAccessDNS, zoneId: PublicAccessHostedZone };
  const entries = (await located(zones, wanted, 'get')).map(({ zone, alias }) => ({
    zone,
    record: aliasRecord(alias, target),
  }));
  await upsertRecords(request, entries, 'Point the aliases to the environment');
  const unwanted = aliasesOf(request.oldProps).filter((alias) => !wanted.includes(alias));
  const targets = [PublicAccessDNS, request.oldProps.PublicAccessDNS];
  await deleteAliases(request, await located(zones, unwanted, 'find'), targets);
}

exports.handler = customResource({
  physicalId: ({ logicalId }) => logicalId,
  create: point,
  remove: async (request) => {
    const aliases = await located(zonesOf(request), aliasesOf(request.props), 'find');
    await deleteAliases(request, aliases, [request.props.PublicAccessDNS]);
  },
});
