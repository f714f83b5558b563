'use strict';

const { customResource } = require('./lib/custom-resource.js');
const { sameName, sameNames } = require('./lib/domains.js');
const { aliasRecord, deleteAliases, upsertRecords } = require('./lib/route53.js');
const { refuseTaken, workloadAliases, workloadZones, zoneFor, zoneIfAny } = require('./lib/workload-aliases.js');

/** @typedef {import('./lib/custom-resource.js').Request} Request */

/** @param {Request} request */
async function point(request) {
  const { PublicAccessDNS: dns, PublicAccessHostedZoneID: zoneId } = request.props;
  const zones = workloadZones(request);
  const aliases = workloadAliases(request.props);
  await refuseTaken(request, zones, aliases, [dns, request.oldProps.PublicAccessDNS]);
  const entries = [];
  for (const alias of aliases) {
    entries.push({ zone: await zoneFor(zones, alias), record: aliasRecord(alias, { dns, zoneId }) });
  }
  await upsertRecords(request, entries, `Point the aliases of ${request.props.ServiceName} to it`);
}

/**
 * @param {Request} request
 * @param {string[]} aliases
 * @param {(string | undefined)[]} targets
 */
async function withdraw(request, aliases, targets) {
  const zones = workloadZones(request);
  const located = [];
  for (const alias of aliases) {
    const zone = await zoneIfAny(zones, alias);
    if (zone) {
      located.push({ zone, alias });
    }
  }
  await deleteAliases(request, located, targets);
}

/** @param {Request} request */
async function update(request) {
  const { props, oldProps } = request;
  const [wanted, former] = [workloadAliases(props), workloadAliases(oldProps)];
  if (
    sameNames(wanted, former) &&
    props.PublicAccessHostedZoneID === oldProps.PublicAccessHostedZoneID &&
    sameName(props.PublicAccessDNS, oldProps.PublicAccessDNS)
  ) {
    return;
  }
  await point(request);
  const unwanted = former.filter((alias) => !wanted.includes(alias));
  await withdraw(request, unwanted, [oldProps.PublicAccessDNS, props.PublicAccessDNS]);
}

exports.handler = customResource({
  physicalId: ({ logicalId }) => logicalId,
  create: point,
  update,
  remove: (request) => withdraw(request, workloadAliases(request.props), [request.props.PublicAccessDNS]),
});
