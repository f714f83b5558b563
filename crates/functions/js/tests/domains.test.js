'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { aliasesOfWorkloads, listOf, parseAliases, sameName, sameNames, zoneNames, zoneOf } = require('../lib/domains.js');

const names = zoneNames({ env: 'test', app: 'shop', domain: 'example.com' });

for (const [alias, zone] of [
  ['test.shop.example.com', 'env'],
  ['api.test.shop.example.com', 'env'],
  ['*.test.shop.example.com', 'env'],
  ['API.Test.Shop.Example.com.', 'env'],
  ['shop.example.com', 'app'],
  ['www.shop.example.com', 'app'],
  ['prod.shop.example.com', 'app'],
  ['example.com', 'root'],
  ['www.example.com', 'root'],
  ['v1.api.test.shop.example.com', undefined],
  ['www.example.com.au', undefined],
  ['example.org', undefined],
  ['www.exampleXcom', undefined],
  ['notexample.com', undefined],
  ['com', undefined],
]) {
  test(`${alias} lies in ${zone ?? 'no zone'}`, () => assert.equal(zoneOf(alias, names), zone));
}

test('names compare without case, last dot and the escape of the wildcard', () => {
  assert.ok(sameName('\\052.Example.com.', '*.example.com'));
  assert.ok(!sameName('a.example.com', 'b.example.com'));
  assert.ok(!sameName(undefined, undefined));
});

test('lists of names compare as sets', () => {
  assert.ok(sameNames(['b', 'a.'], ['A', 'b', 'b']));
  assert.ok(!sameNames(['a'], ['a', 'b']));
  assert.ok(sameNames([], []));
});

test('a list may be text', () => {
  assert.deepEqual(listOf(['a', 'b']), ['a', 'b']);
  assert.deepEqual(listOf('a, b,'), ['a', 'b']);
  for (const nothing of [undefined, null, '', [], {}, 7]) {
    assert.deepEqual(listOf(nothing), []);
  }
});

test('aliases of workloads are read from JSON text', () => {
  assert.deepEqual(aliasesOfWorkloads('{"a":["x","y"],"b":["y","z"]}'), ['x', 'y', 'z']);
  assert.deepEqual(aliasesOfWorkloads('{"a":"x, y","b":null}'), ['x', 'y']);
  assert.deepEqual(aliasesOfWorkloads(''), []);
  assert.deepEqual(aliasesOfWorkloads(undefined), []);
  for (const bad of ['{', '[]', 'null', '"x"', '1']) {
    assert.throws(() => parseAliases(bad), /the aliases are not/);
  }
});
