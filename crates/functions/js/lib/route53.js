'use strict';

const {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} = require('@aws-sdk/client-route-53');
const { fromTemporaryCredentials } = require('@aws-sdk/credential-providers');
const { ZONE, normalize, sameName, zoneNames } = require('./domains.js');

const MAX_CHANGES_PER_BATCH = 100;
const SYNC_POLL_MS = 10_000;
const SYNC_WITHIN_MS = 300_000;

/** @returns {Route53Client} for the zones of the account the function runs in */
function ownRoute53() {
  return new Route53Client({});
}

/**
 * For the zones of the application's account.
 *
 * @param {string} roleArn
 */
function delegatedRoute53(roleArn) {
  return new Route53Client({ credentials: fromTemporaryCredentials({ params: { RoleArn: roleArn } }) });
}

/**
 * Id of the public hosted zone with exactly this name, or undefined.
 *
 * @param {import('./run.js').Run} run
 * @param {Route53Client} client
 * @param {string} name
 */
async function findZone(run, client, name) {
  const tokens = { NextDNSName: 'DNSName', NextHostedZoneId: 'HostedZoneId' };
  for await (const { HostedZones = [] } of run.pages(client, ListHostedZonesByNameCommand, { DNSName: name }, tokens)) {
    // Zones of one name follow each other, and those with the name that was asked for come first.
    for (const { Id, Name, Config } of HostedZones) {
      if (!sameName(Name, name)) {
        return undefined;
      }
      if (!Config?.PrivateZone) {
        return Id.replace(/^\/hostedzone\//, '');
      }
    }
  }
  return undefined;
}

/**
 * A hosted zone with the client that may change it.
 *
 * @typedef {{ client: Route53Client, id: string }} Zone
 */

/** The zones of one environment: its own, and the application's and the root one in the application's account. */
class Zones {
  /** @type {Map<string, Zone | undefined>} */
  #found = new Map();
  #run;
  #delegated;

  /**
   * @param {import('./run.js').Run} run
   * @param {{ env: string, app: string, domain: string, envZoneId?: string, roleArn: string }} where without
   *   `envZoneId` the environment's zone is looked up by its name
   */
  constructor(run, { env, app, domain, envZoneId, roleArn }) {
    this.#run = run;
    this.names = zoneNames({ env, app, domain });
    this.own = ownRoute53();
    this.#delegated = delegatedRoute53(roleArn);
    if (envZoneId) {
      this.#found.set(ZONE.ENV, { client: this.own, id: envZoneId });
    }
  }

  /**
   * @param {string} kind one of `ZONE`
   * @returns {Promise<Zone | undefined>} undefined where the zone does not exist
   */
  async find(kind) {
    if (!this.#found.has(kind)) {
      const client = kind === ZONE.ENV ? this.own : this.#delegated;
      const id = await findZone(this.#run, client, this.names[kind]);
      this.#found.set(kind, id && { client, id });
    }
    return this.#found.get(kind);
  }

  /**
   * @param {string} kind one of `ZONE`
   * @returns {Promise<Zone>}
   */
  async get(kind) {
    const zone = await this.find(kind);
    if (!zone) {
      throw new Error(`no hosted zone named ${this.names[kind]} exists`);
    }
    return zone;
  }
}

/**
 * Writes records over what is there and waits until all name servers know them.
 *
 * @param {import('./run.js').Run} run
 * @param {{ zone: Zone, record: any }[]} entries
 * @param {string} comment
 */
async function upsertRecords(run, entries, comment) {
  /** @type {Map<Zone, any[]>} */
  const byZone = new Map();
  for (const { zone, record } of distinct(entries)) {
    byZone.set(zone, [...(byZone.get(zone) ?? []), record]);
  }
  const changes = [];
  for (const [zone, records] of byZone) {
    for (let at = 0; at < records.length; at += MAX_CHANGES_PER_BATCH) {
      const batch = records.slice(at, at + MAX_CHANGES_PER_BATCH);
      changes.push(await change(run, zone, 'UPSERT', batch, comment));
    }
  }
  await waitInSync(run, changes);
}

/**
 * Deletes records, each on its own since a batch fails as a whole, and waits until all name servers know.
 * Records that are gone or hold something else by now are left as they are, as is a zone that is gone.
 *
 * @param {import('./run.js').Run} run
 * @param {{ zone: Zone, record: any }[]} entries
 * @param {string} comment
 * @param {{ wait: boolean }} [options] without `wait`, the name servers learn of it later
 */
async function deleteRecords(run, entries, comment, { wait } = { wait: true }) {
  const changes = [];
  for (const { zone, record } of distinct(entries)) {
    try {
      changes.push(await change(run, zone, 'DELETE', [record], comment));
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
    }
  }
  if (wait) {
    await waitInSync(run, changes);
  }
}

/** @param {any} error */
function isGone(error) {
  return (
    error?.name === 'NoSuchHostedZone' ||
    /Tried to delete resource record set.*(but it was not found|but the values provided do not match)/s.test(
      error?.message ?? '',
    )
  );
}

/** @param {{ zone: Zone, record: any }[]} entries */
function distinct(entries) {
  const keyed = entries.map((entry) => /** @type {[string, typeof entry]} */ ([
    JSON.stringify([entry.zone.id, entry.record]),
    entry,
  ]));
  return [...new Map(keyed).values()];
}

/**
 * @param {import('./run.js').Run} run
 * @param {Zone} zone
 * @param {'UPSERT' | 'DELETE'} action
 * @param {any[]} records
 * @param {string} comment
 */
async function change(run, zone, action, records, comment) {
  run.doing(`changing records in hosted zone ${zone.id}`);
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: zone.id,
    ChangeBatch: {
      Comment: comment,
      Changes: records.map((record) => ({ Action: action, ResourceRecordSet: record })),
    },
  });
  const { ChangeInfo } = await run.send(zone.client, command);
  return { client: zone.client, id: ChangeInfo.Id };
}

