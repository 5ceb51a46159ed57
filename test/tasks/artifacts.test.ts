import { describe, expect, it } from 'vitest';
import { archiveKind, artifactName, validateArtifacts, type Artifact } from '../../src/tasks/index.js';

describe('artifactName', () => {
  it.each<[Artifact, string]>([
    [{ path: 'a' }, 'a'],
    [{ path: '/a/b c' }, 'b c'],
    [{ path: '/a/b?c#d' }, 'b?c#d'],
    [{ path: '/a/' }, ''],
    [{ path: 'a', name: 'b' }, 'b'],
    [{ url: 'http://h/a/b.tgz' }, 'b.tgz'],
    [{ url: 'http://h/a/b%2Fc' }, 'b%2Fc'],
    [{ url: 'http://h/b?from=/c/d#/e' }, 'b'],
    [{ url: 'http://h' }, ''],
    [{ url: 'http://h?a=/b' }, ''],
    [{ url: 'file:///a/b' }, 'b'],
    [{}, ''],
  ])('of %o is %j', (artifact, name) => {
    expect(artifactName(artifact)).toBe(name);
  });
});

describe('archiveKind', () => {
  it.each([
    ['a.tar', 'tar'],
    ['a.tar.gz', 'tar'],
    ['a.TGZ', 'tar'],
    ['a.tar.bz2', 'tar'],
    ['a.b.tar.xz', 'tar'],
    ['a.zip', 'zip'],
    ['a.gz', undefined],
    ['tar', undefined],
    ['a.tar.gz.sig', undefined],
  ])('of %s is %s', (name, kind) => {
    expect(archiveKind(name)).toBe(kind);
  });
});

describe('validateArtifacts', () => {
  it.each<[readonly Artifact[], string]>([
    [[{}], 'artifacts[0]'],
    [[{ path: 'a' }, { path: '' }], 'artifacts[1].path'],
    [[{ url: 'x' }], 'artifacts[0].url'],
    [[{ path: 'a', name: '/' }], 'artifacts[0].name'],
    [[{ path: 'a', extract: true }], 'artifacts[0].extract'],
    [[{ path: 'a', sha256: '' }], 'artifacts[0].sha256'],
    [[{ path: 'a' }, { path: 'b', name: 'a' }], 'artifacts[1].name'],
  ])('says where %o is wrong', (artifacts, path) => {
    expect(validateArtifacts(artifacts, 'artifacts')).toMatchObject({ code: 'bad-artifact', path });
  });

  it('is content with none', () => {
    expect(validateArtifacts(undefined, 'artifacts')).toBeUndefined();
    expect(validateArtifacts([], 'artifacts')).toBeUndefined();
  });
});
