'use strict';

const { listOf, normalize, sameName, zoneOf } = require('./domains.js');
const { Zones, findRecord } = require('./route53.js');

/**
 * The zones that a workload's aliases may lie in.
 *
 * @param {import('./custom-resource.js').Request} request
 */
function workloadZones(request) {
  const { AppName: app, EnvName: env, DomainName: domain, EnvHostedZoneId: envZoneId, RootDNSRole: roleArn } =
    request.props;
  return new Zones(request, { app, env, domain, envZoneId, roleArn });
}

/**
 * The distinct aliases of a workload, in one spelling.
 *
 * @param {Record<string, any>} props
 * @returns {string[]}
 */
function workloadAliases(props) {
  return [...new Set(listOf(props.Aliases).map(normalize))];
}

/**
 * The zone of a name that has to be in one.
 *
 * @param {Zones} zones
 * @param {string} name
 */
async function zoneFor(zones, name) {
  const kind = zoneOf(name, zones.names);
  if (!kind) {
    throw new Error(`unrecognized domain type for ${name}`);
  }
  return zones.get(kind);
}

/**
 * The zone of a name, or undefined for a name that is in none.
 *
 * @param {Zones} zones
 * @param {string} name
 */
async function zoneIfAny(zones, name) {
  const kind = zoneOf(name, zones.names);
  return kind && zones.find(kind);
}

/**
 * Refuses an alias that already leads elsewhere.
 *
 * @param {import('./custom-resource.js').Request} request
 * @param {Zones} zones
 * @param {string[]} aliases
 * @param {(string | undefined)[]} own DNS names that the aliases may point to by now
 */
async function refuseTaken(request, zones, aliases, own) {
  for (const alias of aliases) {
    const record = await findRecord(request, await zoneFor(zones, alias), alias, 'A');
    const target = record?.AliasTarget?.DNSName;
    if (record && !own.some((dns) => sameName(dns, target))) {
      throw new Error(
        target
          ? `Alias ${alias} is already in use by ${target}. This could be another load balancer of a different service.`
          : `Alias ${alias} is already in use`,
      );
    }
  }
}

module.exports = { refuseTaken, workloadAliases, workloadZones, zoneFor, zoneIfAny };
