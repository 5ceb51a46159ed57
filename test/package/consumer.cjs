// The same as consumer.mjs by require.
const assert = require('node:assert/strict');
const { createMaster, resources } = require('proffer');
const { add, resources: sameResources, Resources } = require('proffer/resources');

assert.equal(resources, sameResources, 'sub-paths share their functions');
assert.ok(resources('cpus:1') instanceof Resources, 'and their classes');
assert.equal(String(add(resources('cpus:1'), resources('cpus:2'))), 'cpus:3');
assert.equal(typeof createMaster, 'function');
