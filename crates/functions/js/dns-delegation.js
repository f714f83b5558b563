'use strict';

const { customResource } = require('./lib/custom-resource.js');
const { TTL_SECONDS } = require('./lib/domains.js');
const { delegatedRoute53, deleteRecords, findRecord, findZone, isGone, upsertRecords } = require('./lib/route53.js');

/**
 * The zone of the application, in its account.
 *
 * @param {import('./lib/custom-resource.js').Request} request
 */
async function applicationZone(request) {
  const { DomainName, RootDNSRole } = request.props;
  const client = delegatedRoute53(RootDNSRole);
  const id = await findZone(request, client, DomainName);
  return id && { client, id };
}

exports.domainDelegationHandler = customResource({
  physicalId: ({ props }) => props.SubdomainName,
  create: async (request) => {
    const { DomainName, SubdomainName, NameServers } = request.props;
    const zone = await applicationZone(request);
    if (!zone) {
      throw new Error(`no hosted zone named ${DomainName} exists`);
    }
    const record = {
      Name: SubdomainName,
      Type: 'NS',
      TTL: TTL_SECONDS,
      ResourceRecords: NameServers.map((/** @type {string} */ Value) => ({ Value })),
    };
    await upsertRecords(request, [{ zone, record }], `Delegate ${SubdomainName}`);
  },
  remove: async (request) => {
    const { SubdomainName } = request.props;
    const zone = await applicationZone(request);
    const record = zone && (await findRecord(request, zone, SubdomainName, 'NS').catch(ignoreGone));
    if (zone && record) {
      await deleteRecords(request, [{ zone, record }], `Stop delegating ${SubdomainName}`);
    }
  },
});

/** @param {unknown} error */
function ignoreGone(error) {
  if (!isGone(error)) {
    throw error;
  }
  return undefined;
}
