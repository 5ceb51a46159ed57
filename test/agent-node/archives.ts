/** Archives made by hand: those that no well-meaning program makes, too. */

/** Something in an archive: a file with text, or a link to somewhere. */
export interface Member {
  readonly name: string;
  readonly text?: string;
  readonly link?: string;
  /** Default 0o644. */
  readonly mode?: number;
}

const block = 512;

/** A tar archive. */
export function tarOf(...members: readonly Member[]): Uint8Array {
  return Buffer.concat([...members.map(tarMember), Buffer.alloc(2 * block)]);
}

function tarMember({ name, text = '', link, mode = 0o644 }: Member): Uint8Array {
  const header = Buffer.alloc(block);
  const body = Buffer.from(link === undefined ? text : '');
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(mode, 7) + octal(0, 7) + octal(0, 7) + octal(body.length, 11) + octal(1_700_000_000, 11), 100);
  header.write(' '.repeat(8), 148);
  header.write(link === undefined ? '0' : '2', 156);
  header.write(link ?? '', 157);
  header.write('ustar\x0000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  return Buffer.concat([header, body, Buffer.alloc((block - (body.length % block)) % block)]);
}

/** A zip archive in which nothing is compressed. */
export function zipOf(...members: readonly Member[]): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, text, link, mode = 0o644 } of members) {
    const [body, label] = [Buffer.from(link ?? text ?? ''), Buffer.from(name)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(label.length, 22);
    local.push(Buffer.from('PK\x03\x04', 'latin1'), common, label, body);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((link === undefined ? 0o100_000 : 0o120_000) + mode) * 0x1_0000, 6);
    rest.writeUInt32LE(offset, 10);
    // Made on Unix: what follows has its permissions.
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, label);
    offset += 30 + label.length + body.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb8_8320 : 0);
  }
  return (sum ^ 0xffff_ffff) >>> 0;
}
