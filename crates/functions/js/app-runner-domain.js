'use strict';

const {
  AppRunnerClient,
  AssociateCustomDomainCommand,
  DescribeCustomDomainsCommand,
  DisassociateCustomDomainCommand,
} = require('@aws-sdk/client-apprunner');
const { customResource } = require('./lib/custom-resource.js');
const { TTL_SECONDS, sameName } = require('./lib/domains.js');
const { delegatedRoute53, deleteRecords, findZone, upsertRecords } = require('./lib/route53.js');

const POLL_MS = 5_000;
const RECORDS_WITHIN_MS = 300_000;

/** @typedef {import('./lib/custom-resource.js').Request} Request */

/** @param {Request} request */
async function applicationZone(request) {
  const client = delegatedRoute53(request.props.AppDNSRole);
  const id = await findZone(request, client, request.props.AppDNSName);
  return id && { client, id };
}

/**
 * @param {string} name
 * @param {string} value
 */
function cname(name, value) {
  return { Name: name, Type: 'CNAME', TTL: TTL_SECONDS, ResourceRecords: [{ Value: value }] };
}

/** @param {any} association */
function validationRecords(association) {
  return (association?.CertificateValidationRecords ?? []).map((/** @type {any} */ { Name, Value }) =>
    cname(Name, Value),
  );
}

/**
 * The association of the domain with the service and its DNS target, or undefined.
 *
 * @param {Request} request
 * @param {AppRunnerClient} client
 * @returns {Promise<{ association: any, target: string } | undefined>}
 */
async function describe(request, client) {
  const { ServiceARN, CustomDomain } = request.props;
  const input = { ServiceArn: ServiceARN };
  for await (const page of request.pages(client, DescribeCustomDomainsCommand, input, { NextToken: 'NextToken' })) {
    const association = page.CustomDomains?.find((/** @type {any} */ d) => sameName(d.DomainName, CustomDomain));
    if (association) {
      return { association, target: page.DNSTarget };
    }
  }
  return undefined;
}

/**
 * Whether all records that prove the ownership of the domain are known. A domain that was associated before
 * is active at once: then it has a record each for the domain, its `www` and the service.
 *
 * @param {any} association
 */
function isReady({ Status, CertificateValidationRecords: records = [], EnableWWWSubdomain }) {
  switch (Status.toLowerCase()) {
    case 'pending_certificate_dns_validation':
      return records.length > 0;
    case 'active':
    case 'binding_certificate':
      return records.length >= (EnableWWWSubdomain === false ? 1 : 3);
    default:
      return false;
  }
}

/**
 * @param {Request} request
 * @param {AppRunnerClient} client
 */
async function awaitRecords(request, client) {
  const { CustomDomain } = request.props;
  const what = `waiting for the validation records of domain ${CustomDomain}`;
  return request.poll({ what, every: POLL_MS, within: RECORDS_WITHIN_MS }, async () => {
    const found = await describe(request, client);
    if (found?.association.Status.toLowerCase() === 'create_failed') {
      throw new Error(`App Runner could not associate domain ${CustomDomain}`);
    }
    return found && isReady(found.association) ? found : undefined;
  });
}

/** @param {Request} request */
async function point(request) {
  const { CustomDomain, AppDNSName } = request.props;
  const zone = await applicationZone(request);
  if (!zone) {
    throw new Error(`no hosted zone named ${AppDNSName} exists`);
  }
  const client = new AppRunnerClient({});
  await associate(request, client);
  const { association, target } = await awaitRecords(request, client);
  await upsertRecords(request, entriesOf(request, zone, association, target), `Point ${CustomDomain} to its App Runner service`);
}

/**
 * All records of an association, in their zone.
 *
 * @param {Request} request
 * @param {import('./lib/route53.js').Zone} zone
 * @param {any} association
 * @param {string} target
 */
function entriesOf(request, zone, association, target) {
  const records = [cname(request.props.CustomDomain, target), ...validationRecords(association)];
  return records.map((record) => ({ zone, record }));
}

/**
 * Associates the domain with the service, after the end of a former association that is just ending.
 *
 * @param {Request} request
 * @param {AppRunnerClient} client
 */
async function associate(request, client) {
  const { ServiceARN, CustomDomain } = request.props;
  const command = new AssociateCustomDomainCommand({ DomainName: CustomDomain, ServiceArn: ServiceARN });
  try {
    await request.send(client, command);
  } catch (error) {
    // It may be associated with another service, too: then it is not found here.
    const found = await describe(request, client);
    if (found && isEnding(found.association)) {
      await awaitEnd(request, client);
      await request.send(client, command);
    } else {
      const { message = '' } = /** @type {Error} */ (error);
      if (!found || !message.includes(`${CustomDomain} is already associated with`)) {
        throw error;
      }
      return;
    }
  }
  request.begun = true;
}

/** @param {any} association */
function isEnding({ Status }) {
  return Status.toLowerCase() === 'deleting';
}

/**
 * @param {any} error
 * @param {string} domain
 */
function isGone(error, domain) {
  return (
    error?.name === 'ResourceNotFoundException' ||
    (error?.message ?? '').includes(`No custom domain ${domain} found for the provided service`)
  );
}

/**
 * What `ask` answers, or undefined where the association or the service is gone.
 *
 * @template T
 * @param {Request} request
 * @param {Promise<T>} asked
 * @returns {Promise<T | undefined>}
 */
async function unlessGone(request, asked) {
  try {
    return await asked;
  } catch (error) {
    if (isGone(error, request.props.CustomDomain)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Deletes the records of the association and begins to end it; false where there is none. The records come first: once the
 * association has ended nobody knows them, and a second try would leave them behind.
 *
 * @param {Request} request
 * @param {AppRunnerClient} client
 * @param {{ wait: boolean }} options whether to wait until the name servers know
 */
async function withdraw(request, client, options) {
  const { ServiceARN, CustomDomain } = request.props;
  const zone = await applicationZone(request);
  const found = await unlessGone(request, describe(request, client));
  if (!found) {
    return false;
  }
  if (zone) {
    const entries = entriesOf(request, zone, found.association, found.target);
    await deleteRecords(request, entries, `Stop pointing ${CustomDomain} to its App Runner service`, options);
  }
  if (!isEnding(found.association)) {
    const command = new DisassociateCustomDomainCommand({ DomainName: CustomDomain, ServiceArn: ServiceARN });
    await unlessGone(request, request.send(client, command));
  }
  return true;
}

/**
 * Waits until an association that is ending has ended.
 *
 * @param {Request} request
 * @param {AppRunnerClient} client
 */
async function awaitEnd(request, client) {
  const { CustomDomain } = request.props;
  await request.poll({ what: `waiting for domain ${CustomDomain} to be disassociated`, every: POLL_MS }, async () => {
    const found = await unlessGone(request, describe(request, client));
    if (found?.association.Status.toLowerCase() === 'delete_failed') {
      throw new Error(`fail to disassociate domain ${CustomDomain}: domain status is delete_failed`);
    }
    return found ? undefined : true;
  });
}

exports.handler = customResource({
  physicalId: ({ props }) => `/associate-domain-app-runner/${props.CustomDomain}`,
  create: point,
  remove: async (request) => {
    const client = new AppRunnerClient({});
    if (await withdraw(request, client, { wait: true })) {
      await awaitEnd(request, client);
    }
  },
  abandon: async (request) => {
    await withdraw(request, new AppRunnerClient({}), { wait: false });
  },
});
