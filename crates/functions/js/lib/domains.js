'use strict';

/** The three hosted zones that an alias may lie in. */
const ZONE = Object.freeze({ ENV: 'env', APP: 'app', ROOT: 'root' });

/** Time to live of the records that prove or delegate a domain, in seconds. */
const TTL_SECONDS = 60;

/**
 * Lower case, without the dot at the end and with Route 53's escape of the wildcard undone, so that two
 * spellings of one name compare equal.
 *
 * @param {string} name
 */
function normalize(name) {
  return name.toLowerCase().replaceAll('\\052', '*').replace(/\.$/, '');
}

/**
 * @param {string | undefined} a
 * @param {string | undefined} b
 */
function sameName(a, b) {
  return a !== undefined && b !== undefined && normalize(a) === normalize(b);
}

/**
 * Names of the zones of an environment.
 *
 * @param {{ env: string, app: string, domain: string }} names `domain` is the application's domain
 * @returns {Record<string, string>}
 */
function zoneNames({ env, app, domain }) {
  return {
    [ZONE.ENV]: `${env}.${app}.${domain}`,
    [ZONE.APP]: `${app}.${domain}`,
    [ZONE.ROOT]: domain,
  };
}

/**
 * The innermost zone of which `alias` is the apex or a direct child, or undefined.
 *
 * @param {string} alias
 * @param {Record<string, string>} names see `zoneNames`
 */
function zoneOf(alias, names) {
  const name = normalize(alias);
  const parent = name.slice(name.indexOf('.') + 1);
  return [ZONE.ENV, ZONE.APP, ZONE.ROOT].find((zone) => {
    const apex = normalize(names[zone]);
    return name === apex || parent === apex;
  });
}

/**
 * The distinct aliases in the environment's `Aliases` parameter: JSON text of a map from workload to
 * list of aliases, or nothing.
 *
 * @param {string | undefined} text
 * @returns {string[]}
 */
function aliasesOfWorkloads(text) {
  return [...new Set(Object.values(parseAliases(text)).flatMap(listOf))];
}

/**
 * Names that are given as a list, or as text with commas between them.
 *
 * @param {unknown} given
 * @returns {string[]}
 */
function listOf(given) {
  const names = typeof given === 'string' ? given.split(',') : Array.isArray(given) ? given : [];
  return names.map((name) => String(name).trim()).filter(Boolean);
}

/**
 * @param {string | undefined} text
 * @returns {Record<string, string[] | string>}
 */
function parseAliases(text) {
  if (!text) {
    return {};
  }
  let map;
  try {
    map = JSON.parse(text);
  } catch {
    throw new Error(`the aliases are not JSON: ${text}`);
  }
  if (map === null || typeof map !== 'object' || Array.isArray(map)) {
    throw new Error(`the aliases are not a map from workload to aliases: ${text}`);
  }
  return map;
}

/**
 * Whether two lists hold the same names, in any order.
 *
 * @param {string[]} a
 * @param {string[]} b
 */
function sameNames(a, b) {
  const [left, right] = [new Set(a.map(normalize)), new Set(b.map(normalize))];
  return left.size === right.size && [...left].every((name) => right.has(name));
}

module.exports = {
  TTL_SECONDS,
  ZONE,
  aliasesOfWorkloads,
  listOf,
  normalize,
  parseAliases,
  sameName,
  sameNames,
  zoneNames,
  zoneOf,
};
