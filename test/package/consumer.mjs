// Run in a folder where only the packed package and its dependencies are installed.
import assert from 'node:assert/strict';
import { createMaster, resources } from 'proffer';
import { add, resources as sameResources, Resources } from 'proffer/resources';

assert.equal(resources, sameResources, 'sub-paths share their functions');
assert.ok(resources('cpus:1') instanceof Resources, 'and their classes');
assert.equal(String(add(resources('cpus:1'), resources('cpus:2'))), 'cpus:3');
assert.equal(typeof createMaster, 'function');
