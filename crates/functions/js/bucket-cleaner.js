'use strict';

const { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } = require('@aws-sdk/client-s3');
const { customResource } = require('./lib/custom-resource.js');

const MISSING = new Set(['NoSuchBucket', 'NotFound', 'ResourceNotFoundException']);

/**
 * Deletes every version of every object, page by page.
 *
 * @param {import('./lib/custom-resource.js').Request} request
 * @returns {Promise<boolean>} whether there was nothing to delete
 */
async function sweep(request) {
  const client = new S3Client({});
  const input = { Bucket: request.props.BucketName };
  const tokens = { NextKeyMarker: 'KeyMarker', NextVersionIdMarker: 'VersionIdMarker' };
  let found = false;
  for await (const page of request.pages(client, ListObjectVersionsCommand, input, tokens)) {
    const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (objects.length > 0) {
      found = true;
      await deleteObjects(request, client, objects);
    }
  }
  return !found;
}

/**
 * @param {import('./lib/custom-resource.js').Request} request
 * @param {S3Client} client
 * @param {any[]} objects at most 1000, as many as a page has
 */
async function deleteObjects(request, client, objects) {
  const command = new DeleteObjectsCommand({
    Bucket: request.props.BucketName,
    Delete: { Objects: objects.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
  });
  const { Errors: errors = [] } = await request.send(client, command);
  if (errors.length > 0) {
    const [{ Key, Message }] = errors;
    throw new Error(
      `${errors.length}/${objects.length} objects failed to delete\nfirst failed on key "${Key}": ${Message}`,
    );
  }
}

exports.handler = customResource({
  physicalId: ({ logicalId }) => `bucket-cleaner-${logicalId}`,
  create: () => {},
  remove: async (request) => {
    request.doing(`emptying bucket ${request.props.BucketName}`);
    try {
      // Access logs may arrive while the bucket is being emptied, hence one more look.
      while (!(await sweep(request)));
    } catch (error) {
      if (!MISSING.has(/** @type {any} */ (error)?.name)) {
        throw error;
      }
    }
  },
});
