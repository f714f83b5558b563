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
async function associate(request) {
  const { ServiceARN, CustomDomain, AppDNSName } = request.props;
  const zone = await applicationZone(request);
  if (!zone) {
    throw new Error(`no hosted zone named ${AppDNSName} exists`);
  }
  const client = new AppRunnerClient({});
  try {
    const command = new AssociateCustomDomainCommand({ DomainName: CustomDomain, ServiceArn: ServiceARN });
    await request.send(client, command);
  } catch (error) {
    // It may be associated with another service, too: then it is not found below.
    const { message = '' } = /** @type {Error} */ (error);
    if (!message.includes(`${CustomDomain} is already associated with`) || !(await describe(request, client))) {
      throw error;
    }
  }
  const { association, target } = await awaitRecords(request, client);
  const records = [cname(CustomDomain, target), ...validationRecords(association)];
  const entries = records.map((record) => ({ zone, record }));
  await upsertRecords(request, entries, `Point ${CustomDomain} to its App Runner service`);
}

/**
 * What the association looked like when it was asked to end, or undefined where there is none.
 *
 * @param {Request} request
 * @param {AppRunnerClient} client
 */
async function disassociate(request, client) {
  const { ServiceARN, CustomDomain } = request.props;
  try {
    const command = new DisassociateCustomDomainCommand({ DomainName: CustomDomain, ServiceArn: ServiceARN });
    const { CustomDomain: association, DNSTarget: target } = await request.send(client, command);
    return { association, target };
  } catch (error) {
    if (isGone(error, CustomDomain)) {
      return undefined;
    }
    throw error;
  }
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

/** @param {Request} request */
async function remove(request) {
  const { CustomDomain } = request.props;
  const client = new AppRunnerClient({});
  const ended = await disassociate(request, client);
  if (!ended) {
    return;
  }
  const zone = await applicationZone(request);
  if (zone) {
    const records = [cname(CustomDomain, ended.target), ...validationRecords(ended.association)];
    const entries = records.map((record) => ({ zone, record }));
    await deleteRecords(request, entries, `Stop pointing ${CustomDomain} to its App Runner service`);
  }
  await request.poll({ what: `waiting for domain ${CustomDomain} to be disassociated`, every: POLL_MS }, async () => {
    const found = await describe(request, client).catch((error) => {
      if (isGone(error, CustomDomain)) {
        return undefined;
      }
      throw error;
    });
    if (found?.association.Status.toLowerCase() === 'delete_failed') {
      throw new Error(`fail to disassociate domain ${CustomDomain}: domain status is delete_failed`);
    }
    return found ? undefined : true;
  });
}

exports.handler = customResource({
  physicalId: ({ props }) => `/associate-domain-app-runner/${props.CustomDomain}`,
  create: associate,
  remove,
});