/**
 * @param {import('./run.js').Run} run
 * @param {{ client: Route53Client, id: string }[]} changes
 */
async function waitInSync(run, changes) {
  for (const { client, id } of changes) {
    const what = `waiting for DNS change ${id}`;
    await run.poll({ what, every: SYNC_POLL_MS, within: SYNC_WITHIN_MS }, async () => {
      const { ChangeInfo } = await run.send(client, new GetChangeCommand({ Id: id }));
      return ChangeInfo.Status === 'INSYNC' || undefined;
    });
  }
}

/**
 * The record set with exactly this name and type, or undefined.
 *
 * @param {import('./run.js').Run} run
 * @param {Zone} zone
 * @param {string} name
 * @param {'A' | 'NS'} type
 */
async function findRecord(run, zone, name, type) {
  const command = new ListResourceRecordSetsCommand({
    HostedZoneId: zone.id,
    StartRecordName: name,
    StartRecordType: type,
    MaxItems: 1,
  });
  const { ResourceRecordSets = [] } = await run.send(zone.client, command);
  return ResourceRecordSets.find((/** @type {any} */ set) => sameName(set.Name, name) && set.Type === type);
}

/**
 * Alias record from a domain to a load balancer or a distribution. A distribution has no health to evaluate, but what
 * wrote the records of deployed stacks said so all the same, and a record is deleted only by what equals it.
 *
 * @param {string} name
 * @param {{ dns: string, zoneId: string }} target
 */
function aliasRecord(name, { dns, zoneId }) {
  return {
    Name: normalize(name),
    Type: 'A',
    AliasTarget: { DNSName: dns, HostedZoneId: zoneId, EvaluateTargetHealth: true },
  };
}

/**
 * Deletes the alias records of `aliases` that point to one of `targets`, whatever else they hold.
 *
 * @param {import('./run.js').Run} run
 * @param {{ zone: Zone, alias: string }[]} aliases
 * @param {(string | undefined)[]} targets DNS names
 */
async function deleteAliases(run, aliases, targets) {
  const entries = [];
  for (const { zone, alias } of aliases) {
    const record = await findRecord(run, zone, alias, 'A').catch((error) => {
      if (isGone(error)) {
        return undefined;
      }
      throw error;
    });
    if (targets.some((target) => sameName(record?.AliasTarget?.DNSName, target))) {
      entries.push({ zone, record });
    }
  }
  await deleteRecords(run, entries, 'Delete the records of aliases that are no longer used');
}

module.exports = {
  Zones,
  aliasRecord,
  delegatedRoute53,
  deleteAliases,
  deleteRecords,
  findRecord,
  findZone,
  isGone,
  upsertRecords,
};
