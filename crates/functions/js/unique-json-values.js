'use strict';

const { customResource } = require('./lib/custom-resource.js');
const { listOf, parseAliases } = require('./lib/domains.js');

exports.handler = customResource({
  physicalId: ({ existingId, logicalId }) => existingId ?? logicalId,
  create: ({ props: { Aliases, FilterFor = '', AdditionalStrings } }) => {
    const workloads = new Set(FilterFor.split(','));
    const aliases = Object.entries(parseAliases(Aliases))
      .filter(([workload]) => workloads.has(workload))
      .flatMap(([, values]) => listOf(values));
    return { UniqueValues: [...new Set([...aliases, ...listOf(AdditionalStrings)])].sort() };
  },
});
