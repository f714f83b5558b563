'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { answer, awsError, calls, inputs, invoke, never } = require('./support/index.js');
const { handler } = require('../bucket-cleaner.js');

const ResourceProperties = { BucketName: 'logs' };
const remove = () => invoke(handler, { RequestType: 'Delete', PhysicalResourceId: 'bucket-cleaner-Action', ResourceProperties });

/** A bucket with pages of two versions. `DeleteMarkers` and `Versions` are left out where empty, as by the SDK. */
function bucket(versions, { late = [] } = {}) {
  const left = [...versions];
  answer({
    ListObjectVersions: ({ KeyMarker }) => {
      const at = KeyMarker ? left.findIndex((v) => v.Key > KeyMarker) : 0;
      const rest = at < 0 ? [] : left.slice(at);
      const page = rest.slice(0, 2);
      const kinds = {
        Versions: page.filter((v) => !v.marker),
        DeleteMarkers: page.filter((v) => v.marker),
      };
      const more = rest.length > 2;
      return {
        ...Object.fromEntries(Object.entries(kinds).filter(([, list]) => list.length > 0)),
        IsTruncated: more,
        ...(more ? { NextKeyMarker: page.at(-1).Key, NextVersionIdMarker: page.at(-1).VersionId } : {}),
      };
    },
    DeleteObjects: ({ Delete: { Objects, Quiet } }) => {
      assert.ok(Quiet);
      for (const { Key, VersionId } of Objects) {
        left.splice(left.findIndex((v) => v.Key === Key && v.VersionId === VersionId), 1);
      }
      left.push(...late.splice(0));
      return {};
    },
  });
  return left;
}

const version = (Key, marker = false) => ({ Key, VersionId: `v-${Key}`, marker });

test('deletion removes all versions and delete markers of all pages', async () => {
  const left = bucket([version('a'), version('b', true), version('c'), version('d'), version('e', true)]);
  const { Status, PhysicalResourceId } = await remove();
  assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'bucket-cleaner-Action']);
  assert.deepEqual(left, []);
  assert.equal(inputs('DeleteObjects').length, 3);
});

test('what arrives in the meantime is deleted, too', async () => {
  const left = bucket([version('b')], { late: [version('a')] });
  assert.equal((await remove()).Status, 'SUCCESS');
  assert.deepEqual(left, []);
});

test('an empty bucket is fine', async () => {
  bucket([]);
  assert.equal((await remove()).Status, 'SUCCESS');
  assert.equal(inputs('DeleteObjects').length, 0);
});

for (const name of ['NoSuchBucket', 'NotFound']) {
  test(`a bucket that is gone (${name}) is fine`, async () => {
    answer({ ListObjectVersions: awsError(name, 'The specified bucket does not exist', 404) });
    assert.equal((await remove()).Status, 'SUCCESS');
  });
}

test('an object that can not be deleted is a failure', async () => {
  bucket([version('a'), version('b')]);
  answer({ DeleteObjects: { Errors: [{ Key: 'b', Message: 'Access Denied' }] } });
  const { Status, Reason } = await remove();
  assert.equal(Status, 'FAILED');
  assert.match(Reason, /^1\/2 objects failed to delete\nfirst failed on key "b": Access Denied/);
});

test('a bucket that may not be listed is a failure', async () => {
  answer({ ListObjectVersions: awsError('AccessDenied', 'Access Denied', 403) });
  assert.match((await remove()).Reason, /^Access Denied/);
});

test('time running out is a failure', async () => {
  answer({ ListObjectVersions: never });
  assert.match((await remove()).Reason, /still emptying bucket logs/);
});

for (const RequestType of ['Create', 'Update']) {
  test(`${RequestType} touches nothing`, async () => {
    const { Status, PhysicalResourceId } = await invoke(handler, { RequestType, ResourceProperties });
    assert.deepEqual([Status, PhysicalResourceId, calls.length], ['SUCCESS', 'bucket-cleaner-Action', 0]);
  });
}
