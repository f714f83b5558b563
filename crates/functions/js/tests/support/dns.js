'use strict';

// A Route 53 of two accounts that behaves as the real one where the functions depend on it.

const { answer, awsError } = require('./sdk.js');

const reversed = (name) => name.replace(/\.$/, '').split('.').reverse().join('.');
const dotted = (name) => `${name.replace(/\.$/, '')}.`.toLowerCase();
const key = ({ Name, Type }) => `${dotted(Name)} ${Type}`;

class FakeDns {
  /**
   * @param {{ id: string, name: string, role?: string, private?: boolean, records?: any[] }[]} zones `role`: the role
   *   through which the zone is reached, none for zones of the own account
   */
  constructor(zones) {
    this.zones = zones.map((zone) => ({
      ...zone,
      records: new Map((zone.records ?? []).map((r) => [key(r), { ...r, Name: dotted(r.Name) }])),
    }));
    this.pending = new Map();
    this.batches = 0;
    /** How often a change is asked for before it is in sync. */
    this.lag = 2;
    /** How many zones a page of the list has. */
    this.pageSize = 100;
    answer({
      ListHostedZonesByName: (input, who) => this.listZones(input, who),
      ListResourceRecordSets: (input, who) => this.listRecords(input, who),
      ChangeResourceRecordSets: (input, who) => this.change(input, who),
      GetChange: (input) => this.getChange(input),
    });
  }

  /** `name type` of every record of a zone. */
  names(id) {
    return [...this.zones.find((zone) => zone.id === id).records.keys()].sort();
  }

  record(id, name, type) {
    return this.zones.find((zone) => zone.id === id).records.get(key({ Name: name, Type: type }));
  }

  all() {
    return this.zones.flatMap((zone) => [...zone.records.values()]);
  }

  listZones({ DNSName, HostedZoneId }, { role }) {
    const order = (zone) => [reversed(zone.name), HostedZoneId ? zone.id : ''].join(' ');
    const from = order({ name: DNSName, id: HostedZoneId ?? '' });
    const found = this.zones
      .filter((zone) => zone.role === role && order(zone) >= from)
      .sort((a, b) => (`${reversed(a.name)} ${a.id}` < `${reversed(b.name)} ${b.id}` ? -1 : 1));
    const [zones, next] = [found.slice(0, this.pageSize), found[this.pageSize]];
    return {
      IsTruncated: next !== undefined,
      NextDNSName: next?.name,
      NextHostedZoneId: next?.id,
      HostedZones: zones.map((zone) => ({
        Id: `/hostedzone/${zone.id}`,
        Name: dotted(zone.name),
        Config: { PrivateZone: zone.private ?? false },
      })),
    };
  }

  open(id, role) {
    const zone = this.zones.find((candidate) => candidate.id === id && !candidate.gone);
    if (!zone) {
      throw awsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
    }
    if (zone.role !== role) {
      throw awsError('AccessDenied', `not authorized on ${id} as ${role}`, 403);
    }
    return zone;
  }

  listRecords({ HostedZoneId, StartRecordName, StartRecordType, MaxItems }, { role }) {
    const order = (r) => `${reversed(r.Name.replaceAll('*', '\\052'))} ${r.Type}`;
    const from = order({ Name: dotted(StartRecordName), Type: StartRecordType });
    const sets = [...this.open(HostedZoneId, role).records.values()]
      .filter((record) => order(record) >= from)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1))
      .map((record) => ({ ...record, Name: record.Name.replaceAll('*', '\\052') }));
    return { ResourceRecordSets: sets.slice(0, MaxItems), IsTruncated: sets.length > MaxItems };
  }

  change({ HostedZoneId, ChangeBatch }, { role }) {
    const zone = this.open(HostedZoneId, role);
    const seen = new Set();
    const next = new Map(zone.records);
    for (const { Action, ResourceRecordSet: set } of ChangeBatch.Changes) {
      const name = key(set);
      if (!dotted(set.Name).endsWith(dotted(zone.name))) {
        throw awsError('InvalidChangeBatch', `[RRSet with DNS name ${set.Name} is not permitted in zone ${zone.name}]`);
      }
      if (seen.has(name)) {
        throw awsError('InvalidChangeBatch', `[The request contains an invalid set of changes: duplicate ${name}]`);
      }
      seen.add(name);
      if (Action === 'DELETE') {
        const found = next.get(name);
        const what = `Tried to delete resource record set [name='${set.Name}', type='${set.Type}']`;
        if (!found) {
          throw awsError('InvalidChangeBatch', `[${what} but it was not found]`);
        }
        if (JSON.stringify({ ...found, Name: '' }) !== JSON.stringify({ ...set, Name: '' })) {
          throw awsError('InvalidChangeBatch', `[${what} but the values provided do not match the current values]`);
        }
        next.delete(name);
      } else {
        next.set(name, { ...set, Name: dotted(set.Name) });
      }
    }
    zone.records = next;
    this.batches += 1;
    const id = `/change/C${this.batches}`;
    this.pending.set(id, this.lag);
    return { ChangeInfo: { Id: id, Status: 'PENDING' } };
  }

  getChange({ Id }) {
    const left = this.pending.get(Id) - 1;
    this.pending.set(Id, left);
    return { ChangeInfo: { Id, Status: left > 0 ? 'PENDING' : 'INSYNC' } };
  }
}

module.exports = { FakeDns };
